"""`GET /v1/shipments`: who sees what, and each filter with a hit and a miss."""

import pytest

from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import at

LIST = "/v1/shipments"
BEFORE, AFTER = at(-1_000).isoformat(), at(1_000).isoformat()
EARLIER = "2020-01-01T00:00:00Z"
LATER = "2090-01-01T00:00:00Z"

# name, a value that S-1 fits, one that it does not.
FILTERS = [
    ("status", "in_transit", "delivered"),
    ("status", "delivered,in_transit", "planned,closed"),
    ("phase", "in_transit", "planned"),
    ("carrier", "ABFS", "UPSN"),
    ("carrier", "UPSN,ABFS", "UPSN,FDEG"),
    ("ship_to", "Kiel", "Köln"),
    ("has_exception", "false", "true"),
    ("updated_since", EARLIER, LATER),
    ("reference", "PRO-S-1", "PRO-S-9"),
    # Promised long ago and not delivered yet.
    ("at_risk", "true", "false"),
    ("order_id", ladder.ORDER, ladder.OTHER_ORDER),
]


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, LIST)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, LIST, "shipments:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, LIST)


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, LIST)


async def test_a_tenant_sees_its_own_shipments_only(world: Service):
    nordwind, suedwind = await world.get(LIST), await world.get(LIST, "suedwind")
    assert [one["id"] for one in nordwind.json()["items"]] == [ladder.SHIPMENT]
    assert [one["id"] for one in suedwind.json()["items"]] == [ladder.OTHER_SHIPMENT]
    assert (await world.get(LIST, "westwind")).json()["items"] == []


async def test_a_list_says_how_fresh_it_and_each_item_is(world: Service):
    page = (await world.get(LIST)).json()
    assert page["next_cursor"] is None
    assert page["freshness"]["served_from"] == "postgres"
    assert [one["source"] for one in page["items"][0]["freshness"]["sources"]] == ["/carrier/ABFS", "/tms/main"]


@pytest.mark.parametrize(("name", "hit", "miss"), FILTERS)
async def test_a_filter_keeps_what_fits_and_leaves_out_the_rest(world: Service, name, hit, miss):
    found = (await world.get(LIST, params={name: hit})).json()["items"]
    assert [one["id"] for one in found] == [ladder.SHIPMENT]
    assert (await world.get(LIST, params={name: miss})).json()["items"] == []


async def test_without_an_eta_a_shipment_is_neither_before_nor_after_any(world: Service):
    for name in ("eta_before", "eta_after"):
        assert (await world.get(LIST, params={name: AFTER})).json()["items"] == []


async def test_a_repeated_parameter_means_any_of_its_values(world: Service):
    answer = await world.get(f"{LIST}?status=planned&status=in_transit")
    assert len(answer.json()["items"]) == 1


async def test_all_filters_must_hold_at_once(world: Service):
    answer = await world.get(LIST, params={"status": "in_transit", "carrier": "UPSN"})
    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "many"),
        ("limit", ""),
        ("limit", "1.5"),
        ("sort", "status"),
        ("status", "vanished"),
        ("phase", ""),
        ("has_exception", "perhaps"),
        ("updated_since", "yesterday"),
        ("updated_since", "2026-03-02T08:00:00"),
        ("eta_before", "0001-01-01T00:00:00+14:00"),
        ("eta_after", "9999-12-31T23:59:59-14:00"),
        ("ship_to", ""),
        ("ship_to", "x" * 201),
        ("reference", "a\0b"),
        ("carrier", "AB,,CD"),
    ],
)
async def test_a_wrong_value_is_refused_and_its_parameter_named(world: Service, name, value):
    problem = ladder.refused(await world.get(LIST, params={name: value}), 400, "invalid_parameter")
    assert [one["pointer"] for one in problem["errors"]] == [f"/query/{name}"]


async def test_a_parameter_given_twice_is_refused(world: Service):
    problem = ladder.refused(await world.get(f"{LIST}?limit=1&limit=2"), 400, "invalid_parameter")
    assert "limit" in problem["detail"]


async def test_the_limit_may_be_anything_from_1_to_200(world: Service):
    for limit in (1, 200):
        assert (await world.get(LIST, params={"limit": limit})).status_code == 200
