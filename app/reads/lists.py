"""Pages of summaries, by keyset: a page costs the same however deep it lies."""

import heapq
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Generic, Literal, TypeVar

import msgspec

from app.reads import cursors
from app.reads.cursors import Cursor
from app.reads.database import fetch
from app.reads.memory import Memory
from projections.cache import at_risk_from_of
from projections.database import Pool

Kind = Literal["shipment", "order"]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list may be narrowed to; all given must hold. Sequences: any of these."""

    status: tuple[str, ...] | None = None
    phase: tuple[str, ...] | None = None
    carrier: tuple[str, ...] | None = None
    ship_to: str | None = None
    has_exception: bool | None = None
    updated_since: datetime | None = None
    eta_before: datetime | None = None
    eta_after: datetime | None = None
    reference: str | None = None
    order_id: str | None = None
    at_risk: bool | None = None


class Row(msgspec.Struct, frozen=True):
    """One line of a list: a summary, and what its freshness depends on."""

    tenant: str
    id: str
    created_at: datetime
    version: int
    sources: bytes
    summary: bytes
    at_risk_from: float | None

    @property
    def place(self) -> str:
        """What tells it from others that were created at the same time."""
        return self.id


R = TypeVar("R", bound=Row)


class Page(msgspec.Struct, Generic[R], frozen=True):
    """Rows in the order asked for. `question` stands for who asked what, as cursors have it."""

    rows: Sequence[R]
    next_cursor: str | None
    question: bytes

    def cursor_of(self, row: Row) -> str:
        """Where the list goes on after this row."""
        return cursors.write(Cursor(row.created_at, row.place, self.question))


class Lists:
    def __init__(self, pool: Pool, memory: Memory) -> None:
        self._pool = pool
        self._memory = memory

    async def page(
        self,
        kind: Kind,
        tenants: tuple[str, ...],
        filters: Filters,
        *,
        newest_first: bool,
        limit: int,
        cursor: str | None,
    ) -> Page[Row]:
        """A page of what these tenants may see. Raises BrokenCursorError, ReadsUnavailableError."""
        question = cursors.question_of(kind, tenants, filters, newest_first)
        after = cursors.read(cursor, question) if cursor else None
        # Each tenant's rows are read as that tenant alone, and the pages merged.
        own = [await self._rows(kind, tenant, filters, newest_first, limit + 1, after) for tenant in tenants]
        rows = own[0] if len(own) == 1 else merged(own, newest_first, limit + 1)
        for row in rows:
            # A document read after the list must not be older than its line here.
            self._memory.learn((row.tenant, row.id), row.version)
        if len(rows) <= limit:
            return Page(rows, None, question)
        last = rows[limit - 1]
        return Page(rows[:limit], cursors.write(Cursor(last.created_at, last.id, question)), question)

    async def count(self, kind: Kind, tenants: tuple[str, ...], filters: Filters, *, at_most: int) -> int:
        """How many such rows there are; counting ends at so many. Raises ReadsUnavailableError."""
        narrowed = [getattr(filters, name) for name in _FILTER_ORDER[kind]]
        counted = 0
        for tenant in tenants:
            (row,) = await fetch(self._pool, f"{kind}_count", tenant, at_most - counted, *narrowed)
            counted += row[0]
        return counted

    async def _rows(
        self, kind: Kind, tenant: str, filters: Filters, newest_first: bool, limit: int, after: Cursor | None
    ) -> list[Row]:
        statement = f"{kind}_list_{'newest' if newest_first else 'oldest'}"
        start = (after.created_at, after.id) if after else (None, None)
        narrowed = (getattr(filters, name) for name in _FILTER_ORDER[kind])
        records = await fetch(self._pool, statement, tenant, limit, *start, *narrowed)
        if kind == "order":
            return [
                Row(tenant, subject_id, created_at, version, sources.encode(), summary, None)
                for subject_id, created_at, version, sources, summary in records
            ]
        return [
            Row(tenant, subject_id, created_at, version, sources.encode(), summary, at_risk_from_of(risk))
            for subject_id, created_at, version, sources, summary, risk in records
        ]


def merged(pages: list[list[Row]], newest_first: bool, limit: int) -> list[Row]:
    rows = heapq.merge(*pages, key=lambda row: (row.created_at, row.id), reverse=newest_first)
    return list(islice(rows, limit))


_COMMON_ORDER = (
    *("status", "phase", "carrier", "ship_to", "has_exception"),
    *("updated_since", "eta_before", "eta_after", "reference", "order_id"),
)
# As the functions of migrations 0003 and 0020 take them.
_FILTER_ORDER: dict[Kind, tuple[str, ...]] = {"shipment": (*_COMMON_ORDER, "at_risk"), "order": _COMMON_ORDER}
