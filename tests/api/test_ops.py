"""The operators' endpoints: the rungs that all of them owe every caller, and that they answer as described."""

from typing import Any

import httpx
import pytest

from app.rest.operation import Operation
from app.rest.operations import OPERATIONS
from tests.api import ladder
from tests.architecture.test_operations import conforming
from tests.fixtures_service import Service
from tests.messages import milestone

OPS = {operation.id: operation for operation in OPERATIONS if operation.path.startswith("/v1/ops/")}
BODIES = {
    "discardQuarantineEntry": {"reason": "noise"},
    "discardHeldEvent": {"reason": "noise"},
    "replay": {"filter": {}},
}


async def ask(
    service: Service, operation: Operation, *, headers: dict[str, str], params: Any = None, **ids: str
) -> httpx.Response:
    """Ask an operation of entry 1 and of no event, unless told otherwise."""
    path = operation.path.format(**{"entry_id": "1", "event_key": "00" * 16, **ids})
    body = {"json": BODIES[operation.id]} if operation.method == "post" else {}
    return await service.http.request(operation.method, path, headers=headers, params=params, **body)


@pytest.mark.parametrize("name", OPS)
async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service, name):
    answer = await ask(world, OPS[name], headers={})
    ladder.refused(answer, 401, "missing_token")
    conforming(OPS[name], answer)


@pytest.mark.parametrize("name", OPS)
async def test_a_token_without_the_scope_is_told_which(world: Service, name):
    scope = OPS[name].scope
    assert scope == ("ops:replay" if OPS[name].method == "post" else "ops:read")
    others = {"ops:read", "ops:replay", "shipments:read", "events:write"} - {scope}
    answer = await ask(world, OPS[name], headers=await world.headers(None, tuple(sorted(others))))
    assert scope in ladder.refused(answer, 403, "missing_scope")["detail"]


@pytest.mark.parametrize("name", OPS)
async def test_a_customers_token_is_no_operators_whatever_its_scopes(world: Service, name):
    answer = await ask(world, OPS[name], headers=await world.headers("nordwind", ("ops:read", "ops:replay")))
    ladder.refused(answer, 403, "not_an_operator")
    conforming(OPS[name], answer)


@pytest.mark.parametrize("name", OPS)
async def test_an_unknown_parameter_is_named(world: Service, name):
    answer = await ask(world, OPS[name], headers=await operator(world), params={"colour": "red"})
    assert "colour" in ladder.refused(answer, 400, "unknown_parameter")["detail"]
    conforming(OPS[name], answer)


@pytest.mark.parametrize("name", [name for name in OPS if "{" in OPS[name].path])
@pytest.mark.parametrize("value", ["987654321", "x", "-1", "9" * 30, "é", "ff" * 16, "0x10"])
async def test_what_is_not_there_is_not_found(world: Service, name, value):
    answer = await ask(world, OPS[name], headers=await operator(world), entry_id=value, event_key=value)
    ladder.refused(answer, 404, "not_found")
    conforming(OPS[name], answer)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"\xff", "malformed"),
        (b"[]", "invalid_body"),
        (b'{"dry_rum": false}', "invalid_body"),
    ],
)
async def test_a_body_that_is_none_is_refused(world: Service, name, body, code):
    path = OPS[name].path.format(entry_id="1", event_key="00" * 16)
    headers = await operator(world) | {"Content-Type": "application/json"}
    answer = await world.http.post(path, content=body, headers=headers)
    ladder.refused(answer, 400, code)
    conforming(OPS[name], answer)


@pytest.mark.parametrize("name", BODIES)
async def test_another_media_type_is_refused(world: Service, name):
    path = OPS[name].path.format(entry_id="1", event_key="00" * 16)
    headers = await operator(world) | {"Content-Type": "text/plain"}
    ladder.refused(await world.http.post(path, content=b"{}", headers=headers), 415, "unsupported_media_type")


async def operator(service: Service) -> dict[str, str]:
    return await service.headers(None, ("ops:read", "ops:replay"))


@pytest.mark.parametrize("name", OPS)
async def test_what_is_found_conforms_to_its_description(service: Service, name):
    await service.take(b"{", milestone())
    headers = await operator(service)
    [waiting] = (await service.http.get("/v1/ops/held", headers=headers)).json()["items"]
    answer = await ask(service, OPS[name], headers=headers, event_key=waiting["key"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    if OPS[name].answer is not None:
        assert conforming(OPS[name], answer)
