"""`GET /v1/shipments/{id}/promises` and `GET /v1/performance`: what was promised, and how it turned out."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.problems import Problem
from app.reads.freshness import Freshness, FreshnessClock
from app.reads.path import ReadPath
from app.reads.promises import AccountPerformance, DeliveryOutcome, Promises, PromiseShown, Wanted, outcome_of
from app.rest.access import Access, authorization_of
from app.rest.answers import encode, json_answer
from app.rest.query import Words, invalid_parameter, parse, unknown_parameters
from projections.audit.reads import ReadJournal
from projections.references import PUBLIC_ID, SubjectKind
from projections.subjects import partition_of
from projections.values import Instant

DEFAULT_SPAN = timedelta(days=90)
MAX_SPAN = timedelta(days=366)
AnyRequest = Request[Any, Any, Any]


class PromiseLedger(msgspec.Struct, frozen=True):
    """Each ETA and promise that was shown of a shipment, in that order, and how it turned out; null while under way."""

    items: tuple[PromiseShown, ...]
    outcome: DeliveryOutcome | None
    freshness: Freshness


class PerformanceQuery(msgspec.Struct, frozen=True, kw_only=True):
    delivered_after: Annotated[Instant, msgspec.Meta(description="90 days before the end unless given.")] | None = None
    delivered_before: (
        Annotated[
            Instant, msgspec.Meta(description="The end of today (UTC) unless given; at most 366 days after the start.")
        ]
        | None
    ) = None
    carrier: Annotated[tuple[Words, ...], msgspec.Meta(description="Any of these carriers (SCAC).")] | None = None
    origin: Annotated[Words, msgspec.Meta(description="The city it came from.")] | None = None
    ship_to: Annotated[Words, msgspec.Meta(description="The city it went to.")] | None = None


class Performance(msgspec.Struct, frozen=True):
    """How deliveries between these two times turned out, for each of your accounts."""

    delivered_after: datetime
    delivered_before: datetime
    items: tuple[AccountPerformance, ...]
    freshness: Freshness


class _Promised(msgspec.Struct):
    delivered_at: datetime | None
    promised_at: datetime | None


_PROMISED = msgspec.json.Decoder(_Promised)


def promises_handler(
    access: Access, path: ReadPath, promises: Promises, clock: FreshnessClock, journal: ReadJournal
) -> HTTPRouteHandler:
    @get("/v1/shipments/{id:str}/promises")
    async def shown_promises(request: AnyRequest, id: FromPath[str]) -> Response[bytes]:  # noqa: A002 - as it is in the path
        principal = await access.reader(authorization_of(request.scope), "shipments:read")
        if request.scope["query_string"]:
            raise unknown_parameters(request.scope["query_string"], ())
        known = PUBLIC_ID[SubjectKind.SHIPMENT].fullmatch(id)
        served = await path.read(principal.accounts, id) if known else None
        if served is None:
            raise Problem("not_found", "There is no such shipment.")
        journal.note(principal.subject, principal.client_id, served.tenant, id)
        ended = _PROMISED.decode(served.document.summary)
        items = encode(await promises.shown(served.tenant, id, ended.delivered_at))
        outcome = encode(outcome_of(ended.delivered_at, ended.promised_at))
        said = clock.said(partition_of(served.tenant), served.document.sources, "postgres")
        body = b'{"items":%b,"outcome":%b,"freshness":%b}' % (items, outcome, said.words)
        return json_answer(body, fresh=said.headers)

    return shown_promises


def performance_handler(access: Access, promises: Promises, clock: FreshnessClock) -> HTTPRouteHandler:
    @get("/v1/performance")
    async def performance(request: AnyRequest) -> Response[bytes]:
        principal = await access.reader(authorization_of(request.scope), "shipments:read")
        wanted = _wanted(parse(request.scope["query_string"], PerformanceQuery), datetime.now(UTC))
        items = tuple([await promises.performance(tenant, wanted) for tenant in principal.accounts])
        said = clock.said(clock.furthest_behind(map(partition_of, principal.accounts)), b"", "postgres")
        start, end = encode(wanted.delivered_after), encode(wanted.delivered_before)
        body = b'{"delivered_after":%b,"delivered_before":%b,"items":%b,"freshness":%b}'
        return json_answer(body % (start, end, encode(items), said.words), fresh=said.headers)

    return performance


def _wanted(query: PerformanceQuery, now: datetime) -> Wanted:
    # A day at a time, so that who asks again gets the same answer while nothing has changed.
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    end = query.delivered_before or tomorrow
    try:
        start = query.delivered_after or end - DEFAULT_SPAN
    except OverflowError:
        raise invalid_parameter("delivered_before", "out of range") from None
    if not timedelta(0) < end - start <= MAX_SPAN:
        raise invalid_parameter("delivered_after", f"before the end, and at most {MAX_SPAN.days} days before it")
    return Wanted(start, end, query.carrier, query.origin, query.ship_to)
