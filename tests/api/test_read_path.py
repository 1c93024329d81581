"""The read path when its stores fail: reads go on, and none ever shows an older version than one shown before."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import msgspec
import pytest

from app.embedded import Servers, start
from app.settings import Settings
from projections import checkpoint
from projections.cache import PUT_SCRIPT, Document, Publisher, pack, unpack
from projections.database import Pool
from projections.intake.outcomes import Message
from projections.redis import Redis, open_redis
from projections.runner import Projector
from tests.api import ladder
from tests.api.test_health import connections
from tests.fixtures_service import Service, projecting
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned

UNHEARD = "unheard"
PATH = f"/v1/shipments/{ladder.SHIPMENT}"


class Valkey:
    """A Valkey of the test's own, to be stopped and started; its address stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = self._start()
        self.url = self._server.redis_url

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server = self._start()
        assert self._server.redis_url == self.url

    def _start(self) -> Servers:
        # Durable: it comes back with the documents it had.
        return start(self._folder, postgres=False)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    own = Valkey(tmp_path / "valkey")
    yield own
    own.stop()


@pytest.fixture
async def redis(valkey: Valkey) -> AsyncIterator[Redis]:
    async with open_redis(valkey.url) as client:
        yield client


@pytest.fixture
def settings(settings: Settings, valkey: Valkey) -> Settings:
    return msgspec.structs.replace(settings, redis_url=valkey.url)


@pytest.fixture
async def unheard(projector_pool: Pool) -> AsyncIterator[Projector]:
    """A projector that reaches Postgres and not Redis."""
    async with open_redis("redis://127.0.0.1:1/0") as nowhere:
        yield Projector(projector_pool, Publisher(nowhere), owner=UNHEARD)


class Reader:
    """Reads one shipment again and again: every answer is good, and none has fewer milestones than one before."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.rungs: list[str] = []
        self.milestones = 0

    async def look(self) -> str:
        answer = await self._service.get(PATH)
        assert answer.status_code == 200, answer.text
        shown = len(answer.json()["milestones"])
        assert shown >= self.milestones, "an older version was shown"
        self.milestones = shown
        self.rungs.append(answer.json()["freshness"]["served_from"])
        return self.rungs[-1]

    async def sees(self, *rungs: str) -> None:
        async def seen() -> bool:
            return await self.look() in rungs

        await until(seen)

    async def sees_milestones(self, count: int) -> None:
        async def seen() -> bool:
            await self.look()
            return self.milestones >= count

        await until(seen)


class Story:
    """A shipment to which things happen, and its reader."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.reader = Reader(service)
        self.happened = 0

    async def happens(self) -> None:
        """One more milestone is taken in; the projector will fold it."""
        self.happened += 1
        body = milestone(city=f"City {self.happened}", hours=self.happened)
        await self.service.intake.take([Message(body, "test")])

    async def is_caught_up(self) -> None:
        await self.reader.sees_milestones(self.happened)


@asynccontextmanager
async def told(service: Service) -> AsyncIterator[Story]:
    """A story whose projector works and whose documents are in memory already."""
    await service.take(order_released(), shipment_planned())
    story = Story(service)
    async with projecting(service):
        await story.happens()
        await story.is_caught_up()
        await story.reader.sees("memory")
        yield story


async def test_reads_go_on_from_postgres_while_redis_is_away(service: Service, valkey: Valkey):
    async with told(service) as story:
        await asyncio.to_thread(valkey.stop)
        await story.happens()
        await story.is_caught_up()
        assert await story.reader.look() == "postgres"
        await asyncio.to_thread(valkey.start)
        await story.reader.sees("memory", "redis")
        await story.happens()
        await story.is_caught_up()


async def test_reads_go_on_while_redis_hangs(service: Service):
    async with told(service) as story:
        await service.redis.execute_command("CLIENT", "PAUSE", 4_000, "ALL")
        await story.happens()
        await story.is_caught_up()
        assert story.reader.rungs[-1] == "postgres"
        await story.reader.sees("memory", "redis")
        assert story.reader.milestones == 2


async def test_a_hang_too_short_to_be_noticed_by_all_hides_nothing(service: Service):
    # Longer than the projector waits for an answer, shorter than the service's blocking read does.
    async with told(service) as story:
        for _ in range(2):
            await service.redis.execute_command("CLIENT", "PAUSE", 300, "ALL")
            await story.happens()
            await story.is_caught_up()
            await story.reader.sees("memory", "redis")
        assert story.reader.milestones == 3


async def test_a_projector_that_dies_before_it_publishes_hides_nothing(
    service: Service, unheard: Projector, projector_pool
):
    async with told(service) as story:
        pass
    # Committed, and nobody was told: memory still has the version before.
    await story.happens()
    await unheard.catch_up()
    async with projector_pool.acquire() as connection:
        await checkpoint.release(connection, UNHEARD)
    assert await story.reader.look() == "memory"
    async with projecting(service):
        await story.is_caught_up()
        await story.reader.sees("memory", "redis")


