"""Documents' bytes as their sources give them: known by what the source calls the document, stored once a customer.

A blob is written first, under a name of its own, and only then pointed at; so whoever reads finds the bytes before
or the bytes after, and never some of both.
"""

import hashlib
import secrets
from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from projections.blobs import BlobKey, Blobs
from projections.database import Pool
from projections.papers import SQL


class UnknownDocumentError(Exception):
    """No view shows a document of this source under this name, or none of the customers the sender may speak for."""


class ErasedContentError(Exception):
    """These bytes were taken away with a person, and do not come back."""


class Named(msgspec.Struct, frozen=True):
    """A document as its source speaks of it. `tenants`: those the sender may speak for; empty: all."""

    source: str
    name: str
    tenants: tuple[str, ...]


class Given(msgspec.Struct, frozen=True):
    """Bytes as they came in."""

    media_type: str
    size_bytes: int
    sha256: bytes
    file: BinaryIO


class _Known(msgspec.Struct, frozen=True):
    """What a customer's document has for bytes until now."""

    media_type: str | None
    sha256: bytes | None
    erased: bool | None


class Contents:
    """The way in for bytes."""

    def __init__(self, pool: Pool, blobs: Blobs) -> None:
        self._pool = pool
        self._blobs = blobs

    async def tenants(self, named: Named) -> Sequence[str]:
        """The customers whose views show the document. Raises UnknownDocumentError when there is none."""
        rows = await self._pool.fetch(SQL["shown_to"], named.source, named.name, list(named.tenants))
        if not rows:
            raise UnknownDocumentError
        return [row[0] for row in rows]

    async def take(self, named: Named, given: Given) -> None:
        """Keep the bytes for each customer who is shown the document; the same ones again change nothing.

        Raises UnknownDocumentError, ErasedContentError, BlobsUnavailableError.
        """
        for tenant in await self.tenants(named):
            if await self._pool.fetchval(SQL["kept_out"], tenant, named.source, named.name, given.sha256):
                raise ErasedContentError
            if await self._known(tenant, named) == _Known(given.media_type, given.sha256, erased=False):
                continue
            await self._keep(tenant, named, given)

    async def _known(self, tenant: str, named: Named) -> _Known | None:
        row = await self._pool.fetchrow(SQL["content"], tenant, named.source, named.name)
        return _Known(*row) if row else None

    async def _keep(self, tenant: str, named: Named, given: Given) -> None:
        key = BlobKey(tenant, _fresh_name(tenant, named))
        given.file.seek(0)
        await self._blobs.put(key, given.file)
        said = (given.media_type, given.size_bytes, given.sha256, key.name)
        try:
            before = await self._point(tenant, named, said)
        except BaseException:
            await self._blobs.delete(key)
            raise
        if before is not None:
            await self._blobs.delete(BlobKey(tenant, before))

    async def _point(self, tenant: str, named: Named, said: tuple[object, ...]) -> str | None:
        """Have the document mean these bytes from now on; returns the name of those it meant before."""
        async with self._pool.acquire() as connection, connection.transaction():
            # Two first ones at once: each must see the other's, or its blob would stay for ever.
            await connection.execute(SQL["alone"], f"{tenant} {named.source} {named.name}")
            before: str | None = await connection.fetchval(SQL["point"], tenant, named.source, named.name, *said)
        return before


def _fresh_name(tenant: str, named: Named) -> str:
    """Says nothing to who lists a bucket, and is never used again."""
    of = hashlib.blake2b(f"{tenant}\x00{named.source}\x00{named.name}".encode(), digest_size=20).hexdigest()
    return f"{of}/{secrets.token_hex(16)}"
