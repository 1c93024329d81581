"""`GET /v1/exceptions`: what is wrong with a tenant's shipments now, why, and whose turn it is."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem, ProblemError
from app.reads.cursors import BrokenCursorError
from app.reads.exceptions import ExceptionRow, Exceptions, WantedExceptions
from app.reads.freshness import Freshness, FreshnessClock
from app.rest.access import Access, authorization_of
from app.rest.answers import encode, page_body, worded_answer
from app.rest.query import Words, parse
from projections.audit.reads import ReadJournal
from projections.shipment_view.shapes import ShipmentSummary
from projections.statuses import REASONS, Party, Status
from projections.values import Instant
from projections.views import Reason, reason_of

SCOPE = "shipments:read"


class ExceptionsQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=200, description="How many items a page may have.")] = 50
    cursor: Annotated[Words, msgspec.Meta(description="`next_cursor` of the page before.")] | None = None
    code: Annotated[Words, msgspec.Meta(description="For this reason; see docs/statuses.md.")] | None = None
    responsible_party: Annotated[Party, msgspec.Meta(description="It is this party's turn.")] | None = None
    status: (
        Annotated[tuple[Status, ...], msgspec.Meta(description="Of shipments with any of these statuses.")] | None
    ) = None
    carrier: Annotated[tuple[Words, ...], msgspec.Meta(description="Any of these carriers (SCAC).")] | None = None
    shipment_id: Annotated[Words, msgspec.Meta(description="Of this shipment.")] | None = None
    raised_since: Annotated[Instant, msgspec.Meta(description="Raised at this time or since.")] | None = None

    def wanted(self) -> WantedExceptions:
        return WantedExceptions(
            code=self._codes(),
            carrier=self.carrier,
            status=self.status,
            shipment_id=self.shipment_id,
            raised_since=self.raised_since,
        )

    def _codes(self) -> tuple[str, ...] | None:
        """Whose turn it is says the code: the table of reasons is all there is to ask."""
        if self.responsible_party is None:
            return (self.code,) if self.code else None
        theirs = (code for code, party in REASONS.items() if party == self.responsible_party)
        return tuple(code for code in theirs if self.code in (None, code))


class OpenProblem(Reason, frozen=True, kw_only=True):
    """What is wrong, what to do about it and whose turn it is, with the line of the shipment it is wrong with.

    Of a shipment that is late for no reported reason, `raised_at` is when its ETA was said.
    """

    raised_at: datetime
    shipment: ShipmentSummary


class ExceptionPage(msgspec.Struct, frozen=True):
    items: tuple[OpenProblem, ...]
    next_cursor: str | None
    freshness: Freshness


def exceptions_handler(
    access: Access, exceptions: Exceptions, clock: FreshnessClock, journal: ReadJournal
) -> HTTPRouteHandler:
    @get("/v1/exceptions")
    async def list_exceptions(request: Request[Any, Any, Any]) -> Response[bytes]:
        principal = await access.reader(authorization_of(request.scope), SCOPE)
        query = parse(request.scope["query_string"], ExceptionsQuery)
        try:
            page = await exceptions.page(principal.accounts, query.wanted(), limit=query.limit, cursor=query.cursor)
        except BrokenCursorError as error:
            wrong = ProblemError("/query/cursor", "broken_cursor", str(error))
            raise Problem("broken_cursor", str(error), errors=(wrong,)) from None
        for row in page.rows:
            journal.note(principal.subject, principal.client_id, row.tenant, row.id)
        body, fresh = page_body(page, principal.accounts, clock, _item)
        return worded_answer(body, request.scope, fresh)

    return list_exceptions


def _item(row: ExceptionRow, shipment: bytes) -> bytes:
    reason, raised_at = encode(reason_of(row.code)), encode(row.created_at)
    return b'%b,"raised_at":%b,"shipment":%b}' % (reason[:-1], raised_at, shipment)