async def test_a_projector_that_redis_does_not_hear_is_read_from_postgres(service: Service, unheard: Projector):
    async with told(service) as story:
        pass
    service.projector = unheard
    async with projecting(service):
        await story.happens()
        await story.is_caught_up()
        assert story.reader.rungs[-1] == "postgres"


async def test_reads_go_on_when_redis_is_flushed(service: Service):
    async with told(service) as story:
        for _ in range(3):
            await service.redis.flushall()
            await story.happens()
            await story.is_caught_up()
        await story.reader.sees("memory", "redis")


async def test_redis_that_comes_back_with_old_documents_is_not_believed_before_its_epoch_moves_on(
    service: Service, valkey: Valkey
):
    async with told(service) as story:
        old_keys = {key async for key in service.redis.scan_iter(f"portal:*:{ladder.SHIPMENT}")}
        await asyncio.to_thread(valkey.stop)
        await story.happens()
        await story.is_caught_up()
    # Nobody folds: Redis says what it said before it went.
    await asyncio.to_thread(valkey.start)
    for _ in range(30):
        assert await story.reader.look() == "postgres"
        await asyncio.sleep(0.05)
    async with projecting(service):
        await story.reader.sees("redis", "memory")
        assert story.reader.milestones == 2
        keys = {key async for key in service.redis.scan_iter(f"portal:*:{ladder.SHIPMENT}")}
        assert keys - old_keys


async def test_what_was_listed_is_not_older_when_it_is_read(service: Service):
    await service.take(order_released(), shipment_planned())
    async with projecting(service):
        await Reader(service).sees("memory")
    # Committed, and not published: what Redis and memory have is old now, and nobody was told.
    await service.redis.execute_command("CLIENT", "PAUSE", 300, "WRITE")
    await service.take(milestone())
    listed = (await service.get("/v1/shipments")).json()["items"][0]
    assert listed["status"] == "in_transit"
    assert (await service.get(PATH)).json()["status"] == "in_transit"


async def test_cut_connections_to_postgres_are_opened_again(service: Service):
    await service.take(order_released(), shipment_planned())
    await service.headers()
    paths = (PATH, "/v1/shipments", "/v1/orders", "/v1/lookup?reference=S-1")
    for _ in range(3):
        await cut(service)
        answers = await asyncio.gather(*(service.get(path) for path in paths))
        assert [answer.status_code for answer in answers] == [200] * len(paths)


async def test_without_redis_and_postgres_the_answer_is_not_now(service: Service, valkey: Valkey):
    await service.take(order_released(), shipment_planned())
    headers = await service.headers()
    await asyncio.to_thread(valkey.stop)
    await connections(service, allowed=False)
    for path in (
        PATH,
        f"/v1/shipments/{ladder.NO_SHIPMENT}",
        "/v1/shipments",
        "/v1/orders",
        "/v1/lookup?reference=S-1",
    ):
        answer = await service.http.get(path, headers=headers)
        ladder.refused(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
    await asyncio.to_thread(valkey.start)
    await connections(service, allowed=True)
    assert (await service.get(PATH)).status_code == 200


async def test_redis_alone_serves_documents_while_postgres_is_away(service: Service):
    async with told(service) as story:
        pass
    await connections(service, allowed=False)
    assert await story.reader.look() in ("memory", "redis")
    await connections(service, allowed=True)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
async def test_a_document_is_put_only_over_an_older_one(redis: Redis, order):
    for version in order:
        packed = pack(Document(version, b"digest88", b"/tms/main", b"", b"{}", b"{}"))
        await redis.eval(PUT_SCRIPT, 1, "portal:{a}:e:shp", "60", packed)
    assert unpack(await redis.get("portal:{a}:e:shp")).version == 3


async def test_readers_that_fill_and_a_projector_that_publishes_leave_the_newest(service: Service):
    async with told(service) as story:
        for _ in range(15):
            # Gone from Redis, so that readers fill it from Postgres while the projector publishes the next.
            await service.redis.delete("none", *[key async for key in service.redis.scan_iter(f"*:{ladder.SHIPMENT}")])
            await asyncio.gather(story.happens(), *(story.reader.look() for _ in range(5)))
        await story.is_caught_up()
        stored = [unpack(await service.redis.get(key)) async for key in service.redis.scan_iter(f"*:{ladder.SHIPMENT}")]
        assert b"City 16" in max(stored, key=lambda document: document.version).document


async def cut(service: Service) -> None:
    """Terminate every connection to the test's database."""
    connection = await asyncpg.connect(service.settings.database_url)
    try:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
