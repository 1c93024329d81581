"""Limits at the door: what counts, what it costs, what the answers say, and who is told to wait."""

from contextlib import asynccontextmanager

import msgspec
import pytest

from app import services as wiring
from app.limits import Costs
from app.rest.operations import OPERATIONS
from auth.addresses import client_address
from auth.limits import limiter
from tests.api import ladder
from tests.api.test_tokens import signed
from tests.fixtures_service import running

SHIPMENT = f"/v1/shipments/{ladder.SHIPMENT}"
COSTS = Costs(OPERATIONS)


@pytest.fixture
def limited(settings, redis, projector_pool, monkeypatch):
    """Makes a service with these limits, which counts in Redis however long that takes."""
    for reader in (wiring, limiter):
        monkeypatch.setattr(reader, "DEADLINE_SECONDS", 30.0)

    @asynccontextmanager
    async def made(**changes):
        async with running(msgspec.structs.replace(settings, **changes), redis, projector_pool) as service:
            yield service

    return made


def left(answer) -> int:
    """What the answer says is left, said as the draft has it."""
    name, remaining, seconds = answer.headers["ratelimit"].split(";")
    assert name == '"default"'
    assert 0 < int(seconds.removeprefix("t=")) <= 60
    return int(remaining.removeprefix("r="))


async def test_every_answer_to_a_good_token_says_how_much_is_left(limited):
    async with limited(rate_limit="100/minute") as service:
        answers = [
            await service.get(SHIPMENT),
            await service.get("/v1/shipments"),
            await service.get("/v1/lookup?reference=x"),
            await service.get("/v1/shipments?limit=x"),
            await service.get("/v1/nothing"),
            await service.get(SHIPMENT, scopes=("ops:read",)),
        ]
        assert [answer.status_code for answer in answers] == [404, 200, 200, 400, 404, 403]
        # The last is another client.
        assert [left(answer) for answer in answers] == [99, 94, 92, 87, 86, 99]
        assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"default";q=100;w=60'}


async def test_what_asks_for_no_token_is_not_counted(limited):
    async with limited(rate_limit="1/minute") as service:
        headers = await service.headers()
        for path in ("/healthz", "/readyz", "/openapi.json", "/docs", "/.well-known/openid-configuration"):
            assert "ratelimit" not in (await service.http.get(path, headers=headers)).headers
        assert "ratelimit" not in (await service.http.get(SHIPMENT)).headers


async def test_past_the_limit_a_client_is_told_how_long_to_wait_and_others_are_served(limited):
    async with limited(rate_limit="12/minute") as service:
        for status in (200, 200, 429):
            answer = await service.get("/v1/shipments")
            assert answer.status_code == status
        ladder.refused(answer, 429, "rate_limited")
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert (left(answer), answer.headers["x-content-type-options"]) == (2, "nosniff")
        # What is left still buys a document.
        assert (await service.get(SHIPMENT)).status_code == 404
        assert (await service.get("/v1/shipments", tenant="suedwind")).status_code == 200


async def test_head_and_a_slash_cost_the_same(limited):
    async with limited(rate_limit="100/minute") as service:
        headers = await service.headers()
        assert left(await service.http.head("/v1/shipments", headers=headers)) == 95
        assert left(await service.get("/v1/shipments/")) == 90


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_the_cost_of_every_operation_is_found_by_its_path(operation):
    path = operation.path.replace("{id}", ladder.SHIPMENT).replace("{key}", "feed")
    assert COSTS.of(operation.method.upper(), path) == operation.cost
    assert COSTS.of(operation.method.upper(), f"{path}/") == operation.cost


async def test_limits_can_be_turned_off(limited):
    async with limited(rate_limit="off") as service:
        assert "ratelimit" not in (await service.get("/v1/shipments")).headers


async def test_who_guesses_at_tokens_is_told_to_wait_and_known_clients_are_not(limited):
    async with limited(failure_limit="3/minute") as service:
        await service.get("/v1/shipments")
        guesses = [await service.http.get(SHIPMENT, headers={"Authorization": f"Bearer {n}"}) for n in range(4)]
        assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
        ladder.refused(guesses[-1], 429, "rate_limited")
        assert int(guesses[-1].headers["retry-after"]) > 0
        assert (await service.get("/v1/shipments")).status_code == 200
        assert (await service.http.get(SHIPMENT)).status_code == 401


async def test_who_guesses_at_a_clients_secret_is_told_to_wait(limited):
    async with limited(failure_limit="3/minute") as service:
        asked = {"data": {"grant_type": "client_credentials"}, "auth": ("nordwind", "guess")}
        statuses = [(await service.http.post("/oauth/token", **asked)).status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]


async def test_no_token_and_one_that_expired_are_no_guesses(limited):
    async with limited(failure_limit="1/minute") as service:
        for _ in range(3):
            ladder.refused(await service.http.get(SHIPMENT), 401, "missing_token")
        expired = {"Authorization": f"Bearer {signed(service, exp=1_700_000_000)}"}
        for _ in range(3):
            ladder.refused(await service.http.get(SHIPMENT, headers=expired), 401, "expired_token")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, [], "10.0.0.9"),
        (0, [b"1.2.3.4"], "10.0.0.9"),
        (1, [], "10.0.0.9"),
        (1, [b"1.2.3.4"], "1.2.3.4"),
        (1, [b"6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        (2, [b"6.6.6.6, 1.2.3.4", b"10.0.0.8"], "1.2.3.4"),
        (9, [b"1.2.3.4"], "1.2.3.4"),
        (1, [b"\xff"], "ÿ"),
    ],
)
def test_the_address_is_what_the_outermost_of_our_proxies_saw(proxies, forwarded, address):
    scope = {"client": ("10.0.0.9", 1), "headers": [(b"x-forwarded-for", one) for one in forwarded]}
    assert client_address(scope, proxies) == address


def test_a_request_from_no_address_has_an_empty_one():
    assert client_address({"headers": []}, 1) == ""


async def test_what_a_source_proves_itself_by_is_for_its_operation_to_judge(limited):
    async with limited(failure_limit="2/minute") as service:
        path, headers = "/v1/sources/feed/messages", {"Authorization": "Bearer a-key-of-its-own"}
        answers = [await service.http.post(path, headers=headers) for _ in range(3)]
        # Here nobody takes it: then it counts as a failure, once an answer.
        assert [answer.status_code for answer in answers] == [401, 401, 429]
