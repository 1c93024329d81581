"""`/v1/shares`: public tracking links, made, listed, shown and revoked by those who may."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import order_released, shipment_planned

SHARES = "/v1/shares"
SCOPES = ("shares:manage",)
NO_SHARE = "shr_" + "a" * 24


async def make(service: Service, tenant: str | None = "nordwind", scopes: tuple[str, ...] = SCOPES, **body: Any):
    headers = await service.headers(tenant, scopes)
    return await service.http.post(SHARES, json={"shipment_id": ladder.SHIPMENT} | body, headers=headers)


async def made(service: Service, tenant: str = "nordwind", **body: Any) -> dict:
    answer = await make(service, tenant, **body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def get(service: Service, path: str = SHARES, tenant: str | None = "nordwind", **params: Any) -> httpx.Response:
    return await service.get(path, tenant, SCOPES, params=params)


async def revoke(service: Service, share_id: str, tenant: str | None = "nordwind") -> httpx.Response:
    return await service.http.delete(f"{SHARES}/{share_id}", headers=await service.headers(tenant, SCOPES))


@pytest.fixture
async def shipped(service: Service) -> Service:
    """S-1 of nordwind and S-9 of suedwind."""
    await service.take(order_released(), shipment_planned())
    theirs = {"tenant": "suedwind"}
    await service.take(order_released("SO-9", **theirs), shipment_planned("S-9", "SO-9", **theirs))
    return service


@pytest.mark.parametrize("path", [SHARES, f"{SHARES}/{NO_SHARE}"])
async def test_reading_them_climbs_the_ladder(world: Service, path):
    await ladder.refuses_the_anonymous(world, path)
    await ladder.refuses_without_scope(world, path, "shares:manage")
    ladder.refused(await get(world, path, None), 403, "no_account")
    ladder.refused(await get(world, path, colour="red"), 400, "unknown_parameter")


async def test_making_and_revoking_climb_it_too(world: Service):
    for method, path in (("POST", SHARES), ("DELETE", f"{SHARES}/{NO_SHARE}")):
        ladder.refused(await world.http.request(method, path), 401, "missing_token")
        reader, nobody = await world.headers(), await world.headers(None, SCOPES)
        ladder.refused(await world.http.request(method, path, headers=reader), 403, "missing_scope")
        ladder.refused(await world.http.request(method, path, headers=nobody), 403, "no_account")
        own = await world.headers("nordwind", SCOPES)
        ladder.refused(await world.http.request(method, f"{path}?colour=red", headers=own), 400, "unknown_parameter")


async def test_another_tenants_shipment_looks_like_a_missing_one(world: Service):
    answers = [
        await make(world, shipment_id=one) for one in (ladder.OTHER_SHIPMENT, ladder.NO_SHIPMENT, "x", ladder.ORDER)
    ]
    ladder.refused(answers[0], 404, "not_found")
    assert len({str(ladder.without_ids(one)) for one in answers}) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"shipment_id": None}, "/shipment_id"),
        ({"expires_in_days": 0}, "/expires_in_days"),
        ({"expires_in_days": 366}, "/expires_in_days"),
        ({"note": ""}, "/note"),
        ({"note": "a\u0000b"}, "/note"),
        ({"colour": "red"}, ""),
    ],
)
async def test_what_is_wrong_is_pointed_at(world: Service, body, pointer):
    problem = ladder.refused(await make(world, **body), 400, "invalid_body")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


async def test_a_link_is_told_once_and_kept_as_a_digest(shipped: Service):
    answer = await make(shipped, note="For the dock")
    share = answer.json()
    assert share["url"] == f"{shipped.settings.public_url}/track/{share['token']}"
    assert answer.headers["location"] == f"{SHARES}/{share['id']}"
    assert answer.headers["cache-control"] == "private, no-store"
    assert (share["shipment_id"], share["note"], share["revoked_at"]) == (ladder.SHIPMENT, "For the dock", None)
    for again in (await get(shipped), await get(shipped, f"{SHARES}/{share['id']}")):
        assert share["token"] not in again.text
    connection = await asyncpg.connect(shipped.settings.database_url)
    try:
        rows = await connection.fetch("select s::text from portal.share s union all select a::text from portal.audit a")
    finally:
        await connection.close()
    assert not any(share["token"] in row[0] for row in rows)


async def test_a_link_lives_thirty_days_unless_said_otherwise(shipped: Service):
    for days, body in ((30, {}), (2, {"expires_in_days": 2})):
        share = await made(shipped, **body)
        lives = datetime.fromisoformat(share["expires_at"]) - datetime.fromisoformat(share["created_at"])
        assert abs(lives - timedelta(days=days)) < timedelta(seconds=5)


async def test_an_empty_list_is_a_list(world: Service):
    assert (await get(world)).json() == {"items": [], "next_cursor": None}


async def test_links_are_listed_newest_first_and_paged(shipped: Service):
    ids = [(await made(shipped, note=str(n)))["id"] for n in range(3)]
    await made(shipped, "suedwind", shipment_id=ladder.OTHER_SHIPMENT)
    whole = (await get(shipped)).json()
    assert [one["id"] for one in whole["items"]] == ids[::-1]
    first = (await get(shipped, limit=2)).json()
    second = (await get(shipped, limit=2, cursor=first["next_cursor"])).json()
    assert first["items"] + second["items"] == whole["items"]
    assert second["next_cursor"] is None
    ladder.refused(await get(shipped, tenant="suedwind", cursor=first["next_cursor"]), 400, "broken_cursor")
    assert (await get(shipped, shipment_id=ladder.SHIPMENT)).json()["items"] == whole["items"]
    assert (await get(shipped, shipment_id=ladder.OTHER_SHIPMENT)).json()["items"] == []


async def test_another_tenants_link_looks_like_a_missing_one(shipped: Service):
    theirs = (await made(shipped, "suedwind", shipment_id=ladder.OTHER_SHIPMENT))["id"]
    for ask in (lambda one: get(shipped, f"{SHARES}/{one}"), lambda one: revoke(shipped, one)):
        other, missing = await ask(theirs), await ask(NO_SHARE)
        ladder.refused(other, 404, "not_found")
        assert ladder.without_ids(other) == ladder.without_ids(missing)
    assert (await get(shipped, f"{SHARES}/{theirs}", "suedwind")).json()["revoked_at"] is None


async def test_a_revoked_link_stays_listed(shipped: Service):
    share = await made(shipped)
    for _ in range(2):
        answer = await revoke(shipped, share["id"])
        assert (answer.status_code, answer.content) == (204, b"")
    kept = (await get(shipped, f"{SHARES}/{share['id']}")).json()
    assert kept["revoked_at"]
    assert (await get(shipped)).json()["items"] == [kept]


async def test_who_made_and_who_revoked_a_link_is_in_the_audit_log(shipped: Service):
    share = await made(shipped)
    await revoke(shipped, share["id"])
    await revoke(shipped, share["id"])
    rows = await shipped.get("/v1/ops/audit", None, ("ops:read",), params={"target": f"share/{share['id']}"})
    assert [(one["action"], one["tenant"]) for one in rows.json()["items"]] == [
        ("share.revoke", "nordwind"),
        ("share.create", "nordwind"),
    ]


async def test_of_several_accounts_a_link_is_the_shipments(shipped: Service):
    headers = await shipped.headers("nordwind", SCOPES, accounts=("nordwind", "suedwind"))
    body = {"shipment_id": ladder.OTHER_SHIPMENT}
    share = (await shipped.http.post(SHARES, json=body, headers=headers)).json()
    assert share["tenant"] == "suedwind"
    assert [one["id"] for one in (await shipped.http.get(SHARES, headers=headers)).json()["items"]] == [share["id"]]
    assert (await get(shipped)).json()["items"] == []


async def test_the_second_wall_stands_before_links_too(shipped: Service):
    await made(shipped)
    said = {("app.tenant", "suedwind"): 0, ("app.tenant", "nordwind"): 1, ("app.share", "00"): 0}
    connection = await asyncpg.connect(shipped.settings.database_url)
    try:
        for role in ("portal_app", "portal_projector"):
            await connection.execute(f"set role {role}")
            assert await connection.fetchval("select count(*) from portal.share") == 0
            for (name, value), seen in said.items():
                async with connection.transaction():
                    await connection.execute("select set_config($1, $2, true)", name, value)
                    assert await connection.fetchval("select count(*) from portal.share") == seen, (role, name, value)
            await connection.execute("reset role")
    finally:
        await connection.close()
