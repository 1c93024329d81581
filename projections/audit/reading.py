"""Reading the audit log: pages, all of it in order, and whether it is what was written."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
from asyncpg import Record

from projections.audit import SQL
from projections.database import Connection, Database

# So many rows at a time come over from the server when all are read.
PREFETCHED_ROWS = 500


class AuditRow(msgspec.Struct, frozen=True):
    """One deed: who did what to what, and whose that was; `tenant` null: nobody's.

    `digest` (SHA-256, hexadecimal) is over this row and the digest of the row before it. An action `read` says in
    `detail` which documents how often within about a second.
    """

    id: int
    at: datetime
    actor: str
    client_id: str
    tenant: str | None
    action: str
    target: str
    detail: dict[str, Any]
    digest: str


class WantedRows(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows; all given must hold. `action` may be a beginning; `target` may be a document that was read."""

    actor: str | None = None
    client_id: str | None = None
    tenant: str | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Verified(msgspec.Struct, frozen=True):
    """What verifying found. `broken` is the first row that is not what was written, or missing; null: none is.

    `last_id` and `last_digest` stand for all of it: noted elsewhere, they show a log that was replaced as a whole.
    """

    rows: int
    broken: int | None
    last_id: int
    last_digest: str


async def audit_rows(
    database: Database, wanted: WantedRows, *, before: int | None = None, limit: int = 50
) -> list[AuditRow]:
    """The newest first, those older than row `before`."""
    rows = await database.fetch(SQL["rows"], *msgspec.structs.astuple(wanted), before, limit)
    return [_row(row) for row in rows]


async def all_rows(connection: Connection, wanted: WantedRows) -> AsyncIterator[AuditRow]:
    """All of them, the oldest first, as they were at one moment; a few hundred are in memory at a time."""
    columns = msgspec.structs.astuple(wanted)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(SQL["rows_in_order"], *columns, prefetch=PREFETCHED_ROWS):
            yield _row(row)


async def verify(connection: Connection) -> Verified:
    """Whether every row is what was written, and none is missing."""
    row = await connection.fetchrow(SQL["verify"])
    return msgspec.convert(dict(row or {}), Verified)


def _row(row: Record) -> AuditRow:
    return msgspec.convert(dict(row) | {"detail": msgspec.json.decode(row["detail"])}, AuditRow)
