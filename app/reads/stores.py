"""Documents by key from Redis and from Postgres, each gathered into one call per turn of the loop."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from app.reads.database import fetch
from app.reads.gather import Gather
from app.reads.memory import Key
from projections.cache import Document, document_key, unpack
from projections.database import Pool
from projections.redis import Redis
from projections.subjects import is_shipment

RedisKey = tuple[str, str, str]


class RedisDocuments:
    """Documents in Redis by (tenant, epoch, id)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._gather: Gather[RedisKey, Document] = Gather(self._fetch)

    async def get(self, key: RedisKey) -> Document | None:
        return await self._gather.get(key)

    async def _fetch(self, keys: Sequence[RedisKey]) -> dict[RedisKey, Document]:
        """One MGET a tenant, all in one round trip: a tenant's keys share a slot, different tenants' need not."""
        by_tenant: defaultdict[str, list[RedisKey]] = defaultdict(list)
        for key in keys:
            by_tenant[key[0]].append(key)
        # redis-py types an answer as the union of what all settings could give; these are lists of bytes or None.
        answers: list[Any]
        if len(by_tenant) == 1:
            answers = [await self._redis.mget([document_key(*key) for key in keys])]
        else:
            pipeline = self._redis.pipeline(transaction=False)
            for own in by_tenant.values():
                pipeline.mget([document_key(*key) for key in own])
            answers = await pipeline.execute()
        return {
            key: unpack(packed)
            for own, answer in zip(by_tenant.values(), answers, strict=True)
            for key, packed in zip(own, answer, strict=True)
            if packed is not None
        }


class PostgresDocuments:
    """Documents in Postgres by (tenant, id), read under row-level security as each tenant in turn."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._gather: Gather[Key, Document] = Gather(self._fetch)

    async def get(self, key: Key) -> Document | None:
        return await self._gather.get(key)

    async def _fetch(self, keys: Sequence[Key]) -> dict[Key, Document]:
        shipments = [key for key in keys if is_shipment(key[1])]
        orders = [key for key in keys if not is_shipment(key[1])]
        found: dict[Key, Document] = {}
        for statement, own in (("shipment_documents", shipments), ("order_documents", orders)):
            if own:
                tenants, ids = zip(*own, strict=True)
                for row in await fetch(self._pool, statement, tenants, ids):
                    tenant, subject_id, version, digest, sources, sections, summary, document = row
                    found[tenant, subject_id] = Document(
                        version, digest, sources.encode(), sections.encode(), summary, document
                    )
        return found
