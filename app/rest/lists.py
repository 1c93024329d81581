"""Lists, `GET /v1/shipments` and `GET /v1/orders`."""

from app.problems import Problem, ProblemError
from app.reads.cursors import BrokenCursorError
from app.reads.freshness import FreshnessClock
from app.reads.lists import Kind, Lists
from app.rest.access import Access
from app.rest.answers import Headers, page_body
from app.rest.query import ListQuery, OrderListQuery, ShipmentListQuery, parse
from projections.audit.reads import ReadJournal

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
        self._journal.note_all(principal.subject, principal.client_id, page.rows)
        return page_body(page, principal.accounts, self._clock)
