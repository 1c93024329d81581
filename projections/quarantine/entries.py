"""What was refused: list it, look into it, decide that it stays out. Nothing of it is ever deleted."""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from projections import audit
from projections.audit import Actor, AuditEntry
from projections.database import Database, Pool
from projections.intake import store
from projections.quarantine.errors import NotThereError, SettledError
from projections.sql import load

SQL = load(__package__)
State = Literal["open", "replayed", "discarded"]


class QuarantineEntry(msgspec.Struct, frozen=True):
    """A refused message: why, whose, when, and what was decided.

    `format` and `source_key` are of native messages: how they were read, and the key their source is declared under.
    `sources` (null: any) and `tenants` (empty: any) are those the sender may speak for, also when it is taken again.
    The `settled_*` fields are of the last decision, also when the entry was opened again since: the same bytes
    refused for another reason are another question.
    """

    id: int
    state: State
    reason: str
    detail: str
    pointer: str
    source: str | None
    event_id: str | None
    event_type: str | None
    channel: str
    format: str | None
    source_key: str | None
    sources: tuple[str, ...] | None
    tenants: tuple[str, ...]
    size_bytes: int
    first_seen_at: datetime
    last_seen_at: datetime
    seen_count: int
    replaced: bool
    settled_at: datetime | None
    settled_by: str | None
    settled_because: str | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries; all given must hold. `source` is a path or the beginning of one."""

    reason: str | None = None
    source: str | None = None
    event_type: str | None = None
    since: datetime | None = None

    @property
    def columns(self) -> tuple[object, ...]:
        return (self.reason, self.source, self.event_type, self.since)


class Content(NamedTuple):
    """The bytes as they came, and those last given in their stead, if any were."""

    original: bytes
    replacement: bytes | None


async def entries(
    database: Database, wanted: Wanted, *, state: State | None = None, before: int | None = None, limit: int = 50
) -> list[QuarantineEntry]:
    """The newest first, those older than `before`."""
    rows = await database.fetch(SQL["entries"], state, *wanted.columns, before, limit)
    return [msgspec.convert(dict(row), QuarantineEntry) for row in rows]


async def entry(database: Database, entry_id: int) -> QuarantineEntry:
    """Raises NotThereError."""
    row = await database.fetchrow(SQL["entry"], entry_id)
    if row is None:
        raise NotThereError
    return msgspec.convert(dict(row), QuarantineEntry)


async def content(database: Database, entry_id: int) -> Content:
    """Hostile bytes, as they came. Raises NotThereError."""
    row = await database.fetchrow(SQL["content"], entry_id)
    if row is None:
        raise NotThereError
    return Content(*row)


async def discard(pool: Pool, entry_id: int, actor: Actor, because: str) -> QuarantineEntry:
    """Decide that it stays out. Raises NotThereError, and SettledError when it is not open."""
    async with pool.acquire() as connection, connection.transaction():
        # Whoever takes it again at this moment goes first.
        await store.lock(connection)
        if await connection.fetchval(SQL["discard"], entry_id, actor.subject, because) is None:
            raise SettledError(f"it is {(await entry(connection, entry_id)).state} already")
        deed = AuditEntry(actor, "quarantine.discard", f"quarantine/{entry_id}", {"because": because})
        await audit.record(connection, [deed])
        return await entry(connection, entry_id)
