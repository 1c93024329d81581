"""`GET /v1/orders/{id}`."""

from tests.api import ladder
from tests.fixtures_service import Service

FOUND = f"/v1/orders/{ladder.ORDER}"
OTHERS = f"/v1/orders/{ladder.OTHER_ORDER}"
MISSING = f"/v1/orders/{ladder.NO_ORDER}"


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, FOUND)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, FOUND, "orders:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, FOUND)


async def test_another_tenants_order_looks_like_a_missing_one(world: Service):
    await ladder.hides_others(world, OTHERS, MISSING)


async def test_a_shipment_is_no_order(world: Service):
    ladder.refused(await world.get(f"/v1/orders/{ladder.SHIPMENT}"), 404, "not_found")


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, FOUND)


async def test_an_order_says_what_each_line_and_shipment_is_doing(world: Service):
    answer = await world.get(FOUND)
    assert answer.status_code == 200
    order = answer.json()
    assert (order["number"], order["status"], order["tenant"]) == ("SO-1", "in_transit", "nordwind")
    assert [(line["sku"], line["quantity_ordered"]) for line in order["lines"]] == [("HINGE-40", 10)]
    assert [one["shipment_id"] for one in order["shipments"]] == [ladder.SHIPMENT]
