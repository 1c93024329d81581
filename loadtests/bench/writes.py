"""The rows about writing: events into the log, the log into views, and both at once."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import msgspec

from loadtests.bench.programs import NotStartedError, go, line_of, tail, writer
from loadtests.bench.recording import Batch, write_raw
from loadtests.bench.results import Round
from loadtests.bench.world import ROUNDS, World
from projections.cache import PUBLISHED, Published
from projections.feed.names import FIELD, stream_name
from projections.redis import Redis, open_redis

_XADD_BATCH = 1_000
_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 120.0

Step = Callable[[], None]
Pairs = list[tuple[Round, Round]]


async def projector(world: World, rounds: int, step: Step) -> Pairs:
    """The log into views, by a projector alone on its core's worth of time; counted in rows of the log."""

    async def ours(redis: Redis) -> Round:  # noqa: ARG001 - the rows' common form
        return await _write(world, "project", "logged")

    async def limit() -> Round:
        return await _raw(world, "logged", world.view_batches, world.log_rows)

    return await _alternate(world, rounds, step, ours, limit)


async def intake(world: World, rounds: int, step: Step) -> Pairs:
    """The feed's stream into the log; counted in messages."""

    async def ours(redis: Redis) -> Round:
        await _preload(redis, world)
        return await _write(world, "intake", "empty")

    async def limit() -> Round:
        return await _raw(world, "empty", world.log_batches, len(world.bodies))

    return await _alternate(world, rounds, step, ours, limit)


async def feed_to_views(world: World, rounds: int, step: Step) -> Pairs:
    """The feed's stream into views, intake and projector at the same time; counted in messages."""

    async def ours(redis: Redis) -> Round:
        await _preload(redis, world)
        return await _flow(world, redis)

    async def limit() -> Round:
        return await _raw(world, "empty", [*world.log_batches, *world.view_batches], len(world.bodies))

    return await _alternate(world, rounds, step, ours, limit)


async def _alternate(
    world: World,
    rounds: int,
    step: Step,
    ours: Callable[[Redis], Coroutine[Any, Any, Round]],
    limit: Callable[[], Coroutine[Any, Any, Round]],
) -> Pairs:
    world.stores_on(world.cores.all)
    pairs: Pairs = []
    async with open_redis(world.redis_url(ROUNDS), timeout_seconds=10) as redis:
        for _ in range(rounds):
            await redis.flushdb()
            mine = await ours(redis)
            await redis.flushdb()
            step()
            pairs.append((mine, await limit()))
            step()
    return pairs


async def _raw(world: World, template: str, batches: list[Batch] | Any, count: int) -> Round:  # noqa: ANN401
    async with world.databases.fresh(template) as url:
        return await write_raw(url, batches, count)


async def _write(world: World, role: str, template: str) -> Round:
    log = world.folder / f"{role}.log"
    async with (
        world.databases.fresh(template) as url,
        writer(role, url, world.redis_url(ROUNDS), log) as started,
    ):
        go(started)
        done = await line_of(started)
        if not done:
            raise NotStartedError(tail(log))
        return msgspec.json.decode(done, type=Round)


async def _flow(world: World, redis: Redis) -> Round:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(world.databases.fresh("empty"))
        pair = [
            await stack.enter_async_context(writer(role, url, world.redis_url(ROUNDS), world.folder / f"{role}.log"))
            for role in ("intake-on", "project-on")
        ]
        connection = await asyncpg.connect(url)
        stack.push_async_callback(connection.close)
        started = time.perf_counter()
        for one in pair:
            go(one)
        await asyncio.wait_for(_all_there(connection, redis), _PATIENCE_SECONDS)
        seconds, cpu = time.perf_counter() - started, 0.0
        for one in pair:
            if one.stdin is not None:
                one.stdin.close()
            cpu += msgspec.json.decode(await line_of(one), type=Round).cpu_seconds
        return Round(len(world.bodies), seconds, cpu)


async def _all_there(connection: "asyncpg.Connection[asyncpg.Record]", redis: Redis) -> None:
    """Wait until the stream is empty and all of the log is folded and published."""
    # Nobody tells, so look.
    while await redis.xlen(stream_name(0)):  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_SECONDS)
    rows = await connection.fetch("select partition, position from log.partition where position > 0")
    while True:
        said = await redis.hgetall(PUBLISHED)
        published = {int(partition): Published.parse(text).position for partition, text in said.items()}
        if all(published.get(partition, 0) >= position for partition, position in rows):
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def _preload(redis: Redis, world: World) -> None:
    for start in range(0, len(world.bodies), _XADD_BATCH):
        async with redis.pipeline(transaction=False) as pipeline:
            for body in world.bodies[start : start + _XADD_BATCH]:
                pipeline.xadd(stream_name(0), {FIELD: body})
            await pipeline.execute()
