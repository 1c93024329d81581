"""Blobs in Postgres, the store that needs nothing beside what is there: pieces as rows, under row-level security."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from projections.blobs import BlobKey, BlobMissingError, BlobsUnavailableError
from projections.database import DATABASE_UNAVAILABLE, Pool
from projections.sql import load

SQL = load(__package__)
PIECE_BYTES: Final = 262_144
# A reader holds this many in memory, and no connection while it sends them.
PIECES_AT_ONCE: Final = 4


class PostgresBlobs:
    """Reads as the tenant alone, with the role that serves; writes with the one that takes in."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    async def put(self, key: BlobKey, content: BinaryIO) -> None:
        with _answering():
            async with self._writing.acquire() as connection, connection.transaction():
                await connection.execute(SQL["forget"], key.tenant, key.name)
                number = 0
                while piece := content.read(PIECE_BYTES):
                    await connection.execute(SQL["add"], key.tenant, key.name, number, piece)
                    number += 1

    async def read(self, key: BlobKey, start: int, stop: int) -> AsyncIterator[bytes]:
        while start < stop:
            first = start // PIECE_BYTES
            last = min((stop - 1) // PIECE_BYTES, first + PIECES_AT_ONCE - 1)
            with _answering():
                rows = await self._reading.fetch(SQL["pieces"], key.tenant, key.name, first, last)
            if len(rows) <= last - first:
                raise BlobMissingError(key.name)
            for number, (piece,) in enumerate(rows, first):
                begin = number * PIECE_BYTES
                yield piece[max(0, start - begin) : stop - begin]
            start = (last + 1) * PIECE_BYTES

    async def size_bytes(self, key: BlobKey) -> int | None:
        with _answering():
            size: int | None = await self._writing.fetchval(SQL["size"], key.tenant, key.name)
        return size

    async def delete(self, key: BlobKey) -> None:
        with _answering():
            await self._writing.execute(SQL["forget"], key.tenant, key.name)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except DATABASE_UNAVAILABLE as error:
        raise BlobsUnavailableError(repr(error)) from error
