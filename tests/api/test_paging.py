"""Cursors: pages that follow one another without a gap or a repetition, and cursors that do not fit."""

import base64

import pytest

from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import order_released, shipment_planned

COUNT = 120


async def pages(service: Service, between, path: str, **params) -> list[str]:
    """All numbers of a list, page by page; `between` runs after each page."""
    numbers: list[str] = []
    cursor = None
    while True:
        asked = {**params, "limit": 25} | ({"cursor": cursor} if cursor else {})
        answer = await service.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        numbers += [one["number"] for one in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return numbers
        await between()


@pytest.mark.parametrize("sort", ["created_at", "-created_at"])
async def test_paging_gives_each_shipment_once_while_new_ones_arrive(service: Service, sort):
    # Ten a minute, so that the id decides between some, also across the end of a page.
    await service.take(order_released())
    known = [shipment_planned(f"S-{n}", hours=n // 10) for n in range(COUNT)]
    await service.take(*known)
    arrived = iter(range(COUNT, 2 * COUNT))

    async def arrive() -> None:
        await service.take(*(shipment_planned(f"S-{n}", hours=n // 10) for n in (next(arrived), next(arrived))))

    numbers = await pages(service, arrive, "/v1/shipments", sort=sort)
    old = [number for number in numbers if int(number[2:]) < COUNT]
    assert len(numbers) == len(set(numbers))
    assert len(old) == COUNT
    assert [int(number[2:]) // 10 for number in old] == sorted(
        (n // 10 for n in range(COUNT)), reverse=sort == "-created_at"
    )


async def test_a_page_as_long_as_the_list_is_the_last(service: Service):
    await service.take(order_released("SO-1"), order_released("SO-2"))
    whole = (await service.get("/v1/orders?limit=2")).json()
    assert (len(whole["items"]), whole["next_cursor"]) == (2, None)
    first = (await service.get("/v1/orders?limit=1")).json()
    rest = (await service.get("/v1/orders", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [one["items"][0]["number"] for one in (first, rest)] == [one["number"] for one in whole["items"]]
    assert rest["next_cursor"] is None


async def cursor_of(service: Service) -> str:
    for tenant in ("nordwind", "suedwind"):
        await service.take(
            order_released(tenant=tenant, source="/erp/main", id=f"{tenant}-o"),
            *(shipment_planned(f"{tenant}-{n}", tenant=tenant) for n in range(3)),
        )
    return str((await service.get("/v1/shipments?limit=1&carrier=ABFS")).json()["next_cursor"])


async def test_a_cursor_serves_only_the_list_it_came_from(service: Service):
    cursor = await cursor_of(service)
    own = {"limit": 2, "carrier": "ABFS", "cursor": cursor}
    assert len((await service.get("/v1/shipments", params=own)).json()["items"]) == 2
    for others in (
        {"cursor": cursor},
        {**own, "carrier": "UPSN"},
        {**own, "status": "planned"},
        {**own, "sort": "created_at"},
    ):
        problem = ladder.refused(await service.get("/v1/shipments", params=others), 400, "broken_cursor")
        assert [one["pointer"] for one in problem["errors"]] == ["/query/cursor"]
    ladder.refused(await service.get("/v1/shipments", "suedwind", params=own), 400, "broken_cursor")
    ladder.refused(await service.get("/v1/orders", params={"cursor": cursor}), 400, "broken_cursor")


async def test_a_broken_cursor_is_refused(world: Service):
    sent = [base64.urlsafe_b64encode(raw).decode() for raw in (b"", b"\x93\x01\x02\x03", b"[1,2,3]", b"\xc1" * 20)]
    for cursor in ("x", "nonsense", "ä", "====", "..", *sent[1:]):
        answer = await world.get("/v1/shipments", params={"cursor": cursor})
        ladder.refused(answer, 400, "broken_cursor")
