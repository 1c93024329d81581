"""Connections: keyset cursors that are REST's, filters, order and counts."""

import pytest

from tests.api.graphql_asking import ask, codes, shown
from tests.fixtures_service import Service
from tests.messages import order_released, shipment_planned

PAGE = """query Page($after: String, $first: Int! = 2, $filter: ShipmentFilter, $order: ListOrder) {
  shipments(first: $first, after: $after, filter: $filter, orderBy: $order) {
    edges { cursor node { number } } nodes { number } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


@pytest.fixture
async def five(service: Service) -> Service:
    await service.take(order_released())
    for number in range(1, 6):
        await service.take(shipment_planned(f"S-{number}", hours=number))
    return service


async def numbers(service: Service, **variables) -> list[str]:
    """Of all pages, each followed by its end cursor."""
    found: list[str] = []
    while True:
        page = (await shown(service, PAGE, **variables))["shipments"]
        found += [one["number"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        variables["after"] = page["pageInfo"]["endCursor"]


async def test_pages_follow_each_other_without_gap_or_double(five: Service):
    assert await numbers(five) == ["S-5", "S-4", "S-3", "S-2", "S-1"]
    assert await numbers(five, order={"direction": "ASC"}) == ["S-1", "S-2", "S-3", "S-4", "S-5"]


async def test_every_edge_has_a_cursor_to_go_on_from(five: Service):
    edges = (await shown(five, PAGE))["shipments"]["edges"]
    rest = (await shown(five, PAGE, after=edges[0]["cursor"], first=200))["shipments"]
    assert [one["number"] for one in rest["nodes"]] == ["S-4", "S-3", "S-2", "S-1"]
    assert rest["pageInfo"]["hasPreviousPage"]


async def test_a_cursor_of_rest_goes_on_here_and_the_other_way_round(five: Service):
    rest = (await five.get("/v1/shipments?limit=2")).json()
    here = (await shown(five, PAGE))["shipments"]
    assert here["pageInfo"]["endCursor"] == rest["next_cursor"]
    on = (await five.get("/v1/shipments", params={"cursor": here["edges"][0]["cursor"]})).json()
    assert [one["number"] for one in on["items"]] == ["S-4", "S-3", "S-2", "S-1"]


async def test_the_count_is_of_all_that_the_filter_lets_through(five: Service):
    assert (await shown(five, PAGE))["shipments"]["totalCount"] == 5
    narrowed = await shown(five, PAGE, filter={"reference": "PRO-S-2", "status": ["PLANNED", "TENDERED", "ACCEPTED"]})
    assert [one["number"] for one in narrowed["shipments"]["nodes"]] == ["S-2"]
    assert narrowed["shipments"]["totalCount"] == 1
    for at_risk in (True, False):
        # Counted as it is listed, by this too.
        held = (await shown(five, PAGE, filter={"atRisk": at_risk}))["shipments"]
        listed = (await shown(five, PAGE, first=50, filter={"atRisk": at_risk}))["shipments"]
        assert held["totalCount"] == len(listed["nodes"])


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"after": "x"}, "BROKEN_CURSOR"),
        ({"first": 0}, "BAD_USER_INPUT"),
        ({"first": 201}, "BAD_USER_INPUT"),
        ({"filter": {"shipTo": ""}}, "BAD_USER_INPUT"),
        ({"filter": {"reference": "a\nb"}}, "BAD_USER_INPUT"),
        ({"filter": {"updatedSince": "yesterday"}}, "BAD_USER_INPUT"),
        ({"filter": {"colour": "red"}}, "BAD_USER_INPUT"),
        ({"filter": {"status": ["RED"]}}, "BAD_USER_INPUT"),
        ({"first": "x"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_not_valid_is_named(world: Service, variables, code):
    told = await ask(world, PAGE, **variables)
    assert codes(told) == [code], told
    assert not (told.get("data") or {}).get("shipments")


async def test_a_cursor_of_another_list_or_tenant_does_not_fit(five: Service, service: Service):
    await service.take(order_released("SO-9", tenant="suedwind"), shipment_planned("S-9", "SO-9", tenant="suedwind"))
    cursor = (await shown(five, PAGE))["shipments"]["edges"][0]["cursor"]
    assert codes(await ask(five, PAGE, tenant="suedwind", after=cursor)) == ["BROKEN_CURSOR"]
    assert codes(await ask(five, PAGE, after=cursor, filter={"hasException": True})) == ["BROKEN_CURSOR"]
