"""Reading through to the owner of a stale shipment: what is shown, what is taken in, and what is not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from app.settings import Settings
from projections.database import Pool
from projections.intake.outcomes import Message
from projections.redis import Redis
from tests.api import ladder
from tests.fixtures_service import Service, projecting, running
from tests.fixtures_upstream import SimulatedUpstream
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned
from tests.snapshots import shipment

PATH = f"/v1/shipments/{ladder.SHIPMENT}"
ELSEWHERE = {"city": "Malmö", "country": "SE"}


@pytest.fixture
async def stale(
    settings: Settings, tmp_path: Path, upstream: SimulatedUpstream, redis: Redis, projector_pool: Pool
) -> AsyncIterator[Service]:
    """A service that knows S-1, planned for Kiel, and for which all it has became stale at once."""
    sources = tmp_path / "sources.toml"
    api = f'{{ url = "{upstream.base_url}/tms", kind = "shipments" }}'
    sources.write_text(f'[tms]\nname = "/tms/main"\nformat = "events"\napi = {api}\n')
    impatient = msgspec.structs.replace(settings, sources_file=str(sources), live_seconds=0.2, stale_seconds=0.2)
    async with running(impatient, redis, projector_pool) as service:
        await service.take(order_released(), shipment_planned())
        yield service


async def shown(service: Service) -> dict[str, object]:
    answer = await service.get(PATH)
    assert answer.status_code == 200, answer.text
    return {"city": answer.json()["ship_to"]["city"], "from": answer.json()["freshness"]["served_from"]}


async def becomes(service: Service, **expected: object) -> None:
    async def as_expected() -> bool:
        return await shown(service) == expected

    await until(as_expected)


async def test_the_owners_word_is_shown_now_and_stays_when_the_projector_has_folded_it(
    stale: Service, upstream: SimulatedUpstream
):
    upstream.has("shipments", shipment(ship_to=ELSEWHERE))
    await becomes(stale, **{"city": "Malmö", "from": "upstream"})
    etag = (await stale.get(PATH)).headers["etag"]
    await stale.projector.catch_up()
    stored = await stale.get(PATH)
    assert stored.json()["ship_to"]["city"] == "Malmö"
    assert stored.headers["etag"] == etag


async def test_what_was_shown_from_the_owner_is_not_taken_back_when_the_owner_goes_away(
    stale: Service, upstream: SimulatedUpstream
):
    upstream.has("shipments", shipment(ship_to=ELSEWHERE))
    await becomes(stale, **{"city": "Malmö", "from": "upstream"})
    upstream.fails("error")
    for _ in range(20):
        assert (await shown(stale))["city"] == "Malmö"


async def test_what_waits_in_the_log_is_shown_with_the_owners_word(stale: Service, upstream: SimulatedUpstream):
    upstream.has("shipments", shipment(ship_to=ELSEWHERE))
    await stale.intake.take([Message(milestone(hours=5), "test")])
    await becomes(stale, **{"city": "Malmö", "from": "upstream"})
    assert len((await stale.get(PATH)).json()["milestones"]) == 1


async def test_readers_of_one_shipment_share_one_question(stale: Service, upstream: SimulatedUpstream):
    upstream.has("shipments", shipment(ship_to=ELSEWHERE))
    upstream.fails("slow", seconds=0.2)
    await becomes(stale, **{"city": "Malmö", "from": "upstream"})
    await asyncio.gather(*(shown(stale) for _ in range(20)))
    assert [one["path"] for one in upstream.asked()] == ["/tms/shipments/S-1"]


@pytest.mark.parametrize(
    "other",
    [
        shipment("S-1", tenant="suedwind", ship_to=ELSEWHERE),
        shipment("S-2", ship_to=ELSEWHERE),
        {"number": "S-1"},
    ],
    ids=["another customer's", "another shipment", "unreadable"],
)
async def test_an_answer_about_anything_else_is_neither_shown_nor_believed(
    stale: Service, upstream: SimulatedUpstream, other: dict[str, object]
):
    # Whatever is asked, this is the answer.
    upstream.has("shipments", {**other, "number": "S-1"})
    if other["number"] != "S-1":
        upstream.fails("wrong_json")

    async def asked() -> bool:
        await shown(stale)
        return bool(upstream.asked())

    await until(asked)
    assert (await shown(stale))["city"] == "Kiel"


async def test_another_customer_makes_nobody_ask(stale: Service, upstream: SimulatedUpstream):
    upstream.has("shipments", shipment(ship_to=ELSEWHERE))
    for _ in range(10):
        assert (await stale.get(PATH, tenant="suedwind")).status_code == 404
    assert upstream.asked() == []


async def test_once_projection_works_nobody_asks_any_more(stale: Service, upstream: SimulatedUpstream):
    upstream.has("shipments", shipment(ship_to=ELSEWHERE))
    await becomes(stale, **{"city": "Malmö", "from": "upstream"})
    async with projecting(stale):
        asked = len(upstream.asked())
        for _ in range(20):
            assert (await shown(stale))["city"] == "Malmö"
    assert len(upstream.asked()) == asked


async def test_a_fault_of_ours_over_an_owners_answer_is_logged_and_what_we_have_is_shown(
    stale: Service, upstream: SimulatedUpstream, monkeypatch: pytest.MonkeyPatch
):
    upstream.has("shipments", shipment(ship_to=ELSEWHERE))

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.owners.owners.news", broken)

    async def asked() -> bool:
        assert (await shown(stale))["city"] == "Kiel"
        return bool(upstream.asked())

    await until(asked)
