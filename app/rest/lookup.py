"""The look-up of one identifier, `GET /v1/lookup`, and of many at once, `POST /v1/lookup`."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from app.reads.freshness import FreshnessClock
from app.reads.lookup import MATCHES_OF_ONE, Asked, Lookup, Match
from app.reads.path import ReadPath
from app.rest.access import Access, authorization_of
from app.rest.answers import encode, worded_answer
from app.rest.bodies import json_of
from app.rest.query import LookupQuery, Words, no_parameters, parse
from auth.principal import Principal
from projections.audit.reads import ReadJournal
from projections.references import ReferenceType
from projections.subjects import is_order, partition_of

AnyRequest = Request[Any, Any, Any]
SCOPE = "shipments:read"
AT_ONCE = 200
BODY_BYTES_MAX = 262_144
# What is looked up by one identifier of a tenant's, say a purchase order that went out in many shipments.
MATCHES_OF_MANY = 20


class WantedReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reference: Annotated[Words, msgspec.Meta(description="Any identifier, as it is printed on the paper.")]
    type: Annotated[ReferenceType, msgspec.Meta(description="Only identifiers of this type.")] | None = None


class WantedReferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to look up, 200 at most."""

    references: Annotated[tuple[WantedReference, ...], msgspec.Meta(min_length=1, max_length=AT_ONCE)]


class LookupEndpoint:
    """Both ways of asking: who asks, what is found for whom, the answer."""

    def __init__(
        self, access: Access, lookup: Lookup, path: ReadPath, clock: FreshnessClock, journal: ReadJournal
    ) -> None:
        self._access = access
        self._lookup = lookup
        self._path = path
        self._clock = clock
        self._journal = journal

    def handlers(self) -> list[HTTPRouteHandler]:
        @get("/v1/lookup")
        async def look_up(request: AnyRequest) -> Response[bytes]:
            principal = await self._reader(request)
            query = parse(request.scope["query_string"], LookupQuery)
            (found,) = await self._found(principal, [Asked(query.reference, query.type)], MATCHES_OF_ONE)
            return self._answer(request, principal, found)

        @post("/v1/lookup", status_code=200, request_max_body_size=BODY_BYTES_MAX)
        async def look_up_many(request: AnyRequest) -> Response[bytes]:
            principal = await self._reader(request)
            no_parameters(request)
            wanted = (await json_of(request, WantedReferences)).references
            asked = [Asked(one.reference, one.type) for one in wanted]
            found = await self._found(principal, asked, MATCHES_OF_MANY)
            lines = zip(wanted, found, strict=True)
            return self._answer(
                request, principal, [b'%b,"matches":[%b]}' % (encode(one)[:-1], b",".join(its)) for one, its in lines]
            )

        return [look_up, look_up_many]

    async def _reader(self, request: AnyRequest) -> Principal:
        return await self._access.reader(authorization_of(request.scope), SCOPE)

    async def _found(self, principal: Principal, asked: Sequence[Asked], each: int) -> list[list[bytes]]:
        """The matches of each, as JSON. Orders are another scope's: without it they are not mentioned."""
        found = await self._lookup.find(principal.accounts, asked, each)
        sees_orders = "orders:read" in principal.scopes
        return [
            [self._match(principal, one) for one in its if sees_orders or not is_order(one.subject_id)] for its in found
        ]

    def _match(self, principal: Principal, match: Match) -> bytes:
        """`kind`, the `matched` reference, and the summary under the kind's name."""
        self._journal.note(principal.subject, principal.client_id, match.served.tenant, match.subject_id)
        kind = b"order" if is_order(match.subject_id) else b"shipment"
        summary = self._path.with_freshness(match.served.document.summary, match.served)
        return b'{"kind":"%b","matched":%b,"%b":%b}' % (kind, encode(match.reference), kind, summary)

    def _answer(self, request: AnyRequest, principal: Principal, items: Sequence[bytes]) -> Response[bytes]:
        partition = self._clock.furthest_behind(map(partition_of, principal.accounts))
        said = self._clock.said(partition, b"", "postgres")
        body = b'{"items":[%b],"freshness":%b}' % (b",".join(items), said.words)
        return worded_answer(body, request.scope, said.headers)
