"""Freshness is said with every answer and never faked: from which rung, how old, and that it is never less than before."""

from datetime import datetime
from itertools import pairwise

import msgspec
import pytest

from app.settings import Settings
from projections.intake.outcomes import Message
from tests.api import ladder
from tests.fixtures_service import Service, projecting, running
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned

PATH = f"/v1/shipments/{ladder.SHIPMENT}"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, live_seconds=1.2, stale_seconds=2.0)


async def freshness(service: Service, path: str = PATH) -> dict:
    answer = await service.get(path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["freshness"])


async def served_from(service: Service, rung: str) -> bool:
    return bool((await freshness(service))["served_from"] == rung)


async def test_before_redis_has_proved_itself_documents_come_from_postgres(service: Service):
    await service.take(order_released(), shipment_planned())
    assert [await served_from(service, "postgres") for _ in range(3)] == [True] * 3


async def test_documents_come_from_redis_once_and_then_from_memory(service: Service):
    await service.take(order_released(), shipment_planned())
    async with projecting(service):
        await until(lambda: served_from(service, "memory"))
        # What changes leaves memory; its new version is in Redis already.
        await service.intake.take([Message(milestone(hours=1), "test")])
        await until(lambda: served_from(service, "redis"))
        assert await served_from(service, "memory")
    assert (await service.get(PATH)).json()["status"] == "in_transit"


async def test_lag_grows_and_the_state_falls_while_the_projector_stands_still(service: Service):
    await service.take(order_released(), shipment_planned())
    async with projecting(service):
        await until(lambda: state_is(service, "live"))
    seen = []

    async def stale() -> bool:
        seen.append(await freshness(service))
        return bool(seen[-1]["state"] == "stale")

    await until(stale)
    for one, following in pairwise(seen):
        assert one["as_of"] < following["as_of"] or one["lag_seconds"] <= following["lag_seconds"]
    assert [*dict.fromkeys(one["state"] for one in seen)] == ["live", "delayed", "stale"]
    for path in ("/v1/shipments", "/v1/lookup?reference=S-1", f"{PATH}/milestones"):
        assert (await freshness(service, path))["state"] == "stale"


async def test_as_of_never_moves_back_whichever_rung_answers(service: Service):
    await service.take(order_released(), shipment_planned())
    seen: list[tuple[str, datetime]] = []
    rungs: set[str] = set()

    async def all_rungs() -> bool:
        for path in (PATH, "/v1/shipments", f"{PATH}/milestones", "/v1/lookup?reference=S-1"):
            told = await freshness(service, path)
            seen.append((told["served_from"], datetime.fromisoformat(told["as_of"])))
        rungs.update((seen[-4][0], seen[-2][0]))
        if rungs == {"postgres", "redis", "memory"}:
            return True
        await service.intake.take([Message(milestone(hours=len(seen)), "test")])
        return False

    async with projecting(service):
        await until(all_rungs)
        await service.redis.flushall()
        rungs.clear()
        await until(all_rungs)
    times = [as_of for _, as_of in seen]
    assert times == sorted(times)


async def test_without_memory_documents_come_from_redis(settings: Settings, redis, projector_pool):
    async with running(msgspec.structs.replace(settings, memory_documents=0), redis, projector_pool) as service:
        await service.take(order_released(), shipment_planned())
        async with projecting(service):
            await until(lambda: served_from(service, "redis"))
            assert await served_from(service, "redis")


async def state_is(service: Service, state: str) -> bool:
    return bool((await freshness(service))["state"] == state)


async def test_headers_and_words_agree_in_every_state(service: Service):
    await service.take(order_released(), shipment_planned())
    tag = (await service.get(PATH)).headers["etag"]
    seen: set[str] = set()

    async def all_states() -> bool:
        for path in (PATH, f"{PATH}/milestones", "/v1/shipments", "/v1/lookup?reference=S-1"):
            answer = await service.get(path)
            told = answer.json()["freshness"]
            assert int(answer.headers["age"]) == int(told["lag_seconds"])
            assert ("stale-if-error" in answer.headers["cache-control"]) == (told["state"] != "stale")
            assert answer.headers["cache-control"].startswith("private, no-cache")
            seen.add(told["state"])
        return len(seen) == 3

    async with projecting(service):
        await until(lambda: state_is(service, "live"))
    await until(all_states)
    unchanged = await service.get(PATH, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.headers["cache-control"]) == (304, "private, no-cache")
    assert int(unchanged.headers["age"]) >= 2


async def test_a_source_says_up_to_when_it_is_well(service: Service):
    await service.take(order_released(), shipment_planned())

    async def heard() -> bool:
        sources = (await freshness(service))["sources"]
        return all(one["watermark"] and one["watermark"] <= one["heard_at"] for one in sources)

    await until(heard)
