"""The watch: what it makes of what Redis and Postgres say, and when it stops to believe Redis."""

import time

import pytest

from app.reads.freshness import FreshnessClock
from app.reads.memory import Memory
from app.reads.thresholds import Threshold, Thresholds
from app.reads.watch import BEHIND_SECONDS, Watch
from projections.cache import PUBLISHED, Document, Published
from projections.database import Pool
from projections.redis import Redis

KEY = ("nordwind", "shp_a")
PARTITION = 3


class Watched:
    """A watch, what it moves, and the projector it believes to see."""

    def __init__(self, redis: Redis, pool: Pool) -> None:
        self.redis = redis
        self.pool = pool
        self.clock = FreshnessClock(Thresholds(Threshold(5, 60)))
        self.memory = Memory(10)
        self.watch = Watch(redis, pool, self.clock, self.memory)
        # Whole, so that sums and differences are exact: what is tested lies on the limit itself.
        self.now = float(int(time.time()))

    async def says_redis(self, seconds: float, epoch: str = "e1") -> str | None:
        """Redis is complete up to so many seconds from the start; answers the epoch believed after a look."""
        text = Published(1, epoch, 7, self.now + seconds).text()
        await self.redis.hset(PUBLISHED, str(PARTITION), text)
        await self.watch.look_at_redis()
        return self.watch.epoch(PARTITION)

    async def says_postgres(self, seconds: float) -> str | None:
        await self.pool.execute(
            "update checkpoint set as_of = to_timestamp($1) where partition = $2", self.now + seconds, PARTITION
        )
        await self.watch.look_at_postgres()
        return self.watch.epoch(PARTITION)

    def remembers(self) -> bool:
        """Whether memory still has a document it is given now and asked for after the next step."""
        return self.memory.get(KEY) is not None

    def remember(self) -> None:
        self.memory.believe(60)
        self.memory.put(KEY, Document(1, b"digest88", b"", b"", b"{}", b"{}"), self.memory.generation)

    @property
    def as_of(self) -> float:
        return round(self.clock.as_of(PARTITION) - self.now, 3)


@pytest.fixture
async def watched(redis: Redis, projector_pool: Pool) -> Watched:
    watched = Watched(redis, projector_pool)
    await watched.says_postgres(0)
    return watched


async def test_redis_is_believed_once_its_progress_was_seen_to_move(watched: Watched):
    assert await watched.says_redis(1) is None
    assert await watched.says_redis(1) is None
    assert await watched.says_redis(2) == "e1"
    assert watched.as_of == 2


async def test_redis_that_is_behind_what_was_said_before_is_not_believed_yet(watched: Watched):
    await watched.says_postgres(10)
    assert await watched.says_redis(1) is None
    assert await watched.says_redis(2) is None
    assert await watched.says_redis(11) == "e1"
    assert watched.as_of == 11


async def test_while_redis_is_believed_its_time_counts_though_postgres_is_ahead(watched: Watched):
    await watched.says_redis(1)
    await watched.says_redis(2)
    assert await watched.says_postgres(2 + BEHIND_SECONDS) == "e1"
    assert watched.as_of == 2


async def test_redis_that_falls_behind_postgres_is_believed_no_more(watched: Watched):
    await watched.says_redis(1)
    await watched.says_redis(2)
    watched.remember()
    assert await watched.says_postgres(2.1 + BEHIND_SECONDS) is None
    assert watched.as_of == 2.1 + BEHIND_SECONDS
    assert not watched.remembers()


async def test_a_new_epoch_is_believed_when_it_moves_and_memory_starts_anew(watched: Watched):
    await watched.says_redis(1)
    await watched.says_redis(2)
    watched.remember()
    assert await watched.says_redis(2.5) == "e1"
    assert watched.remembers()
    assert await watched.says_redis(3, "e2") is None
    assert not watched.remembers()
    assert await watched.says_redis(4, "e2") == "e2"


async def test_redis_that_forgot_how_far_it_was_is_believed_no_more(watched: Watched):
    await watched.says_redis(1)
    await watched.says_redis(2)
    watched.remember()
    await watched.redis.flushall()
    await watched.watch.look_at_redis()
    assert watched.watch.epoch(PARTITION) is None
    assert not watched.remembers()


async def test_a_failed_read_makes_it_doubt_redis_at_once(watched: Watched):
    await watched.says_redis(1)
    await watched.says_redis(2)
    watched.remember()
    watched.watch.redis_failed()
    assert (watched.watch.epoch(PARTITION), watched.remembers()) == (None, False)
    assert await watched.says_redis(3) is None
    assert await watched.says_redis(4) == "e1"


async def test_time_never_moves_back(watched: Watched):
    for redis, postgres in ((5, 5), (4, 6), (7, 3), (6, 8), (9, 1)):
        before = watched.as_of
        await watched.says_redis(redis)
        await watched.says_postgres(postgres)
        assert watched.as_of >= before


async def test_redis_that_is_behind_what_is_folded_is_not_believed_anew(watched: Watched):
    await watched.says_redis(1)
    await watched.pool.execute("update checkpoint set position = 9 where partition = $1", PARTITION)
    await watched.watch.look_how_far()
    assert watched.watch.folded(PARTITION) == 9
    # It says position 7.
    assert await watched.says_redis(2) is None


async def test_a_look_between_the_rounds_is_not_held_against_redis(watched: Watched):
    await watched.says_redis(1)
    await watched.says_redis(2)
    await watched.pool.execute("update checkpoint set position = 9 where partition = $1", PARTITION)
    await watched.watch.look_how_far()
    # Its publication is on its way: only a whole round later it is late.
    assert await watched.says_redis(3) == "e1"
    await watched.watch.look_at_postgres()
    assert await watched.says_redis(4) is None
