"""`GET /v1/shipments/{id}/milestones`."""

from tests.api import ladder
from tests.fixtures_service import Service

FOUND = f"/v1/shipments/{ladder.SHIPMENT}/milestones"
OTHERS = f"/v1/shipments/{ladder.OTHER_SHIPMENT}/milestones"
MISSING = f"/v1/shipments/{ladder.NO_SHIPMENT}/milestones"


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, FOUND)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, FOUND, "shipments:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, FOUND)


async def test_another_tenants_milestones_look_like_missing_ones(world: Service):
    await ladder.hides_others(world, OTHERS, MISSING)


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, FOUND)


async def test_milestones_come_in_the_order_they_happened_with_their_freshness(world: Service):
    answer = (await world.get(FOUND)).json()
    assert [(one["code"], one["place"]["city"]) for one in answer["items"]] == [("departed", "Hamburg")]
    assert answer["freshness"]["state"]


async def test_a_shipment_to_which_nothing_happened_has_no_milestones(world: Service):
    answer = await world.get(OTHERS, "suedwind")
    assert answer.json()["items"] == []


async def test_an_order_has_no_milestones(world: Service):
    ladder.refused(await world.get(f"/v1/orders/{ladder.ORDER}/milestones"), 404, "not_found")
