"""JSON answers put together from ready bytes."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Response

from app.languages import VARY, language_of
from app.reads.freshness import CACHE, FreshnessClock
from app.reads.lists import Page, Row
from app.reads.path import risk_now, risk_words
from projections.subjects import partition_of
from projections.words.translation import translate

R = TypeVar("R", bound=Row)
JSON = "application/json"
HEADERS = {"Cache-Control": CACHE, "Vary": "Authorization"}
Headers = tuple[tuple[bytes, bytes], ...]


def json_answer(body: bytes, status: int = 200, fresh: Headers = ()) -> Response[bytes]:
    """`fresh`: what its freshness says to caches, where it has one."""
    named = {name.decode().title(): value.decode() for name, value in fresh}
    return Response(body, status_code=status, media_type=JSON, headers=HEADERS | named)


def worded_answer(
    body: bytes, scope: Mapping[str, Any], fresh: Headers = (), headers: Mapping[str, str] = HEADERS
) -> Response[bytes]:
    """An answer that holds words for customers, in the language its request asks for."""
    language = language_of(scope)
    named = {name.decode().title(): value.decode() for name, value in fresh}
    said = {**headers, **named, "Vary": VARY, "Content-Language": language}
    return Response(translate(body, language), media_type=JSON, headers=said)


def page_body(
    page: Page[R], tenants: tuple[str, ...], clock: FreshnessClock, item: Callable[[R, bytes], bytes] | None = None
) -> tuple[bytes, Headers]:
    """`items`, each with its freshness, `next_cursor`, and the freshness of the page itself, which its headers say.

    `item` makes one of a row and its summary, which has its freshness already; it is the summary if not said.
    """
    # Lines of a page share few sets of sources: each is put in words once.
    words = {(row.tenant, row.sources): b"" for row in page.rows}
    for tenant, sources in words:
        words[tenant, sources] = clock.words(partition_of(tenant), sources, "postgres")
    now = risk_now()
    lines = [
        b'%b,%b"freshness":%b}' % (row.summary[:-1], risk_words(row.at_risk_from, now), words[row.tenant, row.sources])
        for row in page.rows
    ]
    if item is not None:
        lines = [item(row, line) for row, line in zip(page.rows, lines, strict=True)]
    items = b",".join(lines)
    cursor = msgspec.json.encode(page.next_cursor)
    named = b" ".join(sorted({source for _, sources in words for source in sources.split()}))
    # Of several accounts' partitions the page is as fresh as the one furthest behind.
    said = clock.said(clock.furthest_behind(map(partition_of, tenants)), named, "postgres")
    return b'{"items":[%b],"next_cursor":%b,"freshness":%b}' % (items, cursor, said.words), said.headers


def encode(value: Any) -> bytes:  # noqa: ANN401 - whatever msgspec can encode
    return msgspec.json.encode(value)
