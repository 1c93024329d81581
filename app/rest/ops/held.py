"""`/v1/ops/held`: what waits, for what, since when; its bytes, and the decision to give it up."""

from datetime import datetime
from typing import Annotated

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
from app.rest.query import Words, no_parameters, parse
from projections.quarantine.held import HeldEvent, WantedHeld, held, held_content, held_event, let_go

_PLACE = ("held_at", "number")


class HeldQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None
    source: SourcePath | None = None
    event_type: EventType | None = None
    reference: Annotated[Words, msgspec.Meta(description="Waits for this identifier.")] | None = None


class HeldPage(msgspec.Struct, frozen=True):
    """The oldest first."""

    items: tuple[HeldEvent, ...]
    next_cursor: str | None


async def held_page(ops: Ops, query_string: bytes, held_before: datetime | None = None) -> HeldPage:
    """What waits, or only what has waited since before this time."""
    query = parse(query_string, HeldQuery)
    narrowed = (query.source, query.event_type, query.reference)
    # The time moves from page to page, so it is no part of the question.
    question = question_of("held", held_before is not None, narrowed)
    wanted = WantedHeld(
        source=query.source, event_type=query.event_type, reference=query.reference, held_before=held_before
    )
    after = started_after(query.cursor, question)
    found = await held(ops.reading, wanted, after=after, limit=query.limit + 1)
    return HeldPage(*cut(found, query.limit, _PLACE, question))


def held_handlers(access: Access, ops: Ops) -> list[HTTPRouteHandler]:
    @get("/v1/ops/held")
    async def list_held(request: AnyRequest) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        return ops_answer(await held_page(ops, request.scope["query_string"]))

    @get("/v1/ops/held/{event_key:str}")
    async def get_held(request: AnyRequest, event_key: FromPath[str]) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        no_parameters(request)
        return ops_answer(await held_event(ops.reading, event_key))

    @get("/v1/ops/held/{event_key:str}/content")
    async def get_held_content(request: AnyRequest, event_key: FromPath[str]) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        no_parameters(request)
        found = await held_event(ops.reading, event_key)
        return bytes_answer(await held_content(ops.reading, event_key), f"held-{found.key}")

    @post("/v1/ops/held/{event_key:str}/discard", status_code=200, request_max_body_size=ops.max_body_bytes)
    async def discard_held(request: AnyRequest, event_key: FromPath[str]) -> Response[bytes]:
        principal = await access.operator(authorization_of(request.scope), "ops:replay")
        no_parameters(request)
        decision = await json_of(request, Decision)
        return ops_answer(await let_go(ops.writing, event_key, actor_of(principal), decision.reason))

    return [list_held, get_held, get_held_content, discard_held]
