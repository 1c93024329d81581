"""Several workers over one database: who hands positions back never sees a shipment go back, whatever fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from projections import checkpoint
from projections.cache import Publisher
from projections.database import Pool
from projections.intake.outcomes import Message
from projections.redis import Redis, open_redis
from projections.runner import Projector
from tests.api import ladder
from tests.fixtures_service import UNLIMITED, Service, projecting, running
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned
from tests.served import served

PATH = f"/v1/shipments/{ladder.SHIPMENT}"
PATHS = (PATH, f"{PATH}/milestones")
MIN = "Portal-Min-Position"
CHANGES = 60
READERS = 4

Ask = Callable[[str, dict[str, str]], Awaitable[httpx.Response]]


class Reader:
    """Reads one shipment by different workers, hands the position it was given back, and looks whether anything is gone."""

    def __init__(self, *asks: Ask) -> None:
        self._asks = asks
        self._position: dict[str, str] = {}
        self.answers = 0
        self.refusals = 0
        self.milestones = 0

    async def look(self) -> int:
        """How many milestones it has seen after one more round of questions."""
        for ask in self._asks:
            for path in PATHS:
                answer = await ask(path, self._position)
                if answer.status_code == 503:
                    assert answer.json()["code"] == "position_not_reached", answer.text
                    self.refusals += 1
                    continue
                assert answer.status_code == 200, answer.text
                self._see(answer)
        return self.milestones

    def _see(self, answer: httpx.Response) -> None:
        body = answer.json()
        shown = len(body["milestones"] if "milestones" in body else body["items"])
        assert shown >= self.milestones, f"{shown} after {self.milestones}, from {body['freshness']['served_from']}"
        self.milestones = shown
        self.answers += 1
        self._position = {MIN: body["freshness"]["position"]}


async def happens(service: Service, number: int) -> None:
    await service.intake.take([Message(milestone(city=f"City {number}", hours=number), "test")])


async def read_all(readers: list[Reader], count: int) -> None:
    """Have them read, side by side, until each has seen so many milestones."""

    async def sees(reader: Reader) -> bool:
        return await reader.look() >= count

    await asyncio.gather(*(until(lambda reader=reader: sees(reader), 60) for reader in readers))


async def test_readers_of_two_worker_processes_never_go_back(service: Service):
    await service.take(order_released(), shipment_planned())
    headers = await service.headers()

    # A connection for each request: which worker takes it is up to the kernel.
    limits = httpx.Limits(max_keepalive_connections=0)
    own = {"PORTAL_RATE_LIMIT": UNLIMITED, "PORTAL_BASE_URL": service.settings.public_url}
    async with (
        served(service.settings, workers=2, **own) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, limits=limits) as http,
        projecting(service),
    ):

        async def ask(path: str, least: dict[str, str]) -> httpx.Response:
            return await http.get(path, headers=headers | least)

        readers = [Reader(ask) for _ in range(READERS)]
        reading = asyncio.create_task(read_all(readers, CHANGES))
        for number in range(1, CHANGES + 1):
            await happens(service, number)
            # No faster than it is read, so that each change is looked at by many.
            await until(lambda number=number: furthest(readers, number), 60)
            # In the midst of it Redis forgets everything.
            if number == CHANGES // 2:
                await service.redis.flushall()
        await reading
    assert all(reader.answers > 2 * reader.refusals for reader in readers)


async def furthest(readers: list[Reader], count: int) -> bool:
    return max(reader.milestones for reader in readers) >= count


@asynccontextmanager
async def pair(service: Service, redis: Redis, pool: Pool) -> AsyncIterator[tuple[Ask, Ask]]:
    """Two workers of one installation, and how a customer asks each."""
    async with running(service.settings, redis, pool) as other:
        headers = await service.headers()

        async def one(path: str, least: dict[str, str]) -> httpx.Response:
            return await service.http.get(path, headers=headers | least)

        async def another(path: str, least: dict[str, str]) -> httpx.Response:
            return await other.http.get(path, headers=headers | least)

        yield one, another


@pytest.fixture
async def unheard(projector_pool: Pool) -> AsyncIterator[Projector]:
    """A projector that commits and dies before it has published: Redis does not hear it."""
    async with open_redis("redis://127.0.0.1:1/0") as nowhere:
        yield Projector(projector_pool, Publisher(nowhere), owner="unheard")


async def test_what_one_worker_read_from_postgres_and_nobody_published_is_not_taken_back_by_another(
    service: Service, redis: Redis, projector_pool: Pool, unheard: Projector
):
    await service.take(order_released(), shipment_planned())
    async with pair(service, redis, projector_pool) as (one, another):
        async with projecting(service):
            await happens(service, 1)
            for ask in (one, another):
                await until(lambda ask=ask: from_memory(ask))
        await happens(service, 2)
        await unheard.catch_up()
        async with projector_pool.acquire() as connection:
            await checkpoint.release(connection, "unheard")
        # The list comes from Postgres; both workers have the version before in memory.
        listed = (await one("/v1/shipments", {})).json()
        least = {MIN: listed["freshness"]["position"]}
        reader = Reader(another)
        reader.milestones = 2
        reader._position = least
        await until(lambda: answers(reader))


async def from_memory(ask: Ask) -> bool:
    body = (await ask(PATH, {})).json()
    return bool(body["freshness"]["served_from"] == "memory" and len(body["milestones"]) == 1)


async def answers(reader: Reader) -> bool:
    await reader.look()
    return bool(reader.answers)


async def test_a_push_that_was_missed_makes_every_worker_forget_at_once(
    service: Service, redis: Redis, projector_pool: Pool, unheard: Projector
):
    await service.take(order_released(), shipment_planned())
    async with pair(service, redis, projector_pool) as (one, another):
        async with projecting(service):
            await happens(service, 1)
            for ask in (one, another):
                await until(lambda ask=ask: from_memory(ask))
        await happens(service, 2)
        await unheard.catch_up()
        async with projector_pool.acquire() as connection:
            await checkpoint.release(connection, "unheard")
        # Its successor has nothing to publish but how far it is, and does not vouch for what came before.
        async with projecting(service):
            readers = [Reader(one), Reader(another)]
            await read_all(readers, 2)


async def test_a_worker_that_hears_nothing_while_no_projector_works_reads_from_postgres(
    service: Service, redis: Redis, projector_pool: Pool
):
    await service.take(order_released(), shipment_planned())
    async with pair(service, redis, projector_pool) as asks:
        async with projecting(service):
            await happens(service, 1)
            for ask in asks:
                await until(lambda ask=ask: from_memory(ask))
        # Those who listen for pushes are cut off, and hear anew: nobody says how far it is.
        for client in await redis.client_list():
            if client["cmd"] == "xread":
                await redis.client_kill_filter(_id=client["id"])
        await read_all([Reader(*asks), Reader(*asks)], 1)


async def test_reads_with_a_position_go_on_while_redis_hangs(service: Service, redis: Redis, projector_pool: Pool):
    await service.take(order_released(), shipment_planned())
    async with pair(service, redis, projector_pool) as asks, projecting(service):
        reader = Reader(*asks)
        for number in range(1, 6):
            await redis.execute_command("CLIENT", "PAUSE", 400, "ALL")
            await happens(service, number)
            await read_all([reader], number)
