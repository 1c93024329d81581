"""JSON answers put together from ready bytes."""

from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Response

from app.reads.freshness import FreshnessClock
from app.reads.lists import Page, Row
from projections.subjects import partition_of

JSON = "application/json"
HEADERS = {"Cache-Control": "private, no-cache, stale-if-error=86400", "Vary": "Authorization"}


def json_answer(body: bytes, status: int = 200) -> Response[bytes]:
    return Response(body, status_code=status, media_type=JSON, headers=HEADERS)


def page_body(page: Page, tenants: tuple[str, ...], clock: FreshnessClock) -> bytes:
    """`items`, each with its freshness, `next_cursor`, and the freshness of the page itself."""
    items = b",".join(_row(row, clock) for row in page.rows)
    cursor = msgspec.json.encode(page.next_cursor)
    # Of several accounts' partitions the page is as fresh as the one furthest behind.
    freshness = clock.words(clock.furthest_behind(map(partition_of, tenants)), _sources(page.rows), "postgres")
    return b'{"items":[%b],"next_cursor":%b,"freshness":%b}' % (items, cursor, freshness)


def _row(row: Row, clock: FreshnessClock) -> bytes:
    freshness = clock.words(partition_of(row.tenant), row.sources, "postgres")
    return b'%b,"freshness":%b}' % (row.summary[:-1], freshness)


def _sources(rows: Iterable[Row]) -> bytes:
    return b" ".join(sorted({source for row in rows for source in row.sources.split()}))


def encode(value: Any) -> bytes:  # noqa: ANN401 - whatever msgspec can encode
    return msgspec.json.encode(value)
