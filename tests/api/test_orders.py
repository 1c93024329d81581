"""`GET /v1/orders`."""

import pytest

from tests.api import ladder
from tests.fixtures_service import Service

LIST = "/v1/orders"

# name, a value that SO-1 fits, one that it does not.
FILTERS = [
    ("status", "in_transit", "closed"),
    ("phase", "in_transit", "delivered"),
    ("has_exception", "false", "true"),
    ("updated_since", "2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"),
    ("reference", "PO-SO-1", "PO-SO-9"),
]


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, LIST)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, LIST, "orders:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, LIST)


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, LIST)


async def test_what_only_shipments_have_is_unknown_here(world: Service):
    for name in ("carrier", "order_id"):
        problem = ladder.refused(await world.get(LIST, params={name: "x"}), 400, "unknown_parameter")
        assert name in problem["detail"]


async def test_a_wrong_value_is_refused_and_its_parameter_named(world: Service):
    problem = ladder.refused(await world.get(LIST, params={"limit": "-1"}), 400, "invalid_parameter")
    assert [one["pointer"] for one in problem["errors"]] == ["/query/limit"]


async def test_a_tenant_sees_its_own_orders_only(world: Service):
    nordwind, suedwind = await world.get(LIST), await world.get(LIST, "suedwind")
    assert [one["id"] for one in nordwind.json()["items"]] == [ladder.ORDER]
    assert [one["id"] for one in suedwind.json()["items"]] == [ladder.OTHER_ORDER]


@pytest.mark.parametrize(("name", "hit", "miss"), FILTERS)
async def test_a_filter_keeps_what_fits_and_leaves_out_the_rest(world: Service, name, hit, miss):
    found = (await world.get(LIST, params={name: hit})).json()["items"]
    assert [one["id"] for one in found] == [ladder.ORDER]
    assert (await world.get(LIST, params={name: miss})).json()["items"] == []
