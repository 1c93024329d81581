"""The table of operations, the routes and the answers say the same."""

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from jsonschema import Draft202012Validator
from litestar import Litestar

from app.problems import PROBLEMS
from app.refusals import _BY_STATUS
from app.rest import openapi
from app.rest.hot import _PARTS
from app.rest.operation import Operation
from app.rest.operations import OPERATIONS
from app.settings import Settings
from projections.database import Pool
from projections.redis import Redis
from tests.api import ladder
from tests.fixtures_service import READ, Service, running
from tests.messages import exception_raised, milestone, order_released, shipment_planned
from tests.papers import PAPER_SCOPES, bring, document_id, invoice_id

ROOT = Path(__file__).parents[2]
# What is no operation of the API: its own description, the embedded issuer, whose metadata describes it, and figures
# in Prometheus' own format.
BESIDE = {
    "/metrics",
    *("/", "/docs", "/docs/problems", "/openapi.json"),
    *("/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/authorize", "/oauth/jwks.json"),
    *("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"),
}
DOCUMENT = openapi.document()
BY_ID = {operation.id: operation for operation in OPERATIONS}

# For each read: a question that is answered, and one that is refused with this status.
ASKED = {
    "listShipments": ("/v1/shipments?limit=1", "/v1/shipments?limit=x", 400),
    "getShipment": (f"/v1/shipments/{ladder.SHIPMENT}", f"/v1/shipments/{ladder.NO_SHIPMENT}", 404),
    "getShipmentMilestones": (f"/v1/shipments/{ladder.SHIPMENT}/milestones", "/v1/shipments/x/milestones", 404),
    "getShipmentProvenance": (
        f"/v1/shipments/{ladder.SHIPMENT}/provenance",
        f"/v1/shipments/{ladder.NO_SHIPMENT}/provenance",
        404,
    ),
    "getShipmentPromises": (f"/v1/shipments/{ladder.SHIPMENT}/promises", "/v1/shipments/x/promises", 404),
    "getPerformance": ("/v1/performance", "/v1/performance?delivered_before=never", 400),
    "listOrders": ("/v1/orders", "/v1/orders?cursor=x", 400),
    "getOrder": (f"/v1/orders/{ladder.ORDER}", f"/v1/orders/{ladder.ORDER}?x=1", 400),
    "lookUp": ("/v1/lookup?reference=PRO-S-1", "/v1/lookup", 400),
    "listExceptions": ("/v1/exceptions", "/v1/exceptions?limit=0", 400),
    "getCard": (f"/v1/cards/{ladder.SHIPMENT}", f"/v1/cards/{ladder.NO_SHIPMENT}", 404),
    "listShares": ("/v1/shares", "/v1/shares?cursor=x", 400),
    "listShipmentDocuments": (f"/v1/shipments/{ladder.SHIPMENT}/documents", "/v1/shipments/x/documents", 404),
    "getDocument": (f"/v1/documents/{document_id()}", "/v1/documents/x", 404),
    "listInvoices": ("/v1/invoices", "/v1/invoices?limit=x", 400),
    "getInvoice": (f"/v1/invoices/{invoice_id()}", "/v1/invoices/x", 404),
    "listShipmentCharges": (f"/v1/shipments/{ladder.SHIPMENT}/charges", "/v1/shipments/x/charges", 404),
    "listOrderCharges": (f"/v1/orders/{ladder.ORDER}/charges", "/v1/orders/x/charges", 404),
}
# All that those in it take.
SCOPES = (*PAPER_SCOPES, "cards:read", "shares:manage")
# Asked in tests/api/test_document*.py: files go in and out, and a link is made.
FILES = {"getDocumentContent", "openDocumentLink", "putDocumentContent", "createDocumentLink"}


def routes(app: Litestar) -> set[tuple[str, str]]:
    """Every method and path there is, those of documents included, which are answered before Litestar."""
    plain = {
        (method.lower(), re.sub(r":[a-z]+\}", "}", route.path))
        for route in app.routes
        if route.path not in BESIDE
        for method in getattr(route, "methods", ())
        if method not in ("HEAD", "OPTIONS")
    }
    documents = {
        ("get", f"/v1/{kind}s/{{id}}{f'/{part}' if part else ''}") for kind, parts in _PARTS.items() for part in parts
    }
    cards = {("get", "/v1/cards/{shipment_id}")}
    return plain | documents | cards | {("get", f"/v1/{kind}s") for kind in _PARTS}


