"""`POST /v1/cards/tokens`: a short-lived token that opens one card and nothing else."""

import time
from typing import Any

import httpx
import msgspec
import pytest

from app.settings import Settings
from auth.claims import Claims
from auth.issuer.revocations import revoke_access_token
from auth.scopes import SCOPES
from projections.database import DatabaseRole, open_pool
from tests.api import ladder
from tests.api.test_tokens import signed
from tests.fixtures_issuer import payload
from tests.fixtures_service import Service, running
from tests.messages import order_released, shipment_planned
from tests.other_issuer import OtherIssuer

TOKENS = "/v1/cards/tokens"
FOUND = f"/v1/cards/{ladder.SHIPMENT}"


async def make(service: Service, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    headers = headers if headers is not None else await service.headers(scopes=("cards:read",))
    return await service.http.post(TOKENS, json={"shipment_id": ladder.SHIPMENT} | body, headers=headers)


def bearer(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    ladder.refused(await make(world, {}), 401, "missing_token")


async def test_a_token_without_the_scope_or_an_account_is_refused(world: Service):
    ladder.refused(await make(world, await world.headers(scopes=("shipments:read",))), 403, "missing_scope")
    ladder.refused(await make(world, await world.headers(None, ("cards:read",))), 403, "no_account")


async def test_another_tenants_shipment_looks_like_a_missing_one(world: Service):
    answers = [await make(world, shipment_id=one) for one in (ladder.OTHER_SHIPMENT, ladder.NO_SHIPMENT, "x")]
    ladder.refused(answers[0], 404, "not_found")
    assert len({str(ladder.without_ids(one)) for one in answers}) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"ttl_seconds": 29}, "/ttl_seconds"),
        ({"ttl_seconds": 901}, "/ttl_seconds"),
        ({"ttl_seconds": "60"}, "/ttl_seconds"),
        ({"shipment_id": ""}, "/shipment_id"),
        ({"shipment_id": None}, "/shipment_id"),
        ({"scope": "shipments:read"}, ""),
    ],
)
async def test_what_is_wrong_is_pointed_at(world: Service, body, pointer):
    problem = ladder.refused(await make(world, **body), 400, "invalid_body")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


async def test_it_opens_its_card_and_nothing_else(world: Service):
    answer = await make(world)
    token = answer.json()
    assert (token["token_type"], token["scope"], token["expires_in"]) == ("Bearer", "cards:read", 900)
    assert answer.headers["cache-control"] == "no-store"
    headers = bearer(answer)
    assert (await world.http.get(FOUND, headers=headers)).json()["number"] == "S-1"
    for path in (f"/v1/cards/{ladder.OTHER_SHIPMENT}", f"/v1/cards/{ladder.NO_SHIPMENT}"):
        ladder.refused(await world.http.get(path, headers=headers), 404, "not_found")
    for path in (f"/v1/shipments/{ladder.SHIPMENT}", "/v1/shipments", "/v1/shares", "/v1/exceptions"):
        ladder.refused(await world.http.get(path, headers=headers), 403, "missing_scope")


async def test_it_makes_no_further_tokens(world: Service):
    ladder.refused(await make(world, bearer(await make(world))), 403, "missing_scope")


async def test_it_lives_as_long_as_asked_and_says_whose_it_is(world: Service):
    claims = payload((await make(world, ttl_seconds=60)).json()["access_token"])
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["tenant"], claims["card"], claims["scope"]) == ("nordwind", ladder.SHIPMENT, "cards:read")


async def test_who_may_do_everything_gives_away_one_card_only(world: Service):
    everything = signed(world, scope=" ".join(SCOPES), sources=["/"], jti="all-of-it")
    claims = payload((await make(world, {"Authorization": f"Bearer {everything}"})).json()["access_token"])
    assert claims["scope"] == "cards:read"
    assert "sources" not in claims


async def test_who_may_not_see_prices_gives_that_on(world: Service):
    receiver = await world.headers("nordwind", ("cards:read",), party_role="ship_to")
    assert payload((await make(world, receiver)).json()["access_token"])["party_role"] == "ship_to"


async def test_it_does_not_outlive_the_token_it_was_made_from(world: Service):
    short = signed(world, scope="cards:read", exp=int(time.time()) + 40, jti="short")
    token = (await make(world, {"Authorization": f"Bearer {short}"})).json()
    assert token["expires_in"] <= 40


async def test_a_revoked_token_makes_none_even_before_this_worker_has_heard_of_it(service: Service):
    await service.take(order_released(), shipment_planned())
    token = await service.token("nordwind", ("cards:read",))
    headers = {"Authorization": f"Bearer {token}"}
    assert (await make(service, headers)).status_code == 201
    async with await open_pool(service.settings.database_url, DatabaseRole.ISSUER, connections=1) as pool:
        await revoke_access_token(pool, msgspec.convert(payload(token), Claims))
    ladder.refused(await make(service, headers), 401, "invalid_token")


async def test_where_tokens_come_from_another_issuer_the_service_says_so(settings: Settings, redis, projector_pool):
    async with OtherIssuer("first") as issuer:
        elsewhere = msgspec.structs.replace(settings, issuer=issuer.url)
        async with running(elsewhere, redis, projector_pool) as service:
            token = issuer.token(aud=settings.audience, scope="cards:read")
            answer = await make(service, {"Authorization": f"Bearer {token}"})
            assert "another issuer" in ladder.refused(answer, 501, "not_offered")["detail"]
