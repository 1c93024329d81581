"""Pages of what has no documents of its own to read, as the types of `types.connection` show them."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from app.graphql.arguments import PAGE_MAX
from app.graphql.reading import Reading, Source
from app.graphql.refusals import refuse
from app.reads.exceptions import ExceptionRow, WantedExceptions
from app.reads.invoices import InvoiceFilters
from app.reads.lists import Page, Row
from projections.subjects import partition_of
from projections.views import reason_of
from projections.words.translation import translate

R = TypeVar("R", bound=Row)


def refuse_size(first: int) -> None:
    """Raise when a page of this size may not be asked for."""
    if not 1 <= first <= PAGE_MAX:
        raise refuse("BAD_USER_INPUT", f"first: from 1 to {PAGE_MAX}.")


async def invoices(
    reading: Reading, filters: InvoiceFilters, *, newest_first: bool, first: int, after: str | None
) -> Source:
    """A page of invoices."""
    reading.require_section("invoices")
    refuse_size(first)
    with reading.refusing_cursors():
        page = await reading.reads.invoices.page(
            reading.principal.accounts, filters, newest_first=newest_first, limit=first, cursor=after
        )
    nodes = [
        msgspec.json.decode(row.summary) | {"freshness": reading.words(partition_of(row.tenant), row.sources)}
        for row in page.rows
    ]
    return _connection(reading, page, nodes, after)


async def exceptions(reading: Reading, wanted: WantedExceptions, *, first: int, after: str | None) -> Source:
    """A page of what is wrong; the shipments are read by who asks for them."""
    reading.require("shipments:read")
    refuse_size(first)
    with reading.refusing_cursors():
        page = await reading.reads.exceptions.page(reading.principal.accounts, wanted, limit=first, cursor=after)
    return _connection(reading, page, [_problem(reading, row) for row in page.rows], after)


def _problem(reading: Reading, row: ExceptionRow) -> Source:
    reason = translate(msgspec.json.encode(reason_of(row.code)), reading.language)
    said: Source = msgspec.json.decode(reason)
    return said | {"raised_at": msgspec.to_builtins(row.created_at), "shipment_id": row.id}


def _connection(reading: Reading, page: Page[R], nodes: Sequence[Source], after: str | None) -> Source:
    for row in page.rows:
        reading.note(row.tenant, row.id)
    cursors = [page.cursor_of(row) for row in page.rows]
    return {
        "nodes": nodes,
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "page_info": {
            "has_next_page": page.next_cursor is not None,
            "has_previous_page": after is not None,
            "start_cursor": cursors[0] if cursors else None,
            "end_cursor": cursors[-1] if cursors else None,
        },
        "freshness": reading.freshness_of_list({(row.tenant, row.sources): None for row in page.rows}),
    }