def test_every_route_is_an_operation_and_every_operation_a_route(world: Service):
    app = world.portal._app
    while not isinstance(app, Litestar):
        app = app._app
    assert routes(app) == {(operation.method, operation.path) for operation in OPERATIONS}


def conforming(operation: Operation, answer: httpx.Response) -> Any:
    """The answer's body, which is as described: its status, its media type, every field of it and no other."""
    described = DOCUMENT["paths"][operation.path][operation.method]["responses"]
    assert str(answer.status_code) in described, (operation.id, answer.status_code, answer.text)
    schema = described[str(answer.status_code)]["content"][answer.headers["content-type"]]["schema"]
    body = answer.json()
    Draft202012Validator({**schema, "components": closed(DOCUMENT["components"])}).validate(body)
    return body


def closed(components: dict[str, Any]) -> dict[str, Any]:
    """The same schemas, letting through only the fields they name."""
    strict = deepcopy(components)
    for schema in strict["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return strict


@pytest.mark.parametrize("name", ASKED)
async def test_what_is_found_conforms_to_its_description(world: Service, name):
    answer = await world.get(ASKED[name][0], scopes=SCOPES)
    assert answer.status_code == 200
    assert conforming(BY_ID[name], answer)


@pytest.mark.parametrize("name", ASKED)
async def test_what_is_refused_conforms_to_its_description(world: Service, name):
    _, path, status = ASKED[name]
    refused = [
        await world.get(path, scopes=SCOPES),
        await world.http.get(path),
        await world.get(path, scopes=("ops:read",)),
    ]
    assert refused[0].status_code == status
    for answer in refused:
        conforming(BY_ID[name], answer)


async def test_answers_to_operators_conform_to_their_description(world: Service):
    listed = BY_ID["listSources"]
    answers = [await world.get(path, None, ("ops:read",)) for path in (listed.path, f"{listed.path}?limit=0")]
    answers += [await world.get(listed.path), await world.http.get(listed.path)]
    assert [answer.status_code for answer in answers] == [200, 400, 403, 401]
    for answer in answers:
        conforming(listed, answer)


@pytest.mark.parametrize("name", ["health", "readiness"])
async def test_health_conforms_to_its_description(world: Service, name):
    conforming(BY_ID[name], await world.http.get(BY_ID[name].path))
    conforming(BY_ID[name], await world.http.post(BY_ID[name].path))


async def test_answers_to_events_conform_to_their_description(service: Service):
    headers = await service.headers(None, ("events:write",), sources=("/",)) | {"Content-Type": "application/json"}
    events = [shipment_planned(), shipment_planned(number="S-2", id="x"), b"{}", milestone("S-7")]
    bodies = [b"[" + b",".join([*events, events[0]]) + b"]", events[0], b"{", b"{}", b" " * 9_000_000]
    answers = [await service.http.post("/v1/events", content=body, headers=headers) for body in bodies]
    answers.append(await service.http.post("/v1/events", content=b"", headers=headers | {"Content-Type": "text/plain"}))
    assert [answer.status_code for answer in answers] == [202, 202, 400, 422, 413, 415]
    taken = [conforming(BY_ID["postEvents"], answer) for answer in answers]
    assert {one["status"] for one in taken[0]["results"]} == {"accepted", "held", "quarantined", "duplicate"}


async def test_answers_to_native_messages_conform(
    settings: Settings, redis: Redis, projector_pool: Pool, tmp_path: Path
):
    file = tmp_path / "sources.toml"
    file.write_text('[feed]\nname = "/carrier/abfs"\nformat = "events"\n')
    async with running(msgspec.structs.replace(settings, sources_file=str(file)), redis, projector_pool) as service:
        headers = await service.headers(None, ("events:write",), sources=("/carrier/",))
        path = "/v1/sources/{key}/messages"
        answers = [
            await service.http.post(path.format(key="feed"), content=milestone() + b"\n{", headers=headers),
            await service.http.post(path.format(key="nobody"), content=b"", headers=headers),
            await service.http.post(path.format(key="feed"), content=b""),
        ]
        assert [answer.status_code for answer in answers] == [202, 404, 401]
        for answer in answers:
            conforming(BY_ID["postSourceMessages"], answer)


async def test_answers_about_trouble_cards_and_links_conform(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(), exception_raised())
    scopes = (*READ, "cards:read", "shares:manage")
    headers = await service.headers("nordwind", scopes)

    async def answered(name: str, status: int, **given: Any) -> Any:
        answer = await service.http.request(BY_ID[name].method, headers=headers, **given)
        assert answer.status_code == status, answer.text
        return conforming(BY_ID[name], answer)

    body = {"shipment_id": ladder.SHIPMENT}
    assert (await answered("listExceptions", 200, url="/v1/exceptions"))["items"]
    found = {"references": [{"reference": "S-1"}, {"reference": "x", "type": "bol"}]}
    assert (await answered("lookUpMany", 200, url="/v1/lookup", json=found))["items"][0]["matches"]
    await answered("lookUpMany", 400, url="/v1/lookup", json={})
    await answered("makeCardToken", 201, url="/v1/cards/tokens", json=body)
    await answered("makeCardToken", 404, url="/v1/cards/tokens", json={"shipment_id": ladder.NO_SHIPMENT})
    share = await answered("createShare", 201, url="/v1/shares", json=body)
    await answered("createShare", 400, url="/v1/shares", json={})
    await answered("getShare", 200, url=f"/v1/shares/{share['id']}")
    await answered("getShare", 404, url="/v1/shares/x")
    await answered("track", 200, url=f"/v1/track/{share['token']}")
    assert (await service.http.delete(f"/v1/shares/{share['id']}", headers=headers)).status_code == 204
    await answered("revokeShare", 404, url="/v1/shares/x")
    await answered("track", 404, url=f"/v1/track/{share['token']}")


async def test_files_and_links_conform_to_their_description(world: Service):
    content, link = f"/v1/documents/{document_id()}/content", f"/v1/documents/{document_id()}/links"
    described = DOCUMENT["paths"]["/v1/documents/{id}/content"]["get"]["responses"]
    for answer in (
        await world.get(content, scopes=SCOPES),
        await world.get(content, scopes=SCOPES, headers={"Range": "bytes=0-1"}),
    ):
        said = described[str(answer.status_code)]
        assert answer.headers["content-type"] in said["content"]
        assert {name.lower() for name in said["headers"]} <= answer.headers.keys()
    conforming(BY_ID["getDocumentContent"], await world.get(content, scopes=SCOPES, headers={"Range": "bytes=99999-"}))
    conforming(BY_ID["putDocumentContent"], await bring(world))
    conforming(BY_ID["putDocumentContent"], await bring(world, b"<html>", "text/html"))
    conforming(BY_ID["openDocumentLink"], await world.http.get("/v1/links/x"))
    made = await world.http.post(link, headers=await world.headers(scopes=PAPER_SCOPES))
    assert conforming(BY_ID["createDocumentLink"], made)


def test_every_operation_is_asked_here():
    # The operators' are asked in tests/api/test_ops*.py, all of them.
    ops = {name for name, operation in BY_ID.items() if operation.path.startswith("/v1/ops/")}
    here = {"lookUpMany", "makeCardToken", "createShare", "getShare", "revokeShare", "track"}
    known = {*ASKED, *FILES, *ops, *here, "health", "readiness", "postEvents", "postSourceMessages"}
    assert known == BY_ID.keys()


def test_every_refusal_of_the_source_is_a_known_problem():
    used = {*_codes(), *(code for code, _ in _BY_STATUS.values()), "missing_token", "invalid_token", "expired_token"}
    assert used <= PROBLEMS.keys()
    assert PROBLEMS.keys() - used <= _spelt_out()


def _codes() -> Iterator[str]:
    """The first argument of every `Problem("…")` there is."""
    for path in [*ROOT.glob("app/**/*.py"), *ROOT.glob("auth/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Problem" and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield str(code.value)


def _spelt_out() -> set[str]:
    """Codes that are chosen by a condition rather than written at a `Problem`; the rest would be dead."""
    text = "".join(path.read_text(encoding="utf-8") for path in [*ROOT.glob("app/rest/*.py"), ROOT / "app/edge.py"])
    return set(re.findall(r'"([a-z_]+)"', text))
