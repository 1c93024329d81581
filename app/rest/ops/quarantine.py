"""`/v1/ops/quarantine`: what was refused, why, its bytes, and the decision that it stays out."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.reads.cursors import question_of
from app.rest.access import Access, authorization_of
from app.rest.bodies import json_of
from app.rest.ops.asking import (
    AnyRequest,
    CursorText,
    Decision,
    EventType,
    Limit,
    Ops,
    SourcePath,
    actor_of,
    bytes_answer,
    cut,
    ops_answer,
    started_after,
)
from app.rest.query import no_parameters, parse
from projections.event import RejectionReason
from projections.quarantine.entries import QuarantineEntry, State, Wanted, content, discard, entries, entry
from projections.quarantine.errors import NotThereError
from projections.values import Instant

MAX_ID_DIGITS = 18
_PLACE = ("first_seen_at", "id")


class QuarantineQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None
    state: Annotated[State, msgspec.Meta(description="Only what is in this state.")] | None = None
    reason: Annotated[RejectionReason, msgspec.Meta(description="Only what was refused for this.")] | None = None
    source: SourcePath | None = None
    event_type: EventType | None = None
    since: Annotated[Instant, msgspec.Meta(description="Seen at this time or since.")] | None = None


class ContentQuery(msgspec.Struct, frozen=True, kw_only=True):
    of: Annotated[
        Literal["original", "replacement"],
        msgspec.Meta(description="As it came, or what was last given in its stead."),
    ] = "original"


class QuarantinePage(msgspec.Struct, frozen=True):
    """The newest first."""

    items: tuple[QuarantineEntry, ...]
    next_cursor: str | None


def quarantine_handlers(access: Access, ops: Ops) -> list[HTTPRouteHandler]:
    @get("/v1/ops/quarantine")
    async def list_quarantine(request: AnyRequest) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        query = parse(request.scope["query_string"], QuarantineQuery)
        wanted = Wanted(reason=query.reason, source=query.source, event_type=query.event_type, since=query.since)
        question = question_of("quarantine", query.state, wanted)
        before = started_after(query.cursor, question)
        found = await entries(ops.reading, wanted, state=query.state, before=before, limit=query.limit + 1)
        return ops_answer(QuarantinePage(*cut(found, query.limit, _PLACE, question)))

    @get("/v1/ops/quarantine/{entry_id:str}")
    async def get_entry(request: AnyRequest, entry_id: FromPath[str]) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        no_parameters(request)
        return ops_answer(await entry(ops.reading, number_of(entry_id)))

    @get("/v1/ops/quarantine/{entry_id:str}/content")
    async def get_entry_content(request: AnyRequest, entry_id: FromPath[str]) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        query = parse(request.scope["query_string"], ContentQuery)
        found = await content(ops.reading, number_of(entry_id))
        wanted = found.original if query.of == "original" else found.replacement
        if wanted is None:
            raise NotThereError
        return bytes_answer(wanted, f"quarantine-{number_of(entry_id)}-{query.of}")

    @post("/v1/ops/quarantine/{entry_id:str}/discard", status_code=200, request_max_body_size=ops.max_body_bytes)
    async def discard_entry(request: AnyRequest, entry_id: FromPath[str]) -> Response[bytes]:
        principal = await access.operator(authorization_of(request.scope), "ops:replay")
        no_parameters(request)
        decision = await json_of(request, Decision)
        return ops_answer(await discard(ops.writing, number_of(entry_id), actor_of(principal), decision.reason))

    return [list_quarantine, get_entry, get_entry_content, discard_entry]


def number_of(entry_id: str) -> int:
    """An entry's id from the path; what is no number is no entry's. Raises NotThereError."""
    if not (entry_id.isascii() and entry_id.isdigit() and len(entry_id) <= MAX_ID_DIGITS):
        raise NotThereError
    return int(entry_id)
