"""Watching how far the projectors are, in Redis and in Postgres, and whether Redis can be believed."""

import asyncio

import asyncpg
import structlog

from app.owners.owners import Owners
from app.reads.database import AWAY, ReadsUnavailableError, probe
from app.reads.freshness import FreshnessClock, Heard
from app.reads.memory import Memory
from projections.cache import PUBLISHED, Published
from projections.database import Pool
from projections.pausing import pause
from projections.redis import UNAVAILABLE, Redis, ResponseError

WATCH_SECONDS = 0.5
# A publication follows its commit within milliseconds. Redis that stays further behind than this gets none.
BEHIND_SECONDS = 2.0

log = structlog.get_logger()


class Watch:
    """What the last looks at Redis and Postgres said.

    Redis is believed for a partition only after its progress was seen to move since the last time Redis
    was away: then a projector has looked at what it could not publish, and started a new epoch if
    there was any. Until then documents come from Postgres. Pushes come through Redis too: whenever it is
    not believed any more, memory, which they keep true, is cleared.
    """

    def __init__(
        self, redis: Redis, pool: Pool, clock: FreshnessClock, memory: Memory, owners: Owners | None = None
    ) -> None:
        self._redis = redis
        self._pool = pool
        self._clock = clock
        self._memory = memory
        self._owners = owners
        self._epochs: dict[int, str] = {}
        self._first_seen: dict[int, float] = {}
        # As the last round found it, which Redis must have by the next; and as known now.
        self._folded: dict[int, int] = {}
        self._folded_now: dict[int, int] = {}
        self._published: dict[int, Published] = {}
        self.postgres_answers = False
        self.redis_answers = False

    def epoch(self, partition: int) -> str | None:
        """The epoch under which a partition's documents are in Redis, or None while Redis is not believed."""
        return self._epochs.get(partition)

    def folded(self, partition: int) -> int:
        """How far a partition is known to be folded in Postgres; -1 while nothing is known."""
        return self._folded_now.get(partition, -1)

    def published(self, partition: int) -> Published | None:
        """What Redis says of a partition, believed or not; None while Redis does not answer."""
        return self._published.get(partition)

    @property
    def believed_partitions(self) -> int:
        """Of how many partitions Redis is believed."""
        return len(self._epochs)

    def redis_failed(self) -> None:
        """A read found Redis away: believe nothing of it until it has proved itself again."""
        self.redis_answers = False
        if self._epochs:
            self._memory.clear()
        self._epochs = {}
        self._first_seen = {}
        self._published = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop. Failing to look is an answer too: nothing moves on."""
        while not stop.is_set():
            # Redis first: it follows Postgres, and would never catch up with a clock just set by Postgres.
            await self.look_at_redis()
            await self.look_at_postgres()
            if self._owners is not None:
                # What is stale, or was said by an owner, is found on the long way only.
                self._memory.withhold(withheld=self._clock.any_stale() or self._owners.ahead())
            await pause(stop, WATCH_SECONDS)

    async def look_at_redis(self) -> None:
        try:
            records = await self._redis.hgetall(PUBLISHED)
        except (*UNAVAILABLE, ResponseError) as error:
            if self.redis_answers:
                log.warning("reads.redis_away", error=repr(error))
            self.redis_failed()
            return
        self.redis_answers = True
        self._published = published = {int(key): Published.parse(text) for key, text in records.items()}
        for partition in [known for known in self._first_seen if known not in published]:
            self.doubt(partition)
        for partition, one in published.items():
            # What the last look found folded must be here by now, else nobody publishes it.
            if one.position < self._folded.get(partition, 0):
                log.warning("reads.redis_behind", partition=partition)
                self.doubt(partition)
            else:
                self._believe(partition, one)

    def _believe(self, partition: int, published: Published) -> None:
        if self._epochs.get(partition, published.epoch) != published.epoch:
            self.doubt(partition)
        first_seen = self._first_seen.setdefault(partition, published.as_of)
        # Nor while it is behind what was said of this partition before: neither `as_of` nor a position moves back.
        known = partition in self._epochs or published.position >= self.folded(partition)
        if known and published.as_of > first_seen and published.as_of >= self._clock.as_of(partition):
            self._epochs[partition] = published.epoch
            self._clock.move(partition, published.as_of)

    def doubt(self, partition: int) -> None:
        """Redis has lost, or not been given, some of a partition: nothing of it counts until it moves on again."""
        self._first_seen.pop(partition, None)
        if self._epochs.pop(partition, None) is not None:
            self._memory.clear()

    async def look_how_far(self) -> None:
        """Learn `folded` anew, between the rounds: for who waits for it. Silent when Postgres is away."""
        try:
            checkpoints = await probe(self._pool, "checkpoints")
        except (asyncpg.PostgresError, ReadsUnavailableError, *AWAY):
            return
        self._folded_now = {row["partition"]: row["position"] for row in checkpoints}

    async def look_at_postgres(self) -> None:
        try:
            checkpoints = await probe(self._pool, "checkpoints")
            sources = await probe(self._pool, "sources")
        except (asyncpg.PostgresError, ReadsUnavailableError, *AWAY) as error:
            if self.postgres_answers:
                log.warning("reads.postgres_away", error=repr(error))
            self.postgres_answers = False
            return
        self.postgres_answers = True
        self._clock.learn_sources({row["source"]: Heard(row["recorded_at"], row["alive_at"]) for row in sources})
        for row in checkpoints:
            self._folded[row["partition"]] = self._folded_now[row["partition"]] = row["position"]
            self._learn_folded(row["partition"], row["as_of"].timestamp())

    def _learn_folded(self, partition: int, as_of: float) -> None:
        self._clock.learn_folded(partition, as_of)
        if partition in self._epochs and as_of - self._clock.as_of(partition) > BEHIND_SECONDS:
            log.warning("reads.redis_behind", partition=partition)
            self.doubt(partition)
        if partition not in self._epochs:
            self._clock.move(partition, as_of)
