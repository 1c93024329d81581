"""The parts of the isolation proof that must not fail unnoticed: what is planted, what is asked, what is seen."""

import base64
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import quote

import msgspec
import pytest

from app.contracts.examples import EXAMPLES
from app.isolation.canaries import Canaries
from app.isolation.comparing import difference, twin_of
from app.isolation.description import Description
from app.isolation.exchange import Answer, Request
from app.isolation.filling import CannotPlantError, Filler
from app.isolation.inputs import SEVERAL, Inputs
from app.isolation.knowledge import Knowledge
from app.isolation.parties import Client, Deployment, sign_in
from app.isolation.search import Search
from app.isolation.story import Storyteller
from projections.envelope import decode
from projections.event import Event

ID = "shp_" + "a2b3" * 6
WRITINGS = {
    "plain": str,
    "upper": str.upper,
    "reversed": lambda text: text[::-1],
    "hex": lambda text: text.encode().hex(),
    "percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "escaped": lambda text: "".join(f"\\u{byte:04x}" for byte in text.encode()),
    **{
        f"base64 after {before}": lambda text, before=before: base64.urlsafe_b64encode(
            b"x" * before + text.encode()
        ).decode()
        for before in range(3)
    },
}


@pytest.fixture
def canaries() -> Canaries:
    return Canaries(["nordwind", "suedwind"])


@pytest.fixture
def search(canaries: Canaries) -> Search:
    found = Search(canaries, ["nordwind", "suedwind"])
    found.learn_id(ID, "nordwind")
    return found


@pytest.fixture
def known(canaries: Canaries, search: Search) -> Knowledge:
    teller = Storyteller(canaries)
    knowledge = Knowledge("nordwind", canaries, search)
    knowledge.plant(teller.everything(teller.names("nordwind")))
    body = msgspec.json.encode({"items": [{"id": ID, "number": canaries.mint("nordwind", "number")}]})
    knowledge.hear(Answer(200, b"OK", ((b"etag", b'W/"1f2e"'),), body))
    return knowledge


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_canary_is_seen_however_it_is_written(canaries, search, writing):
    text = f'{{"x":"{WRITINGS[writing](canaries.mint("nordwind", "note"))}"}}'.encode()
    (found,) = search.of_others(text, "suedwind", b"")
    assert (found.kind, found.tenant, found.field) == ("canary", "nordwind", "note")
    assert search.of_others(text, "nordwind", b"") == []


def test_numbers_ids_cursors_and_owners_are_seen_too(canaries, search):
    cursor = base64.urlsafe_b64encode(b"\x93\xd7\xff\x00" + ID.encode() + b"\xc4\x08").decode()
    for text in (f'{{"quantity":{canaries.mint_number("nordwind", "q")}}}', ID, cursor, '{"tenant": "nordwind"}'):
        assert len(search.of_others(text.encode(), "suedwind", b"")) == 1, text


def test_what_the_request_said_is_no_leak(canaries, search):
    canary = canaries.mint("nordwind", "note")
    assert search.of_others(f"no {canary}, no {ID}".encode(), "suedwind", f"GET /{quote(canary)}/{ID}".encode()) == []
    other = canaries.mint("nordwind", "note")
    assert search.of_others(f"{canary} {other}".encode(), "suedwind", canary.encode())[0].value == other


def test_what_everybody_may_see_is_nobodys(canaries, search):
    assert search.of_others(canaries.mint(None, "load").encode(), "suedwind", b"") == []


def test_every_event_that_is_planted_is_understood(canaries):
    teller = Storyteller(canaries)
    names = teller.names("nordwind")
    told = teller.everything(names)
    assert {event["type"] for event in told} == EXAMPLES.keys()
    for event in (*told, *teller.delivered(names)):
        assert isinstance(decode(msgspec.json.encode(event), datetime.now(UTC)), Event), event


class Inner(msgspec.Struct):
    words: str | None = None


class Newcomer(msgspec.Struct):
    """A type that has just been thought of."""

    title: Annotated[str, msgspec.Meta(max_length=40, description="With words.")]
    total: Decimal
    pieces: int
    inner: tuple[Inner, ...] = ()


def test_a_type_nobody_prepared_for_is_filled(canaries):
    filler = Filler(
        lambda field: canaries.mint("nordwind", field), lambda field: canaries.mint_number("nordwind", field), {}
    )
    filled = filler.fill(Newcomer, "newcomer")
    found = set(canaries.found_in(msgspec.json.encode(filled)))
    assert {canaries.field_of(one) for one in found} == {
        "newcomer.title",
        "newcomer.total",
        "newcomer.pieces",
        "newcomer.inner.words",
    }


class Narrow(msgspec.Struct):
    letter: Annotated[str, msgspec.Meta(max_length=1)]


