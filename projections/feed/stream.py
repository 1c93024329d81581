"""Take events in from a Redis stream through a consumer group.

An entry is acknowledged after its batch was committed, never before: a consumer that dies leaves its
entries pending, and another reclaims them once they have been idle. Taking one twice does no harm.
"""

import asyncio
import os
import socket
import time
from collections.abc import Sequence
from typing import Any

import structlog

from projections.database import DATABASE_UNAVAILABLE
from projections.feed.names import FIELD, GROUP, stream_name
from projections.intake.intake import Intake
from projections.intake.outcomes import Message
from projections.redis import UNAVAILABLE, Redis, ResponseError, open_redis

BATCH = 1_000
# What a batch may weigh, as far as the weight of the one before tells: events may be a thousand times the usual size.
BATCH_BYTES = 16 * 1_048_576
BLOCK_MS = 1_000
IDLE_MS = 30_000
RETRY_SECONDS = 1.0

Entry = tuple[bytes, dict[bytes, bytes]]
log = structlog.get_logger()


class StreamConsumer:
    """One consumer of one shard of the feed."""

    def __init__(self, redis_url: str, intake: Intake, *, shard: int = 0, idle_ms: int = IDLE_MS) -> None:
        self._redis: Redis = open_redis(redis_url, timeout_seconds=BLOCK_MS / 1_000 + 5)
        self._intake = intake
        self._stream = stream_name(shard)
        self._idle_ms = idle_ms
        self._count = BATCH // 10
        self._name = f"{socket.gethostname()}-{os.getpid()}-{id(self):x}"

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until told to stop. An outage of either store is waited out; nothing is acknowledged meanwhile."""
        try:
            while not stop.is_set():
                try:
                    await self._consume(stop)
                except (*UNAVAILABLE, *DATABASE_UNAVAILABLE, ResponseError) as error:
                    log.warning("feed.waiting", stream=self._stream, error=repr(error))
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            await self._redis.aclose()

    async def _consume(self, stop: asyncio.Event) -> None:
        """Read ahead while a batch is being committed; reclaim what dead consumers left as often as it can be there."""
        await self._join_group()
        await self._reclaim()
        reclaimed_at = time.monotonic()
        reading = asyncio.ensure_future(self._read())
        try:
            while not stop.is_set():
                entries = await reading
                reading = asyncio.ensure_future(self._read())
                if entries:
                    await self._take(entries)
                if time.monotonic() - reclaimed_at > self._idle_ms / 1_000:
                    await self._reclaim()
                    reclaimed_at = time.monotonic()
            # What was read ahead is pending under our name: left there, it would wait until another reclaims it.
            if entries := await reading:
                await self._take(entries)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _join_group(self) -> None:
        try:
            await self._redis.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _read(self) -> list[Entry]:
        # RESP3 answers {stream: [entries]}; redis-py types it as the union of all protocols' shapes.
        answer: Any = await self._redis.xreadgroup(
            GROUP, self._name, {self._stream: ">"}, count=self._count, block=BLOCK_MS
        )
        entries: list[Entry] = [entry for chunk in answer.values() for entry in chunk[0]] if answer else []
        self._weigh(entries)
        return entries

    def _weigh(self, entries: Sequence[Entry]) -> None:
        """Take as many next time as fit the budget at the weight of these, but at most twice as many as now."""
        weight = sum(len(value) for _, fields in entries for value in fields.values())
        if entries:
            fitting = BATCH_BYTES * len(entries) // max(1, weight)
            self._count = max(1, min(BATCH, 2 * self._count, fitting))

    async def _reclaim(self) -> None:
        """Take over entries whose consumer has not answered for them in time."""
        cursor = b"0-0"
        while True:
            cursor, entries, *_ = await self._redis.xautoclaim(
                self._stream, GROUP, self._name, self._idle_ms, start_id=cursor, count=self._count
            )
            if entries:
                await self._take(entries)
            if cursor == b"0-0":
                return

    async def _take(self, entries: Sequence[Entry]) -> None:
        messages = [Message(fields.get(FIELD, _unnamed(fields)), "stream") for _, fields in entries]
        await self._intake.take(messages)
        ids = [entry_id for entry_id, _ in entries]
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.xack(self._stream, GROUP, *ids)
        # The log has them for good; kept here they would only fill the memory the feed needs in a burst.
        pipeline.xdel(self._stream, *ids)
        await pipeline.execute()


def _unnamed(fields: dict[bytes, bytes]) -> bytes:
    """An entry without the field we read goes to quarantine with all that it says."""
    return repr(fields).encode()
