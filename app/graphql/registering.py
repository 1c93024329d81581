"""Registering documents, so that they can be asked by their hash, and alone where only registered ones may be."""

from collections.abc import Sequence

import msgspec

from app.graphql.documents import InvalidDocumentError, Preparing, hash_of
from app.graphql.schema import CORE
from projections.audit import Actor, AuditEntry, record
from projections.database import Pool
from projections.sql import load

SQL = load(__package__)


class Registered(msgspec.Struct, frozen=True):
    """A document by the hash it is asked by, and where it came from."""

    id: str
    name: str


def read(name: str, text: str) -> Registered:
    """What a document is registered as. Raises ValueError, saying why it could not be asked."""
    try:
        Preparing(CORE, introspection=False).prepared(text)
    except InvalidDocumentError as error:
        words = "; ".join(one.message for one in error.errors)
        raise ValueError(f"{name}: {words}") from None
    return Registered(hash_of(text), name)


async def register(pool: Pool, documents: Sequence[tuple[str, str]], actor: Actor) -> list[Registered]:
    """Register documents (name and text), all or none. One known already keeps its hash and takes the new name."""
    registered = [read(name, text) for name, text in documents]
    async with pool.acquire() as connection, connection.transaction():
        for one, (_, text) in zip(registered, documents, strict=True):
            await connection.execute(SQL["register"], one.id, one.name, text)
        entries = [AuditEntry(actor, "graphql.registered", one.id, {"name": one.name}) for one in registered]
        await record(connection, entries)
    return registered


async def listed(pool: Pool) -> list[Registered]:
    return [Registered(row["id"], row["name"]) for row in await pool.fetch(SQL["registered"])]
