"""Our writers as programs of their own, as `portal project` and `portal intake` run them.

Run as `python -m loadtests.bench.writers ROLE DATABASE_URL REDIS_URL`. Says `ready`, waits for a line,
then works. `project` and `intake` end when all is done and print a round as JSON; `project-on` and
`intake-on` go on until their standard input ends.
"""

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import structlog
import uvloop

from app import cycles
from loadtests.bench.results import Round
from projections.cache import Publisher
from projections.database import DatabaseRole, Pool, open_pool
from projections.feed.names import stream_name
from projections.feed.stream import StreamConsumer
from projections.intake.intake import Intake
from projections.redis import Redis, open_redis
from projections.runner import Projector

OWNER = "bench"
LOOK_SECONDS = 0.01


class Stores(msgspec.Struct, frozen=True):
    pool: Pool
    redis: Redis
    redis_url: str


@asynccontextmanager
async def _stores(database_url: str, redis_url: str) -> AsyncIterator[Stores]:
    async with (
        await open_pool(database_url, DatabaseRole.PROJECTOR) as pool,
        open_redis(redis_url, timeout_seconds=5) as redis,
    ):
        yield Stores(pool, redis, redis_url)


async def _project(stores: Stores, stop: asyncio.Event) -> int:  # noqa: ARG001 - the roles' common form
    return await Projector(stores.pool, Publisher(stores.redis), owner=OWNER).catch_up()


async def _project_on(stores: Stores, stop: asyncio.Event) -> int:
    await Projector(stores.pool, Publisher(stores.redis), owner=OWNER).run(stop)
    return 0


async def _intake(stores: Stores, stop: asyncio.Event) -> int:
    entries: int = await stores.redis.xlen(stream_name(0))
    consuming = asyncio.create_task(_intake_on(stores, stop))
    # Entries are deleted once their batch was committed; nobody tells, so look.
    while await stores.redis.xlen(stream_name(0)):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_SECONDS)
    consuming.cancel()
    await asyncio.gather(consuming, return_exceptions=True)
    return entries


async def _intake_on(stores: Stores, stop: asyncio.Event) -> int:
    await StreamConsumer(stores.redis_url, Intake(stores.pool)).run(stop)
    return 0


ROLES: dict[str, Callable[[Stores, asyncio.Event], Awaitable[int]]] = {
    "project": _project,
    "project-on": _project_on,
    "intake": _intake,
    "intake-on": _intake_on,
}


async def _run(role: str, database_url: str, redis_url: str) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    cycles.look_seldom()
    async with _stores(database_url, redis_url) as stores:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        on = role.endswith("-on")
        threading.Thread(target=_stop_with_parent, args=(loop, stop, on), daemon=True).start()
        started, cpu = time.perf_counter(), time.process_time()
        count = await ROLES[role](stores, stop)
        done = Round(count, time.perf_counter() - started, time.process_time() - cpu)
        print(msgspec.json.encode(done).decode(), flush=True)


def _stop_with_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, on: bool) -> None:
    """The parent holds the other end of our standard input: however it goes, so do we."""
    sys.stdin.read()
    if on:
        loop.call_soon_threadsafe(stop.set)
    else:
        os._exit(1)


if __name__ == "__main__":
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    uvloop.run(_run(*sys.argv[1:]))
