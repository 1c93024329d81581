"""Documents by key from Redis and from Postgres, each gathered into few calls."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

from redis.asyncio.connection import AbstractConnection

from app.reads.database import DOCUMENT_SECONDS, fetch
from app.reads.gather import Gather
from app.reads.memory import Key
from projections.cache import Document, at_risk_from_of, document_key, unpack
from projections.database import Pool
from projections.redis import Redis
from projections.subjects import is_shipment

RedisKey = tuple[str, str, str]


class RedisDocuments:
    """Documents in one Redis by (tenant, epoch, id).

    It keeps the connections it has taken from the client's pool, and speaks over them itself: taking, checking and
    giving back one for each call, packing the command and timing both ways apart was measured to cost more than the call.
    """

    def __init__(self, redis: Redis, timeout_seconds: float = 0.2) -> None:
        self._pool = redis.connection_pool
        self._timeout_seconds = timeout_seconds
        self._idle: list[AbstractConnection] = []
        self.get: Callable[[RedisKey], Awaitable[Document | None]] = Gather(self._fetch).get

    async def _fetch(self, keys: Sequence[RedisKey]) -> dict[RedisKey, Document]:
        answers = await self._ask(_mget(keys))
        return {key: unpack(packed) for key, packed in zip(keys, answers, strict=True) if packed is not None}

    async def _ask(self, command: bytes) -> list[bytes | None]:
        connection = self._idle.pop() if self._idle else await self._taken()
        try:
            # Both ways together; redis-py's own time-outs are off, see below.
            async with asyncio.timeout(self._timeout_seconds):
                await connection.send_packed_command(command, check_health=False)
                answers: list[bytes | None] = await connection.read_response(timeout=math.inf)
        except BaseException:
            # Its answer may be under way still, and would be taken for that of the next question.
            connection.socket_timeout = self._timeout_seconds
            await connection.disconnect(nowait=True)
            await self._pool.release(connection)
            raise
        self._idle.append(connection)
        return answers

    async def _taken(self) -> AbstractConnection:
        connection: AbstractConnection = await self._pool.get_connection()  # type: ignore[no-untyped-call]  # redis-py
        connection.socket_timeout = None
        return connection


def _mget(keys: Sequence[RedisKey]) -> bytes:
    """The command MGET for these documents, as the protocol has it (RESP: an array of bulk strings)."""
    parts = [b"*%d\r\n$4\r\nMGET\r\n" % (len(keys) + 1)]
    for key in keys:
        name = document_key(*key).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(name), name))
    return b"".join(parts)


class PostgresDocuments:
    """Documents in Postgres by (tenant, id), read under row-level security as each tenant in turn."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.get: Callable[[Key], Awaitable[Document | None]] = Gather(self._fetch).get

    async def _fetch(self, keys: Sequence[Key]) -> dict[Key, Document]:
        shipments = [key for key in keys if is_shipment(key[1])]
        orders = [key for key in keys if not is_shipment(key[1])]
        found: dict[Key, Document] = {}
        for statement, own in (("shipment_documents", shipments), ("order_documents", orders)):
            if own:
                tenants, ids = zip(*own, strict=True)
                for row in await fetch(self._pool, statement, tenants, ids, within_seconds=DOCUMENT_SECONDS):
                    tenant, subject_id, version, digest, sources, sections, summary, document, *risk = row
                    found[tenant, subject_id] = Document(
                        *(version, digest, sources.encode(), sections.encode(), summary, document),
                        at_risk_from_of(risk[0]) if risk else None,
                    )
        return found
