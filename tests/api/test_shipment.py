"""`GET /v1/shipments/{id}`: the ladder of every endpoint, and what a shipment says."""

from tests.api import ladder
from tests.fixtures_service import Service

FOUND = f"/v1/shipments/{ladder.SHIPMENT}"
OTHERS = f"/v1/shipments/{ladder.OTHER_SHIPMENT}"
MISSING = f"/v1/shipments/{ladder.NO_SHIPMENT}"


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, FOUND)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, FOUND, "shipments:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, FOUND)


async def test_another_tenants_shipment_looks_like_a_missing_one(world: Service):
    await ladder.hides_others(world, OTHERS, MISSING)


async def test_an_order_is_no_shipment(world: Service):
    ladder.refused(await world.get(f"/v1/shipments/{ladder.ORDER}"), 404, "not_found")


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, FOUND)


async def test_a_shipment_is_found_by_its_tenant(world: Service):
    answer = await world.get(FOUND)
    assert answer.status_code == 200
    shipment = answer.json()
    assert (shipment["number"], shipment["status"], shipment["tenant"]) == ("S-1", "in_transit", "nordwind")
    assert shipment["last_place"]["city"] == "Hamburg"
    assert [part["erp_order"] for part in shipment["orders"]] == ["SO-1"]
    assert shipment["freshness"]["served_from"] in ("memory", "redis", "postgres")


async def test_a_shipment_names_the_sources_it_comes_from_and_when_they_were_heard(world: Service):
    sources = (await world.get(FOUND)).json()["freshness"]["sources"]
    assert [one["source"] for one in sources] == ["/carrier/ABFS", "/tms/main"]
    assert all(one["heard_at"] for one in sources)


async def test_a_shipment_may_be_kept_by_its_reader_only(world: Service):
    headers = (await world.get(FOUND)).headers
    assert headers["cache-control"] == "private, no-cache, stale-if-error=86400"
    assert headers["vary"] == "Authorization, Accept-Language"
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_trailing_slash_changes_nothing(world: Service):
    assert (await world.get(f"{FOUND}/")).json()["id"] == ladder.SHIPMENT


async def test_what_lies_beside_a_shipment_is_not_there(world: Service):
    for path in (f"{FOUND}/secrets", f"{FOUND}/milestones/1", f"/v1/shipmentsX{ladder.SHIPMENT}", "/v1/shipmentsX"):
        ladder.refused(await world.get(path), 404, "not_found")
