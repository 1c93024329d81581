"""The read path, from top to bottom: memory, then Redis, then Postgres, then the owner, then what was true last.

Every read takes a tenant first. A document older than one this process has served to the tenant, or
knows to exist, is passed over for the next rung down. Redis away, hung or not to be believed is one
rung missing, not a failure. What is found but stale is asked of its owner; where no store answers, the last
known copy is served as what it is. Only without one is there no answer. `docs/fallback.md` has every case.
"""

import time
from collections.abc import Awaitable, Callable

import msgspec

from app.owners.owners import Owners, Told
from app.reads.database import ReadsUnavailableError
from app.reads.freshness import FreshnessClock, Said, ServedFrom
from app.reads.memory import Key, Memory
from app.reads.stores import PostgresDocuments, RedisDocuments
from app.reads.watch import Watch
from projections.cache import Document, document_key, pack
from projections.redis import UNAVAILABLE, ResponseError
from projections.subjects import partition_of

Fill = Callable[[str, bytes], Awaitable[None]]


def risk_now() -> float:
    """The unix time by which whatever is served now is at risk, or not."""
    return time.time()


def risk_words(at_risk_from: float | None, at: float) -> bytes:
    """The member that says whether a shipment is at risk at a unix time; nothing of what has no such member."""
    if at_risk_from is None:
        return b""
    return b'"at_risk":true,' if at_risk_from <= at else b'"at_risk":false,'


def is_at_risk(at_risk_from: float | None) -> bool:
    return at_risk_from is not None and at_risk_from <= risk_now()


class Served(msgspec.Struct, frozen=True):
    """A document with where it was found.

    `as_of`: the unix time up to which it is complete, where that is not its partition's.
    """

    key: Key
    document: Document
    served_from: ServedFrom
    as_of: float | None = None

    @property
    def tenant(self) -> str:
        return self.key[0]


class ReadPath:
    def __init__(
        self,
        *,
        memory: Memory,
        redis: RedisDocuments,
        postgres: PostgresDocuments,
        watch: Watch,
        clock: FreshnessClock,
        fill: Fill,
        owners: Owners | None = None,
    ) -> None:
        self._memory = memory
        self._redis = redis
        self._postgres = postgres
        self._watch = watch
        self._clock = clock
        self._fill = fill
        self._owners = owners

    def remembered(self, tenants: tuple[str, ...], subject_id: str) -> Served | None:
        """The document, if this process has it in memory and can believe it now. Never waits."""
        for tenant in tenants:
            document = self._memory.get((tenant, subject_id))
            if document is not None:
                return Served((tenant, subject_id), document, "memory") if document.document else None
        return None

    def held(self, key: Key) -> Served | None:
        """The same for one key."""
        document = self._memory.get(key)
        return Served(key, document, "memory") if document is not None and document.document else None

    async def read(self, tenants: tuple[str, ...], subject_id: str) -> Served | None:
        """The document with this id that one of these tenants may see, or None."""
        for tenant in tenants:
            served = await self.find((tenant, subject_id))
            if served is not None:
                return served
        return None

    async def find(self, key: Key) -> Served | None:
        """The document with this key, or None."""
        if self._owners is not None and self._memory.withheld:
            served = await self._from_owner(self._owners, key)
        else:
            served = await self._known(key)
        return served if served is not None and served.document.document else None

    async def _known(self, key: Key) -> Served | None:
        """What memory and stores have, else the last known copy. Raises ReadsUnavailableError without one."""
        try:
            served = await self._believed(key)
        except ReadsUnavailableError:
            served = await self._last_known(key)
            if served is None:
                raise
        if served is not None:
            self._memory.learn(key, served.document.version)
        return served

    async def _believed(self, key: Key) -> Served | None:
        """From memory, else Redis, else Postgres: in one piece, as each turn costs what a look-up does."""
        document = self._memory.believed(key)
        if document is not None:
            return Served(key, document, "memory")
        epoch, generation = self._watch.epoch(partition_of(key[0])), self._memory.generation
        if epoch:
            try:
                document = await self._redis.get((key[0], epoch, key[1]))
            except (*UNAVAILABLE, ResponseError):
                self._watch.redis_failed()
            if document is not None and document.version >= self._memory.floor(key):
                self._memory.put(key, document, generation)
                return Served(key, document, "redis")
        return await self._from_postgres(key, epoch, generation)

    async def _from_owner(self, owners: Owners, key: Key) -> Served | None:
        """What the owner said lately, or says now if all we know is stale, unless we know better."""
        told = owners.told(key)
        if told is not None and owners.is_recent(told) and told.document.version >= self._memory.floor(key):
            return _upstream(key, told)
        try:
            served = await self._known(key)
        except ReadsUnavailableError:
            if told is None:
                raise
            return _upstream(key, told)
        if served is None or not served.document.document:
            return served
        if self._watch.postgres_answers and self._clock.is_stale(partition_of(key[0])):
            told = await owners.ask(key, served.document) or told
        better = told is not None and told.document.version >= self._memory.floor(key)
        return _upstream(key, told) if told is not None and better else served

    async def _last_known(self, key: Key) -> Served | None:
        """A copy that was true once, when nobody who could be believed answers."""
        copy = self._memory.old(key)
        if copy is not None:
            return Served(key, copy.document, "memory", copy.as_of)
        published = self._watch.published(partition_of(key[0]))
        if published is None:
            return None
        try:
            document = await self._redis.get((key[0], published.epoch, key[1]))
        except (*UNAVAILABLE, ResponseError):
            self._watch.redis_failed()
            return None
        if document is None or document.version < self._memory.floor(key):
            return None
        return Served(key, document, "redis", published.as_of)

    async def _from_postgres(self, key: Key, epoch: str | None, generation: int) -> Served | None:
        document = await self._postgres.get(key)
        if (document.version if document else 0) < self._memory.floor(key):
            # A newer version was told of while the question was under way: one asked now will find it.
            document = await self._postgres.get(key)
        if document is None:
            return None
        if document.version < self._memory.floor(key):
            raise ReadsUnavailableError("Postgres has an older version than was shown")
        if epoch and self._watch.epoch(partition_of(key[0])) == epoch:
            self._memory.put(key, document, generation)
            await self._fill(document_key(key[0], epoch, key[1]), pack(document))
        return Served(key, document, "postgres")

    def said(self, served: Served) -> Said:
        """How fresh it is."""
        partition, sources = partition_of(served.tenant), served.document.sources
        if served.as_of is not None:
            return self._clock.said_apart(partition, served.as_of, sources, served.served_from)
        return self._clock.said(partition, sources, served.served_from)

    def with_freshness(self, body: bytes, served: Served) -> bytes:
        """A JSON object of ours with what depends on now at its end: whether it is at risk, and how fresh it is."""
        return freshened(body, served.document, self.said(served))


def freshened(body: bytes, document: Document, said: Said) -> bytes:
    """A JSON object of ours with what depends on now at its end: whether it is at risk, and how fresh it is."""
    return b'%b,%b"freshness":%b}' % (body[:-1], risk_words(document.at_risk_from, risk_now()), said.words)


def _upstream(key: Key, told: Told) -> Served:
    return Served(key, told.document, "upstream", told.as_of)
