"""Every rung of the read path up, down or hung, in every combination: what is served, and what is said of it.

Nothing is pretended: the servers are ended or stopped. Memory is missing in services that were told to keep none.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from app import services as wiring
from app.owners import owners
from app.reads import stores
from app.settings import Settings
from projections.database import DatabaseRole, open_pool
from projections.migrations.migrate import migrate
from projections.redis import open_redis
from projections.references import SubjectKind, public_id
from tests.api.ladder import ORDER
from tests.faults.cases import CASES, REFUSED, Case, outcome, table
from tests.faults.rungs import Rungs, Way, standing
from tests.fixtures_service import UNLIMITED, Service, projecting, running
from tests.integration.waiting import until
from tests.messages import order_released, shipment_planned
from tests.snapshots import shipment

DOCS = Path(__file__).parents[2] / "docs" / "fallback.md"
FRESH_SECONDS, STALE_SECONDS = 600.0, 4.0
# Which stores are cut, and how; the owner is there, then cut in the ways of the second column.
CUTS: list[tuple[dict[str, Way], tuple[Way, ...]]] = [
    ({}, ("down", "hung")),
    ({"redis": "down"}, ("down",)),
    ({"postgres": "down"}, ("down",)),
    ({"redis": "down", "postgres": "down"}, ("down",)),
    ({"redis": "hung"}, ("hung",)),
    ({"postgres": "hung"}, ("hung",)),
    ({"redis": "hung", "postgres": "hung"}, ("hung",)),
]
SHIPMENTS = [f"S-{number}" for number in range(2 * len(CUTS) + 2)]
# What is there has this long to answer on a machine that does other things too; what hangs is waited for as long.
PATIENCE_SECONDS = 2.0
# A read waits for a hung Redis, a hung Postgres and an owner, one after the other: for long, and not for good.
BOUND_SECONDS = 30.0
pytestmark = pytest.mark.timeout(300)


class Ladder:
    """Services over the same rungs: with memory or without, and patient or not with what has not moved on."""

    def __init__(self, rungs: Rungs, services: dict[tuple[bool, bool], Service]) -> None:
        self.rungs, self.services = rungs, services
        self.left = list(SHIPMENTS)

    @property
    def one(self) -> Service:
        return next(iter(self.services.values()))

    async def look(self, number: str, *, memory: bool, stale: bool) -> str:
        """Where it was served from and how fresh it was said to be."""
        started = time.monotonic()
        answer = await self.services[memory, stale].get(f"/v1/shipments/{_id(number)}")
        assert time.monotonic() - started < BOUND_SECONDS
        if answer.status_code != 200:
            assert answer.json()["code"] == "unavailable"
            assert int(answer.headers["retry-after"]) > 0
            return str(answer.status_code)
        assert answer.json()["number"] == number
        said = answer.json()["freshness"]
        city = "Malmö" if said["served_from"] == "upstream" else "Kiel"
        assert answer.json()["ship_to"]["city"] == city
        return f"{said['served_from']}, {said['state']}"

    async def warm(self) -> None:
        """Projection works and every service has every shipment on its first rung; then projection stops."""
        async with projecting(self.one):
            # Of orders no owner is asked: none may be asked about a shipment before its turn.
            await until(self._is_fresh)
            for (memory, stale), number in [(key, number) for key in self.services for number in self.left]:
                await until(lambda: self._is_up(number, memory=memory, stale=stale))  # noqa: B023 - awaited at once

    async def _is_fresh(self) -> bool:
        for (memory, _), service in self.services.items():
            answer = await service.get(f"/v1/orders/{ORDER}")
            said = answer.json().get("freshness")
            if not said or said["lag_seconds"] > 1 or said["served_from"] != ("memory" if memory else "redis"):
                return False
        return True

    async def _is_up(self, number: str, *, memory: bool, stale: bool) -> bool:
        return await self.look(number, memory=memory, stale=stale) == ("memory, live" if memory else "redis, live")

    async def age(self) -> None:
        """Wait until everything is stale to the impatient."""

        async def is_stale() -> bool:
            answers = [await self.services[memory, True].get(f"/v1/orders/{ORDER}") for memory in (True, False)]
            lags = [answer.json()["freshness"]["lag_seconds"] for answer in answers if answer.status_code == 200]
            return bool(lags) and min(lags) > STALE_SECONDS

        await until(is_stale)


def _id(number: str) -> str:
    return public_id(SubjectKind.SHIPMENT, "nordwind", number)


@pytest.fixture(scope="module")
async def ladder(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ladder]:
    folder = tmp_path_factory.mktemp("ladder")
    async with AsyncExitStack() as stack:
        patience = stack.enter_context(pytest.MonkeyPatch.context())
        for module, name in (
            (wiring, "REDIS_SECONDS"),
            (stores, "DOCUMENT_SECONDS"),
            (owners, "PATIENCE_SECONDS"),
        ):
            patience.setattr(module, name, PATIENCE_SECONDS)
        rungs = stack.enter_context(standing(folder))
        await migrate(rungs.postgres.url)
        redis = await stack.enter_async_context(open_redis(rungs.redis.url, timeout_seconds=5))
        pool = await stack.enter_async_context(await open_pool(rungs.postgres.url, DatabaseRole.PROJECTOR))
        services = {}
        for memory in (True, False):
            for stale in (False, True):
                made = _settings(folder, rungs, memory=memory, stale=stale)
                services[memory, stale] = await stack.enter_async_context(running(made, redis, pool))
        ladder = Ladder(rungs, services)
        await ladder.one.take(order_released(), *(shipment_planned(number) for number in SHIPMENTS))
        rungs.owner.has(*(shipment(number, ship_to={"city": "Malmö", "country": "SE"}) for number in SHIPMENTS))
        headers = await ladder.one.headers()
        for service in services.values():
            service._headers[("nordwind", ("shipments:read", "orders:read"))] = headers
        yield ladder


def _settings(folder: Path, rungs: Rungs, *, memory: bool, stale: bool) -> Settings:
    sources = folder / "sources.toml"
    url = f"{rungs.owner.upstream.base_url}/tms"
    sources.write_text(f'[tms]\nname = "/tms/main"\nformat = "events"\napi = {{ url = "{url}", kind = "shipments" }}\n')
    return Settings(
        database_url=rungs.postgres.url,
        redis_url=rungs.redis.url,
        data_dir=str(folder),
        sources_file=str(sources),
        memory_documents=1_000 if memory else 0,
        live_seconds=STALE_SECONDS if stale else FRESH_SECONDS,
        stale_seconds=STALE_SECONDS if stale else FRESH_SECONDS,
        rate_limit=UNLIMITED,
        failure_limit="off",
    )


@pytest.mark.parametrize(("stores", "ways"), CUTS, ids=lambda value: "-".join(f"{one}" for one in value) or "none")
async def test_each_missing_rung_is_made_up_for_by_the_next(
    ladder: Ladder, stores: dict[str, Way], ways: tuple[Way, ...]
):
    await ladder.warm()
    cut = {name: getattr(ladder.rungs, name) for name in stores}
    try:
        for name, store in cut.items():
            await asyncio.to_thread(store.cut, stores[name])
        found = await _settled(ladder, stores, upstream=True, stale=False)
        await ladder.age()
        found |= await _settled(ladder, stores, upstream=True, stale=True)
        for way in ways:
            await asyncio.to_thread(ladder.rungs.owner.cut, way)
            try:
                found |= await _settled(ladder, stores, upstream=False, stale=True, noted=way)
            finally:
                await asyncio.to_thread(ladder.rungs.owner.mend)
    finally:
        for store in cut.values():
            await asyncio.to_thread(store.mend)
    assert found == {key: _expected(key) for key in found}


async def _settled(
    ladder: Ladder, stores: dict[str, Way], *, upstream: bool, stale: bool, noted: str = ""
) -> dict[Any, str]:
    """What is served once the services have noticed: memory is believed for a moment after Redis fell silent."""
    number = ladder.left.pop() if stale else ladder.left[-1]
    cases = [Case(memory, "redis" not in stores, "postgres" not in stores, upstream) for memory in (True, False)]
    found: dict[Any, str] = {}

    async def is_as_expected() -> bool:
        seen = await asyncio.gather(*(ladder.look(number, memory=memory, stale=stale) for memory in (True, False)))
        found.update({(case, stale, noted): said for case, said in zip(cases, seen, strict=True)})
        return found == {key: _expected(key) for key in found}

    with suppress(TimeoutError):
        await until(is_as_expected)
    return found


def _expected(key: tuple[Case, bool, str]) -> str:
    case, stale, _ = key
    return outcome(case).stale if stale else outcome(case).fresh


async def test_a_redis_that_came_back_without_being_believed_is_the_last_known_copy(ladder: Ladder):
    await ladder.warm()
    await asyncio.to_thread(ladder.rungs.postgres.cut, "down")
    try:
        await asyncio.to_thread(ladder.rungs.redis.cut, "down")
        await until(lambda: _sees(ladder, REFUSED))
        await asyncio.to_thread(ladder.rungs.redis.mend)
        await until(lambda: _sees(ladder, "redis, stale"))
    finally:
        await asyncio.to_thread(ladder.rungs.postgres.mend)


async def _sees(ladder: Ladder, expected: str) -> bool:
    return await ladder.look(ladder.left[-1], memory=False, stale=False) == expected


def test_the_documented_table_is_what_is_tested():
    written = DOCS.read_text(encoding="utf-8").split("<!-- cases -->\n")[1].split("\n<!-- end of cases -->")[0]
    assert written == table(), f"docs/fallback.md should have:\n{table()}"


def test_only_with_no_store_and_no_copy_is_there_no_answer():
    unanswered = [case for case in CASES if REFUSED in outcome(case)]
    assert unanswered == [case for case in CASES if not (case.memory or case.redis or case.postgres)]
