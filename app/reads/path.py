"""The read path, from top to bottom: memory, then Redis, then Postgres.

Every read takes a tenant first. A document older than one this process has served to the tenant, or
knows to exist, is passed over for the next rung down. Redis away, hung or not to be believed is one
rung missing, not a failure; only Postgres missing as well is, and then the answer says so.
"""

import time
from collections.abc import Awaitable, Callable

import msgspec

from app.reads.database import ReadsUnavailableError
from app.reads.freshness import FreshnessClock, Said, ServedFrom
from app.reads.memory import Key, Memory
from app.reads.stores import PostgresDocuments, RedisDocuments
from app.reads.watch import Watch
from projections.cache import Document, document_key, pack
from projections.redis import UNAVAILABLE, ResponseError
from projections.subjects import partition_of

Fill = Callable[[str, bytes], Awaitable[None]]


def risk_words(at_risk_from: float | None) -> bytes:
    """The member that says whether a shipment is at risk now; nothing of what has no such member."""
    if at_risk_from is None:
        return b""
    return b'"at_risk":true,' if is_at_risk(at_risk_from) else b'"at_risk":false,'


def is_at_risk(at_risk_from: float | None) -> bool:
    return at_risk_from is not None and at_risk_from <= time.time()


class Served(msgspec.Struct, frozen=True):
    """A document with where it was found."""

    key: Key
    document: Document
    served_from: ServedFrom

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
    ) -> None:
        self._memory = memory
        self._redis = redis
        self._postgres = postgres
        self._watch = watch
        self._clock = clock
        self._fill = fill

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
            served = await self._read((tenant, subject_id))
            if served is not None:
                return served
        return None

    async def _read(self, key: Key) -> Served | None:
        document = self._memory.get(key)
        served_from: ServedFrom = "memory"
        if document is None:
            document, served_from = await self._from_stores(key)
        if document is None:
            return None
        self._memory.learn(key, document.version)
        return Served(key, document, served_from) if document.document else None

    async def _from_stores(self, key: Key) -> tuple[Document | None, ServedFrom]:
        epoch, generation = self._watch.epoch(partition_of(key[0])), self._memory.generation
        document = await self._from_redis(key, epoch) if epoch else None
        if document is not None:
            self._memory.put(key, document, generation)
            return document, "redis"
        document = await self._from_postgres(key)
        if document is not None and epoch and self._watch.epoch(partition_of(key[0])) == epoch:
            self._memory.put(key, document, generation)
            await self._fill(document_key(key[0], epoch, key[1]), pack(document))
        return document, "postgres"

    async def _from_redis(self, key: Key, epoch: str) -> Document | None:
        try:
            document = await self._redis.get((key[0], epoch, key[1]))
        except (*UNAVAILABLE, ResponseError):
            self._watch.redis_failed()
            return None
        return document if document is not None and document.version >= self._memory.floor(key) else None

    async def _from_postgres(self, key: Key) -> Document | None:
        document = await self._postgres.get(key)
        if (document.version if document else 0) < self._memory.floor(key):
            # A newer version was told of while the question was under way: one asked now will find it.
            document = await self._postgres.get(key)
        if document is not None and document.version < self._memory.floor(key):
            raise ReadsUnavailableError("Postgres has an older version than was shown")
        return document

    def said(self, served: Served) -> Said:
        """How fresh it is."""
        return self._clock.said(partition_of(served.tenant), served.document.sources, served.served_from)

    def with_freshness(self, body: bytes, served: Served) -> bytes:
        """A JSON object of ours with what depends on now at its end: whether it is at risk, and how fresh it is."""
        return freshened(body, served.document, self.said(served))


def freshened(body: bytes, document: Document, said: Said) -> bytes:
    """A JSON object of ours with what depends on now at its end: whether it is at risk, and how fresh it is."""
    return b'%b,%b"freshness":%b}' % (body[:-1], risk_words(document.at_risk_from), said.words)
