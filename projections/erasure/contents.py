"""The bytes of documents whose events speak of a person: they are not searched, they go as a whole."""

from collections.abc import Iterable

import msgspec

from projections.blobs import BlobKey, Blobs
from projections.database import Connection, Pool
from projections.erasure.finding import SQL, FoundEvent
from projections.events import DocumentAdded


class FoundContent(msgspec.Struct, frozen=True):
    """A document's bytes, and the event that said there is the document."""

    source: str
    name: str
    event_id: str
    sha256: bytes


async def contents_of(connection: Connection, tenant: str, events: Iterable[FoundEvent]) -> list[FoundContent]:
    """The bytes there are of the documents these events of a tenant brought."""
    named = {
        (found.event.source, found.event.data.document): found.event.id
        for found in events
        if isinstance(found.event.data, DocumentAdded)
    }
    if not named:
        return []
    rows = await connection.fetch(SQL["contents"], tenant, *zip(*named, strict=True))
    return [FoundContent(source, name, named[source, name], sha256) for source, name, sha256 in rows]


async def take_away(connection: Connection, tenant: str, contents: Iterable[FoundContent]) -> None:
    """Have the documents be without bytes, in the caller's transaction; the bytes themselves go after it."""
    names = [(one.source, one.name) for one in contents]
    if names:
        await connection.execute(SQL["erase_contents"], tenant, *zip(*names, strict=True))


async def drop(pool: Pool, blobs: Blobs, tenant: str) -> None:
    """Delete what was taken away, this time or, where that was broken off, before. Raises BlobsUnavailableError."""
    for source, name, blob_key in await pool.fetch(SQL["to_drop"], tenant):
        await blobs.delete(BlobKey(tenant, blob_key))
        await pool.execute(SQL["dropped"], tenant, source, name, blob_key)
