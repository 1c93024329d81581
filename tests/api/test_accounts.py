"""A parent distributor's token names several accounts: it reads all of them, and each is still read alone."""

from collections.abc import Awaitable, Callable

import pytest

from auth.issuer.users import User
from tests.api import ladder, people
from tests.fixtures_service import READ, Service
from tests.messages import order_released, shipment_planned

TENANTS = ("nordwind", "suedwind", "westwind")
Signing = Callable[[Service], Awaitable[dict[str, str]]]


@pytest.fixture(params=["client", "person", "person who refreshed"])
def parent(request: pytest.FixtureRequest) -> Signing:
    """Signs the parent in: as a program, or as somebody who types a password."""

    async def headers(service: Service) -> dict[str, str]:
        if request.param == "client":
            return await service.headers("nordwind", accounts=TENANTS[:2])
        tokens = await people.tokens_of(service, User("paula", "nordwind", TENANTS[:2], READ))
        return people.bearer(tokens if request.param == "person" else await people.refreshed(service, tokens))

    return headers


async def planned(service: Service, count: int) -> None:
    """Shipments of three tenants in turn, an hour apart."""
    events = [
        shipment_planned(f"{tenant}-{n}", hours=3 * n + turn, tenant=tenant)
        for n in range(count)
        for turn, tenant in enumerate(TENANTS)
    ]
    await service.take(*(order_released(tenant=tenant, id=f"{tenant}-o") for tenant in TENANTS), *events)


async def test_lists_of_several_accounts_are_merged_in_order(service: Service, parent: Signing):
    await planned(service, 3)
    headers = await parent(service)
    for sort, step in (("created_at", 1), ("-created_at", -1)):
        answer = await service.http.get("/v1/shipments", headers=headers, params={"sort": sort})
        numbers = [one["number"] for one in answer.json()["items"]]
        merged = [f"{tenant}-{n}" for n in range(3) for tenant in TENANTS[:2]]
        assert numbers == merged[::step]


async def test_pages_of_several_accounts_give_each_once(service: Service, parent: Signing):
    await planned(service, 5)
    headers = await parent(service)
    numbers: list[str] = []
    params: dict[str, object] = {"limit": 3}
    while params.get("cursor") or not numbers:
        page = (await service.http.get("/v1/shipments", headers=headers, params=params)).json()
        numbers += [one["number"] for one in page["items"]]
        params["cursor"] = page["next_cursor"]
    assert numbers == [f"{tenant}-{n}" for n in reversed(range(5)) for tenant in reversed(TENANTS[:2])]


async def test_each_account_is_read_and_no_other(world: Service, parent: Signing):
    headers = await parent(world)
    for subject_id in (ladder.SHIPMENT, ladder.OTHER_SHIPMENT):
        answer = await world.http.get(f"/v1/shipments/{subject_id}", headers=headers)
        assert answer.json()["id"] == subject_id
    outsider = await world.headers("westwind", accounts=("westwind", "ostwind"))
    for subject_id in (ladder.SHIPMENT, ladder.OTHER_SHIPMENT):
        ladder.refused(await world.http.get(f"/v1/shipments/{subject_id}", headers=outsider), 404, "not_found")


async def test_a_reference_is_looked_up_in_each_account(world: Service, parent: Signing):
    headers = await parent(world)
    for reference, tenant in (("S-1", "nordwind"), ("S-9", "suedwind"), (ladder.OTHER_ORDER, "suedwind")):
        (match,) = (await world.http.get("/v1/lookup", headers=headers, params={"reference": reference})).json()[
            "items"
        ]
        assert match[match["kind"]]["tenant"] == tenant


async def test_the_same_reference_in_two_accounts_leads_to_both(service: Service, parent: Signing):
    await planned(service, 1)
    answer = await service.http.get("/v1/lookup?reference=SO-1", headers=await parent(service))
    assert [one["order"]["tenant"] for one in answer.json()["items"]] == ["nordwind", "suedwind"]


async def test_orders_of_several_accounts_are_merged_and_filtered(service: Service, parent: Signing):
    await planned(service, 2)
    headers = await parent(service)
    orders = (await service.http.get("/v1/orders", headers=headers)).json()["items"]
    assert sorted(one["tenant"] for one in orders) == ["nordwind", "suedwind"]
    named = await service.http.get("/v1/shipments", headers=headers, params={"reference": "suedwind-1"})
    assert [one["number"] for one in named.json()["items"]] == ["suedwind-1"]


async def test_a_cursor_of_several_accounts_is_not_one_of_each(service: Service, parent: Signing):
    await planned(service, 3)
    page = await service.http.get("/v1/shipments?limit=1", headers=await parent(service))
    answer = await service.get("/v1/shipments", params={"cursor": page.json()["next_cursor"]})
    ladder.refused(answer, 400, "broken_cursor")
