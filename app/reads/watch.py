"""Watching how far the projectors are, in Redis and in Postgres, and whether Redis can be believed."""

import asyncio
import contextlib

import asyncpg
import structlog

from app.reads.freshness import FreshnessClock
from projections.cache import PUBLISHED, Published
from projections.database import Pool
from projections.redis import UNAVAILABLE, Redis
from projections.sql import load

WATCH_SECONDS = 0.5
SQL = load(__package__)

log = structlog.get_logger()


class Watch:
    """What the last looks at Redis and Postgres said.

    Redis is believed for a partition only after its progress was seen to move since the last time Redis
    was away: then a projector has looked at what it could not publish, and started a new epoch if
    there was any. Until then documents come from Postgres.
    """

    def __init__(self, redis: Redis, pool: Pool, clock: FreshnessClock) -> None:
        self._redis = redis
        self._pool = pool
        self._clock = clock
        self._epochs: dict[int, str] = {}
        self._first_seen: dict[int, float] = {}
        self.postgres_answers = False
        self.redis_answers = False

    def epoch(self, partition: int) -> str | None:
        """The epoch under which a partition's documents are in Redis, or None while Redis is not believed."""
        return self._epochs.get(partition)

    def redis_failed(self) -> None:
        """A read found Redis away: believe nothing of it until it has proved itself again."""
        self.redis_answers = False
        self._epochs = {}
        self._first_seen = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop. Failing to look is an answer too: nothing moves on."""
        while not stop.is_set():
            await asyncio.gather(self.look_at_redis(), self.look_at_postgres())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WATCH_SECONDS)

    async def look_at_redis(self) -> None:
        try:
            records = await self._redis.hgetall(PUBLISHED)
        except UNAVAILABLE as error:
            if self.redis_answers:
                log.warning("reads.redis_away", error=repr(error))
            self.redis_failed()
            return
        self.redis_answers = True
        for partition, text in records.items():
            self._believe(int(partition), Published.parse(text))

    def _believe(self, partition: int, published: Published) -> None:
        first_seen = self._first_seen.setdefault(partition, published.as_of)
        if published.as_of > first_seen:
            self._epochs[partition] = published.epoch
            self._clock.learn_published(partition, published.as_of)

    async def look_at_postgres(self) -> None:
        try:
            checkpoints = await self._pool.fetch(SQL["checkpoints"], timeout=2)
            sources = await self._pool.fetch(SQL["sources"], timeout=2)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            if self.postgres_answers:
                log.warning("reads.postgres_away", error=repr(error))
            self.postgres_answers = False
            return
        self.postgres_answers = True
        self._clock.learn_sources({row["source"]: row["recorded_at"] for row in sources})
        for row in checkpoints:
            self._clock.learn_folded(row["partition"], row["as_of"].timestamp())
