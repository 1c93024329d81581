"""What is measured on: a simulated network in Postgres and Valkey, and what it took to write it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec

from app.embedded import Servers, start
from app.simulator.simulation import events
from loadtests.bench.cores import Cores, pin
from loadtests.bench.databases import Databases
from loadtests.bench.recording import Batch, Recording
from loadtests.bench.writers import OWNER
from projections.cache import Publisher
from projections.feed.stream import BATCH
from projections.intake.intake import Intake
from projections.intake.outcomes import Message
from projections.redis import open_redis
from projections.runner import Projector

SEED = 1
TENANTS = 16
EVENTS_A_SHIPMENT = 18
# Every story has ended by now: events of the future would be quarantined.
AGE = timedelta(days=265)
# Numbers of Valkey's databases.
SERVED, EMPTY, ROUNDS = 0, 1, 2
Say = Callable[[str], None]


class World(msgspec.Struct, frozen=True):
    """The network: its events as they came, the rows they became, and where the views are.

    Databases: `empty` is migrated, `logged` has all events taken in, `viewed` has them folded too.
    """

    cores: Cores
    folder: Path
    servers: Servers
    databases: Databases
    bodies: Sequence[bytes]
    log_rows: int
    log_batches: Sequence[Batch]
    view_batches: Sequence[Batch]

    def redis_url(self, number: int) -> str:
        return f"{self.servers.redis_url.rpartition('/')[0]}/{number}"

    def stores_on(self, cores: frozenset[int]) -> None:
        """Keep Postgres and Valkey, and what connects from now on, on these cores."""
        for pid in self.servers.pids.values():
            pin(pid, cores)


@asynccontextmanager
async def world(cores: Cores, folder: Path, count: int, say: Say) -> AsyncIterator[World]:
    """Make the network of so many events; everything is gone when it is left."""
    say("starting Postgres and Valkey")
    with await asyncio.to_thread(start, folder / "servers", durable=False) as servers:
        databases = Databases(servers.database_url)
        say(f"simulating {count:,} events")
        bodies = _bodies(count)
        await databases.make("empty")
        say("taking them in")
        rows, logged = await _take_in(databases, bodies)
        say("folding them")
        viewed = await _fold(databases, servers.redis_url)
        # What is recorded stays to the end: never look through it for cycles.
        gc.collect()
        gc.freeze()
        yield World(cores, folder, servers, databases, bodies, rows, logged, viewed)


def _bodies(count: int) -> list[bytes]:
    began = datetime.now(UTC).replace(microsecond=0) - AGE
    bodies = list(islice(events(SEED, TENANTS, count // EVENTS_A_SHIPMENT + 50, began), count))
    if len(bodies) < count:
        raise ValueError(f"the simulated network has {len(bodies)} events only")
    return bodies


async def _take_in(databases: Databases, bodies: Sequence[bytes]) -> tuple[int, list[Batch]]:
    recording = Recording()
    async with recording.pool(await databases.make("logged", "empty")) as pool:
        intake = Intake(pool)
        for batch in _batches(bodies):
            await intake.take([Message(body, "stream") for body in batch])
        rows: int = await pool.fetchval("select count(*) from log.event")
    await databases.analyze("logged")
    return rows, recording.batches


def _batches(bodies: Sequence[bytes]) -> Iterator[list[bytes]]:
    left = iter(bodies)
    while batch := list(islice(left, BATCH)):
        yield batch


async def _fold(databases: Databases, redis_url: str) -> list[Batch]:
    recording = Recording()
    url = await databases.make("viewed", "logged")
    async with recording.pool(url) as pool, open_redis(redis_url, timeout_seconds=5) as redis:
        await Projector(pool, Publisher(redis), owner=OWNER).catch_up()
    await databases.analyze("viewed")
    return recording.batches