def test_a_field_no_canary_fits_is_named(canaries):
    filler = Filler(
        lambda field: canaries.mint("nordwind", field), lambda field: canaries.mint_number("nordwind", field), {}
    )
    with pytest.raises(CannotPlantError, match=r"narrow\.letter"):
        filler.fill(Narrow, "narrow")


DOCUMENT = {
    "paths": {
        "/v1/lookup": {
            "post": {
                "operationId": "lookUpMany",
                "security": [{"oauth": ["shipments:read"]}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Many"}}}},
                "responses": {"200": {}},
            }
        },
        "/v1/things/{thing_id}/parts/{part}": {
            "get": {
                "operationId": "parts",
                "security": [{"oauth": ["shipments:read"]}],
                "parameters": [
                    {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "part", "in": "path", "required": True, "schema": {"type": "string", "enum": ["a", "b"]}},
                    {"name": "colour", "in": "query", "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}},
                ],
                "responses": {"200": {}},
            }
        },
    },
    "components": {
        "schemas": {
            "Many": {
                "type": "object",
                "properties": {
                    "references": {"type": "array", "maxItems": 500, "items": {"$ref": "#/components/schemas/One"}}
                },
            },
            "One": {
                "type": "object",
                "properties": {"reference": {"type": "string"}, "type": {"enum": ["pro", "bol"]}},
            },
        }
    },
}


def asked(name: str, known: Knowledge) -> list[Request]:
    description = Description(DOCUMENT)
    (operation,) = [one for one in description.operations if one.id == name]
    return list(Inputs(description, known).requests(operation))


def test_a_body_nobody_prepared_for_asks_for_many_of_the_victims_things(known):
    (request,) = asked("lookUpMany", known)
    sent = msgspec.json.decode(request.body)["references"]
    assert len(sent) == SEVERAL
    assert ID in {one["reference"] for one in sent}


def test_an_operation_nobody_prepared_for_is_asked_by_its_names_and_types(known, canaries):
    targets = [request.target for request in asked("parts", known)]
    assert {f"/v1/things/{ID}/parts/a", f"/v1/things/{ID}/parts/b"} <= set(targets)
    assert any("limit=9" in target for target in targets)
    assert any("colour=" in target and set(canaries.found_in(target.encode())) for target in targets)


def test_what_never_was_looks_like_what_is(known, canaries):
    canary = known.values("reference")[0]
    request = Request("GET", f"/v1/shipments/{ID}?reference={canary}", (("If-None-Match", 'W/"1f2e"'),))
    nobodys = known.nobodys(request.text().decode())
    twin = twin_of(request, nobodys)
    assert len(twin.target) == len(request.target)
    assert ID not in twin.target
    assert canary not in twin.target
    assert twin.headers == (("If-None-Match", 'W/"0000"'),)
    assert all(canaries.owner_of(one) is None for one in canaries.found_in(twin.text()))


def answer(status: int = 404, body: bytes = b'{"trace_id":"1"}', *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, b"", headers, body)


@pytest.mark.parametrize(
    "other",
    [
        answer(403),
        answer(404, b'{"trace_id":"1","x":1}'),
        answer(404, b'{"trace_id":"1"}', (b"age", b"1")),
    ],
)
def test_a_difference_in_status_body_or_headers_is_seen(other):
    assert difference(answer(), other, {})


def test_ids_of_requests_and_times_make_no_difference():
    one = answer(200, b'{"lag_seconds":0.2,"as_of":"2026-01-01"}', (b"date", b"now"))
    other = answer(200, b'{"lag_seconds":12.25,"as_of":null}', (b"date", b"later"))
    assert difference(one, other, {}) is None


async def test_several_clients_of_a_tenant_are_one_tenant():
    issued = []

    class Issuing:
        async def send(self, request: Request) -> Answer:
            issued.append(base64.b64decode(dict(request.headers)["Authorization"].split()[1]).decode())
            return Answer(200, b"OK", (), b'{"access_token":"t"}')

    everything, read = ("shipments:read", "charges:read"), ("shipments:read",)
    of = [("nordwind-read", read), ("nordwind-app", everything), ("nordwind-dock", everything), ("suedwind-app", read)]
    clients = [Client(name, "s", name.partition("-")[0], scopes) for name, scopes in of]
    clients += [Client("source", "s", None, ("events:write",)), Client("operator", "s", None, ("ops:read",))]
    deployment = Deployment("http://portal", "http://portal/oauth/token", tuple(clients))
    parties = await sign_in(Issuing(), deployment, 5)
    assert [one.tenant for one in parties.tenants] == ["nordwind", "suedwind"]
    assert issued == ["nordwind-app:s", "suedwind-app:s", "source:s", "operator:s"]
