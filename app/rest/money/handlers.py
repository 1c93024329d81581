"""`/v1/invoices`, and the charges of shipments and orders."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem, ProblemError
from app.reads.cursors import BrokenCursorError
from app.reads.freshness import FreshnessClock
from app.reads.invoices import Invoices
from app.reads.path import ReadPath
from app.rest.access import Access, authorization_of
from app.rest.answers import json_answer, page_body
from app.rest.conditions import conditional_answer
from app.rest.money.operations import InvoiceListQuery
from app.rest.query import parse, unknown_parameters
from auth.policy import require_section
from auth.principal import Principal
from projections.audit.reads import ReadJournal
from projections.references import PUBLIC_ID, PaperKind, SubjectKind
from projections.subjects import partition_of

AnyRequest = Request[Any, Any, Any]


class _Charges(msgspec.Struct):
    charges: msgspec.Raw


_CHARGES = msgspec.json.Decoder(_Charges)


class Counter:
    """Who asks what something costs, and whether they may know."""

    def __init__(self, access: Access, journal: ReadJournal) -> None:
        self._access = access
        self._journal = journal

    async def payer(self, request: AnyRequest, section: str) -> Principal:
        """Who pays, and may read this section."""
        principal = await self._access.reader(authorization_of(request.scope), f"{section}:read")
        require_section(principal, section)
        return principal

    def note(self, principal: Principal, tenant: str, subject_id: str) -> None:
        self._journal.note(principal.subject, principal.client_id, tenant, subject_id)


def invoice_handlers(counter: Counter, invoices: Invoices, clock: FreshnessClock) -> list[HTTPRouteHandler]:
    @get("/v1/invoices")
    async def list_invoices(request: AnyRequest) -> Response[bytes]:
        principal = await counter.payer(request, "invoices")
        query = parse(request.scope["query_string"], InvoiceListQuery)
        newest_first = query.sort == "-posted_at"
        try:
            page = await invoices.page(
                principal.accounts, query.filters(), newest_first=newest_first, limit=query.limit, cursor=query.cursor
            )
        except BrokenCursorError as error:
            wrong = ProblemError("/query/cursor", "broken_cursor", str(error))
            raise Problem("broken_cursor", str(error), errors=(wrong,)) from None
        for row in page.rows:
            counter.note(principal, row.tenant, row.id)
        body, fresh = page_body(page, principal.accounts, clock)
        return json_answer(body, fresh=fresh)

    @get("/v1/invoices/{id:str}")
    async def get_invoice(request: AnyRequest) -> Response[bytes]:
        principal = await counter.payer(request, "invoices")
        _no_parameters(request)
        invoice_id = request.path_params["id"]
        found = None
        if PUBLIC_ID[PaperKind.INVOICE].fullmatch(invoice_id):
            found = await invoices.one(principal.accounts, invoice_id)
        if found is None:
            raise Problem("not_found", "There is no such invoice.")
        counter.note(principal, found.tenant, invoice_id)
        said = clock.said(partition_of(found.tenant), found.sources, "postgres")
        return conditional_answer(request, found.body, said)

    return [list_invoices, get_invoice]


def charges_handler(counter: Counter, path: ReadPath, kind: SubjectKind) -> HTTPRouteHandler:
    """The charges of shipments, or of orders."""

    @get(f"/v1/{kind}s/{{id:str}}/charges")
    async def list_charges(request: AnyRequest) -> Response[bytes]:
        principal = await counter.payer(request, "charges")
        _no_parameters(request)
        subject_id = request.path_params["id"]
        served = None
        if PUBLIC_ID[kind].fullmatch(subject_id):
            served = await path.read(principal.accounts, subject_id)
        if served is None:
            raise Problem("not_found", f"There is no such {kind}.")
        counter.note(principal, served.tenant, subject_id)
        body = b'{"items":%b}' % bytes(_CHARGES.decode(served.document.document).charges)
        return conditional_answer(request, body, path.said(served))

    return list_charges


def _no_parameters(request: AnyRequest) -> None:
    if request.scope["query_string"]:
        raise unknown_parameters(request.scope["query_string"], ())
