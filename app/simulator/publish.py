"""The edge of the simulator: sends what is due, when it is due, to a feed or a file."""

import asyncio
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, Protocol

import msgspec
from redis.exceptions import RedisError

from app.simulator.emission import Emission
from projections.feed.names import FIELD, stream_name
from projections.redis import UNAVAILABLE, Redis, ResponseError, open_redis

BATCH = 500
# Entries a stream may hold unread; at some 600 bytes each this bounds what a slow intake costs in memory.
BACKLOG_BOUND = 50_000
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 30.0
TIMEOUT_SECONDS = 5.0


class FeedUnavailableError(Exception):
    """The feed did not answer for too long, or refused our events."""


class Feed(Protocol):
    async def send(self, batch: Sequence[Emission]) -> None:
        """Send all of a batch in order, waiting while the other side can take no more."""


class FileFeed:
    """A file of one event a line (NDJSON)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    async def send(self, batch: Sequence[Emission]) -> None:
        self._file.writelines(emission.body + b"\n" for emission in batch)
        # A long history writes without a pause; this lets a signal through.
        await asyncio.sleep(0)


class RedisFeed:
    """The streams `portal:feed:{n}`. What is about the same thing goes to the same stream, in order.

    Sending waits while any stream's backlog is over the bound, and retries while the server is away. A retried batch
    may arrive twice; the reader drops duplicates.
    """

    def __init__(
        self,
        redis: Redis,
        shards: int = 1,
        bound: int = BACKLOG_BOUND,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._redis = redis
        self._streams = [stream_name(shard) for shard in range(shards)]
        self._bound = bound
        self._patience_seconds = patience_seconds

    async def reach(self) -> None:
        """Check the server once, without patience: at the start a wrong address is likelier than an outage."""
        try:
            await self.backlog()
        except (RedisError, OSError) as error:
            raise FeedUnavailableError(str(error)) from error

    async def send(self, batch: Sequence[Emission]) -> None:
        clock = asyncio.get_running_loop().time
        heard_at = clock()
        while True:
            try:
                if await self._taken(batch):
                    return
                heard_at = clock()
            except UNAVAILABLE as error:
                if clock() - heard_at > self._patience_seconds:
                    raise FeedUnavailableError(f"no answer for {self._patience_seconds:g} s: {error}") from error
            except RedisError as error:
                raise FeedUnavailableError(str(error)) from error
            await asyncio.sleep(PAUSE_SECONDS)

    async def backlog(self) -> int:
        """The most entries any stream holds that are not yet read and acknowledged."""
        return max([await self._backlog(stream) for stream in self._streams])

    async def _taken(self, batch: Sequence[Emission]) -> bool:
        """Whether there was room for the batch; it is sent then."""
        if await self.backlog() + len(batch) > self._bound:
            return False
        async with self._redis.pipeline(transaction=False) as pipeline:
            for emission in batch:
                stream = self._streams[zlib.crc32(emission.about.encode()) % len(self._streams)]
                pipeline.xadd(stream, {FIELD: emission.body})
            await pipeline.execute()
        return True

    async def _backlog(self, stream: str) -> int:
        length = await self._redis.xlen(stream)
        try:
            groups = await self._redis.xinfo_groups(stream)
        except ResponseError:
            # No such stream yet.
            return 0
        # The lag is unknown (None) after entries were deleted out of order; the length is then the safe answer.
        open_entries = [group["pending"] + (length if group["lag"] is None else group["lag"]) for group in groups]
        return min(length, max(open_entries)) if groups else length


def connect(url: str) -> Redis:
    """A client for `RedisFeed`, which does its own waiting and retrying. Raises ValueError for a wrong URL."""
    return open_redis(url, timeout_seconds=TIMEOUT_SECONDS)


class Tally(msgspec.Struct):
    """What was sent so far."""

    events: int = 0
    duplicate: int = 0
    late: int = 0
    disordered: int = 0
    malformed: int = 0

    def add(self, batch: Sequence[Emission]) -> None:
        self.events += len(batch)
        for emission in batch:
            if emission.fault:
                setattr(self, emission.fault, getattr(self, emission.fault) + 1)


async def broadcast(emissions: Iterator[Emission], feed: Feed, sent: Callable[[Sequence[Emission]], None]) -> None:
    """Send each emission once the wall clock has reached its time, in batches of what is due.

    Nothing is ever sent before its time, so no event claims a future. `sent` hears of each batch that is through.
    """
    batch: list[Emission] = []
    for emission in emissions:
        wait_seconds = (emission.at - datetime.now(UTC)).total_seconds()
        if batch and (wait_seconds > 0 or len(batch) >= BATCH):
            await feed.send(batch)
            sent(batch)
            batch = []
        if wait_seconds > 0:
            await asyncio.sleep(wait_seconds)
        batch.append(emission)
    if batch:
        await feed.send(batch)
        sent(batch)
