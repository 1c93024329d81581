"""Hearing what changed: one blocking read per process on the stream the projectors push to."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from app.reads.memory import Memory
from projections.cache import PUSHED, PUSHED_FIELD, STEPS_FIELD, Step
from projections.redis import UNAVAILABLE, Redis, ResponseError

BLOCK_MS = 250
# A few unanswered reads long: past that the server hangs and nothing in memory can be believed.
BELIEF_SECONDS = 0.75
RETRY_SECONDS = 0.25

log = structlog.get_logger()
_DECODER = msgspec.msgpack.Decoder(list[tuple[str, str, int]])
_STEPS = msgspec.msgpack.Decoder(dict[int, Step])
_NO_STEPS = msgspec.msgpack.encode({})

Doubt = Callable[[int], None]


async def hear_pushes(
    redis: Redis, memory: Memory, doubt: Doubt, changed: Callable[[], None], stop: asyncio.Event
) -> None:
    """Keep a memory true until told to stop, and say each time that something changed. `redis` is for this alone: it blocks.

    Each push says from where to where it takes its partitions. Where one is missing, something was committed and not
    told of: memory is forgotten at once, and `doubt` is told the partition, whose documents in Redis may be old too.

    Told, not cancelled: redis-py can take a cancellation for its own time-out, and go on.
    """
    while not stop.is_set():
        try:
            await _hear(redis, memory, doubt, changed, stop)
        except (*UNAVAILABLE, ResponseError) as error:
            memory.clear()
            log.warning("reads.pushes_lost", error=repr(error))
            await asyncio.sleep(RETRY_SECONDS)


async def _hear(redis: Redis, memory: Memory, doubt: Doubt, changed: Callable[[], None], stop: asyncio.Event) -> None:
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
                _learn(fields, memory, doubt)
                changed()
        memory.believe(BELIEF_SECONDS)


def _learn(fields: dict[bytes, bytes], memory: Memory, doubt: Doubt) -> None:
    for tenant, subject_id, version in _DECODER.decode(fields[PUSHED_FIELD]):
        memory.learn((tenant, subject_id), version)
    # A publisher of the release before does not say how far it is.
    for partition, step in _STEPS.decode(fields.get(STEPS_FIELD, _NO_STEPS)).items():
        if not memory.follow(partition, step):
            log.warning("reads.push_missed", partition=partition)
            doubt(partition)
