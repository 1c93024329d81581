"""Lists, `GET /v1/shipments` and `GET /v1/orders`, and the look-up, `GET /v1/lookup`."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem, ProblemError
from app.reads.cursors import BrokenCursorError
from app.reads.freshness import FreshnessClock
from app.reads.lists import Kind, Lists
from app.reads.lookup import Lookup, Match
from app.reads.path import ReadPath
from app.rest.access import Access, authorization_of
from app.rest.answers import Headers, encode, json_answer, page_body
from app.rest.query import ListQuery, LookupQuery, OrderListQuery, ShipmentListQuery, parse
from projections.audit.reads import ReadJournal
from projections.subjects import is_order, partition_of

AnyRequest = Request[Any, Any, Any]


_QUERIES: dict[Kind, type[ListQuery]] = {"shipment": ShipmentListQuery, "order": OrderListQuery}


class ListEndpoint:
    """A list of one kind: who asks, what is asked, the page."""

    def __init__(self, kind: Kind, access: Access, lists: Lists, clock: FreshnessClock, journal: ReadJournal) -> None:
        self._kind = kind
        self._query = _QUERIES[kind]
        self._scope_name = f"{kind}s:read"
        self._access = access
        self._lists = lists
        self._clock = clock
        self._journal = journal

    async def __call__(self, authorization: bytes | None, query_string: bytes) -> tuple[bytes, Headers]:
        principal = await self._access.reader(authorization, self._scope_name)
        query = parse(query_string, self._query)
        try:
            page = await self._lists.page(
                self._kind,
                principal.accounts,
                query.filters(),
                newest_first=query.sort == "-created_at",
                limit=query.limit,
                cursor=query.cursor,
            )
        except BrokenCursorError as error:
            wrong = ProblemError("/query/cursor", "broken_cursor", str(error))
            raise Problem("broken_cursor", str(error), errors=(wrong,)) from None
        for row in page.rows:
            self._journal.note(principal.subject, principal.client_id, row.tenant, row.id)
        return page_body(page, principal.accounts, self._clock)


def lookup_handler(
    access: Access, lookup: Lookup, path: ReadPath, clock: FreshnessClock, journal: ReadJournal
) -> HTTPRouteHandler:
    @get("/v1/lookup")
    async def look_up(request: AnyRequest) -> Response[bytes]:
        principal = await access.reader(authorization_of(request.scope), "shipments:read")
        query = parse(request.scope["query_string"], LookupQuery)
        reference_type = query.type.value if query.type else None
        found = await lookup.find(principal.accounts, query.reference, reference_type)
        # Orders are another scope's: without it they are not mentioned.
        shown = [one for one in found if not is_order(one.subject_id) or "orders:read" in principal.scopes]
        for one in shown:
            journal.note(principal.subject, principal.client_id, one.served.tenant, one.subject_id)
        items = b",".join(_match(one, path) for one in shown)
        partition = clock.furthest_behind(map(partition_of, principal.accounts))
        said = clock.said(partition, b"", "postgres")
        return json_answer(b'{"items":[%b],"freshness":%b}' % (items, said.words), fresh=said.headers)

    return look_up


def _match(match: Match, path: ReadPath) -> bytes:
    """`kind`, the `matched` reference, and the summary under the kind's name."""
    kind = b"order" if is_order(match.subject_id) else b"shipment"
    summary = path.with_freshness(match.served.document.summary, match.served)
    return b'{"kind":"%b","matched":%b,"%b":%b}' % (kind, encode(match.reference), kind, summary)
