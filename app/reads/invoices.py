"""Invoices by themselves: pages of them, and one by its id. From Postgres, where the projector keeps them ready."""

from datetime import datetime

import msgspec

from app.reads import cursors
from app.reads.cursors import Cursor
from app.reads.database import fetch
from app.reads.lists import Page, Row, merged
from projections.database import Pool


class InvoiceFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of invoices may be narrowed to; all given must hold."""

    status: tuple[str, ...] | None = None
    order_id: str | None = None
    reference: str | None = None
    due_before: datetime | None = None


class StoredInvoice(msgspec.Struct, frozen=True):
    """An invoice as ready bytes, and the sources that say so."""

    tenant: str
    order_id: str
    sources: bytes
    body: bytes


class Invoices:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def one(self, tenants: tuple[str, ...], invoice_id: str) -> StoredInvoice | None:
        """The invoice with this id that one of these tenants may see."""
        return (await self.several(tenants, [invoice_id])).get(invoice_id)

    async def several(self, tenants: tuple[str, ...], ids: list[str]) -> dict[str, StoredInvoice]:
        """Those of these invoices there are, by id; all read at once."""
        return {
            invoice_id: StoredInvoice(tenant, order_id, sources.encode(), body)
            for invoice_id, tenant, order_id, sources, body in await fetch(self._pool, "invoices", tenants, ids)
        }

    async def page(
        self,
        tenants: tuple[str, ...],
        filters: InvoiceFilters,
        *,
        newest_first: bool,
        limit: int,
        cursor: str | None,
    ) -> Page[Row]:
        """A page of what these tenants may see. Raises BrokenCursorError, ReadsUnavailableError."""
        question = cursors.question_of("invoice", tenants, filters, newest_first)
        after = cursors.read(cursor, question) if cursor else None
        own = [await self._rows(tenant, filters, newest_first, limit + 1, after) for tenant in tenants]
        rows = own[0] if len(own) == 1 else merged(own, newest_first, limit + 1)
        if len(rows) <= limit:
            return Page(rows, None, question)
        last = rows[limit - 1]
        return Page(rows[:limit], cursors.write(Cursor(last.created_at, last.id, question)), question)

    async def _rows(
        self, tenant: str, filters: InvoiceFilters, newest_first: bool, limit: int, after: Cursor | None
    ) -> list[Row]:
        statement = f"invoice_list_{'newest' if newest_first else 'oldest'}"
        start = (after.created_at, after.id) if after else (None, None)
        narrowed = (filters.status, filters.order_id, filters.reference, filters.due_before)
        return [
            Row(tenant, invoice_id, posted_at, version, sources.encode(), body, None)
            for invoice_id, posted_at, version, sources, body in await fetch(
                self._pool, statement, tenant, limit, *start, *narrowed
            )
        ]
