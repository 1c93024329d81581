"""Hearing what changed: one blocking read per process on the stream the projectors push to."""

import asyncio
from typing import Any

import msgspec
import structlog

from app.reads.memory import Memory
from projections.cache import PUSHED, PUSHED_FIELD
from projections.redis import UNAVAILABLE, Redis, ResponseError

BLOCK_MS = 250
# A few unanswered reads long: past that the server hangs and nothing in memory can be believed.
BELIEF_SECONDS = 0.75
RETRY_SECONDS = 0.25

log = structlog.get_logger()
_DECODER = msgspec.msgpack.Decoder(list[tuple[str, str, int]])


async def hear_pushes(redis: Redis, memory: Memory, stop: asyncio.Event) -> None:
    """Keep a memory true until told to stop. `redis` is for this alone: it blocks.

    Told, not cancelled: redis-py can take a cancellation for its own time-out, and go on.
    """
    while not stop.is_set():
        try:
            await _hear(redis, memory, stop)
        except (*UNAVAILABLE, ResponseError) as error:
            memory.clear()
            log.warning("reads.pushes_lost", error=repr(error))
            await asyncio.sleep(RETRY_SECONDS)


async def _hear(redis: Redis, memory: Memory, stop: asyncio.Event) -> None:
    memory.ask()
    newest: Any = await redis.xrevrange(PUSHED, count=1)
    last = newest[0][0] if newest else b"0-0"
    memory.clear()
    memory.believe(BELIEF_SECONDS)
    while not stop.is_set():
        memory.ask()
        # RESP3 answers {stream: [entries]}; redis-py types it as the union of all protocols' shapes.
        answer: Any = await redis.xread({PUSHED: last}, block=BLOCK_MS, count=100)
        for chunk in (answer or {}).values():
            for last, fields in chunk[0]:  # noqa: B007 - the last id read is where to go on
                for tenant, subject_id, version in _DECODER.decode(fields[PUSHED_FIELD]):
                    memory.learn((tenant, subject_id), version)
        memory.believe(BELIEF_SECONDS)
