"""Pages of what is wrong: open problems and delays across a tenant's shipments, by keyset."""

import heapq
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import msgspec

from app.reads import cursors
from app.reads.cursors import BrokenCursorError, Cursor
from app.reads.database import fetch
from app.reads.lists import Page, Row
from app.reads.memory import Memory
from projections.cache import at_risk_from_of
from projections.database import Pool


class WantedExceptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a page may be narrowed to; all given must hold. Sequences: any of these."""

    code: Sequence[str] | None = None
    carrier: Sequence[str] | None = None
    status: Sequence[str] | None = None
    shipment_id: str | None = None
    raised_since: datetime | None = None


class ExceptionRow(Row, frozen=True, kw_only=True):
    """A problem or delay that stands, with the line of the shipment it is of; `created_at` is when it was raised."""

    code: str

    @property
    def place(self) -> str:
        return f"{self.id}:{self.code}"


class Exceptions:
    def __init__(self, pool: Pool, memory: Memory) -> None:
        self._pool = pool
        self._memory = memory

    async def page(
        self, tenants: tuple[str, ...], wanted: WantedExceptions, *, limit: int, cursor: str | None
    ) -> Page[ExceptionRow]:
        """A page, the newest first. Raises BrokenCursorError, ReadsUnavailableError."""
        question = cursors.question_of("exceptions", tenants, wanted)
        after = _place(cursors.read(cursor, question)) if cursor else (None, None, None)
        own = [await self._rows(tenant, wanted, limit + 1, after) for tenant in tenants]
        rows = list(islice(heapq.merge(*own, key=_order, reverse=True), limit + 1))
        for row in rows:
            # A document read after the list must not be older than its line here.
            self._memory.learn((row.tenant, row.id), row.version)
        if len(rows) <= limit:
            return Page(rows, None, question)
        last = rows[limit - 1]
        return Page(rows[:limit], cursors.write(Cursor(last.created_at, last.place, question)), question)

    async def _rows(
        self, tenant: str, wanted: WantedExceptions, limit: int, after: tuple[object, ...]
    ) -> list[ExceptionRow]:
        narrowed = msgspec.structs.astuple(wanted)
        records = await fetch(self._pool, "exception_list", tenant, limit, *after, *narrowed)
        return [
            ExceptionRow(
                *(tenant, subject_id, raised_at, version, sources.encode(), summary), at_risk_from_of(risk), code=code
            )
            for subject_id, code, raised_at, version, sources, summary, risk in records
        ]


def _order(row: ExceptionRow) -> tuple[datetime, str, str]:
    return (row.created_at, row.id, row.code)


def _place(cursor: Cursor) -> tuple[datetime, str, str]:
    subject_id, separator, code = cursor.id.partition(":")
    if not separator:
        raise BrokenCursorError("This is not a cursor of this service.")
    return cursor.created_at, subject_id, code
