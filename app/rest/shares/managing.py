"""`/v1/shares`: make, list and revoke public tracking links."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.problems import Problem, ProblemError
from app.reads import cursors
from app.reads.cursors import BrokenCursorError, Cursor, question_of
from app.reads.path import ReadPath
from app.rest.access import Access, authorization_of
from app.rest.answers import JSON, encode
from app.rest.bodies import json_of
from app.rest.query import Words, no_parameters, parse
from app.shares.shares import Share, Shares, WantedShare
from auth.principal import Principal
from projections.audit import Actor
from projections.references import PUBLIC_ID, SubjectKind

AnyRequest = Request[Any, Any, Any]
SCOPE = "shares:manage"
BODY_BYTES_MAX = 4_096
USUAL_DAYS, MOST_DAYS = 30, 365
_SHIPMENT_ID = PUBLIC_ID[SubjectKind.SHIPMENT]
# Whoever may not see them learns nothing from a cache either.
_HEADERS = {"Cache-Control": "private, no-store"}


class ShareWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which shipment a link is to open, how long, and what it is for."""

    shipment_id: Annotated[Words, msgspec.Meta(description="The shipment's public id.")]
    expires_in_days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS, description="After these it opens nothing.")] = (
        USUAL_DAYS
    )
    note: Annotated[Words, msgspec.Meta(description="For yourself; not shown to who opens it.")] | None = None


class NewShare(Share, frozen=True, kw_only=True):
    """A link just made. Its `url`, and the `token` at its end, are told this once: only a digest is kept."""

    url: str
    token: str


class SharesQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=200, description="How many items a page may have.")] = 50
    cursor: Annotated[Words, msgspec.Meta(description="`next_cursor` of the page before.")] | None = None
    shipment_id: Annotated[Words, msgspec.Meta(description="Opens this shipment.")] | None = None


class SharePage(msgspec.Struct, frozen=True):
    items: tuple[Share, ...]
    next_cursor: str | None


def share_handlers(access: Access, shares: Shares, path: ReadPath, public_url: str) -> list[HTTPRouteHandler]:
    async def manager_of(request: AnyRequest) -> Principal:
        return await access.reader(authorization_of(request.scope), SCOPE)

    async def share_of(principal: Principal, share_id: str) -> Share:
        share = (
            await shares.find(principal.accounts, share_id) if share_id.isascii() and share_id.isprintable() else None
        )
        if share is None:
            raise Problem("not_found", "There is no such link.")
        return share

    @post("/v1/shares", status_code=201, request_max_body_size=BODY_BYTES_MAX)
    async def create_share(request: AnyRequest) -> Response[bytes]:
        principal = await manager_of(request)
        no_parameters(request)
        wanted = await json_of(request, ShareWanted)
        is_id = _SHIPMENT_ID.fullmatch(wanted.shipment_id)
        served = await path.read(principal.accounts, wanted.shipment_id) if is_id else None
        if served is None:
            raise Problem("not_found", "There is no such shipment.")
        made = WantedShare(served.tenant, wanted.shipment_id, wanted.note, wanted.expires_in_days)
        share, token = await shares.create(made, _actor(principal))
        told = NewShare(**msgspec.structs.asdict(share), url=f"{public_url}/track/{token}", token=token)
        return _answer(told, 201, {"Location": f"/v1/shares/{share.id}"})

    @get("/v1/shares")
    async def list_shares(request: AnyRequest) -> Response[bytes]:
        principal = await manager_of(request)
        query = parse(request.scope["query_string"], SharesQuery)
        question = question_of("shares", principal.accounts, query.shipment_id)
        after = _after(query.cursor, question)
        found = await shares.page(principal.accounts, query.shipment_id, query.limit + 1, after)
        return _answer(_page(found, query.limit, question))

    @get("/v1/shares/{share_id:str}")
    async def get_share(request: AnyRequest, share_id: FromPath[str]) -> Response[bytes]:
        principal = await manager_of(request)
        no_parameters(request)
        return _answer(await share_of(principal, share_id))

    @delete("/v1/shares/{share_id:str}", status_code=204)
    async def revoke_share(request: AnyRequest, share_id: FromPath[str]) -> None:
        principal = await manager_of(request)
        no_parameters(request)
        await shares.revoke(await share_of(principal, share_id), _actor(principal))

    return [create_share, list_shares, get_share, revoke_share]


def _actor(principal: Principal) -> Actor:
    return Actor(principal.subject, principal.client_id)


def _answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(encode(value), status_code=status, media_type=JSON, headers=_HEADERS | (headers or {}))


def _after(cursor: str | None, question: bytes) -> Cursor | None:
    try:
        return cursors.read(cursor, question) if cursor else None
    except BrokenCursorError as error:
        wrong = ProblemError("/query/cursor", "broken_cursor", str(error))
        raise Problem("broken_cursor", str(error), errors=(wrong,)) from None


def _page(found: list[Share], limit: int, question: bytes) -> SharePage:
    """What was found is one more than the limit when there is more."""
    if len(found) <= limit:
        return SharePage(tuple(found), None)
    last = found[limit - 1]
    return SharePage(tuple(found[:limit]), cursors.write(Cursor(last.created_at, last.id, question)))
