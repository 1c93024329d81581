"""`POST /v1/ops/replays`: what was refused, taken again; a dry run unless told otherwise."""

import asyncio
from typing import Annotated, Literal

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem, ProblemError
from app.rest.access import Access, authorization_of
from app.rest.bodies import json_of
from app.rest.ops.asking import AnyRequest, EventType, Ops, SourcePath, actor_of, ops_answer
from app.rest.query import no_parameters
from projections.event import RejectionReason
from projections.quarantine.differences import Difference, differences
from projections.quarantine.entries import Wanted
from projections.quarantine.preview import ViewChange
from projections.quarantine.reading import EntryOutcome
from projections.quarantine.replay import MAX_ENTRIES, Chosen, ReleasedEvent, Replay
from projections.subjects import is_order
from projections.values import Instant

EntryId = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]


class ReplayFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open entries; all given must hold. `after`: those that came after this entry."""

    reason: RejectionReason | None = None
    source: SourcePath | None = None
    event_type: EventType | None = None
    since: Instant | None = None
    after: EntryId | None = None


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries, oldest first whatever their order here: by `ids`, or all that fit `filter`.

    `replacement` (base64) is taken instead of the one entry's own bytes, which are kept beside it.
    """

    ids: Annotated[tuple[EntryId, ...], msgspec.Meta(min_length=1, max_length=MAX_ENTRIES)] | None = None
    filter: ReplayFilter | None = None
    dry_run: bool = True
    replacement: bytes | None = None


class ChangedView(msgspec.Struct, frozen=True):
    """What one tenant would be shown otherwise of one order or shipment."""

    tenant: str
    kind: Literal["order", "shipment"]
    id: str
    differences: tuple[Difference, ...]


class ReplayAnswer(msgspec.Struct, frozen=True):
    """What came of it, or would come: each entry's outcome, and what waited for it, in order.

    `changes` are of a dry run. With `next_after` there is more: ask again with it as the filter's `after`.
    """

    dry_run: bool
    entries: tuple[EntryOutcome, ...]
    released: tuple[ReleasedEvent, ...]
    changes: tuple[ChangedView, ...]
    next_after: int | None


def replays_handler(access: Access, ops: Ops) -> HTTPRouteHandler:
    @post("/v1/ops/replays", status_code=200, request_max_body_size=ops.max_body_bytes)
    async def replay_entries(request: AnyRequest) -> Response[bytes]:
        principal = await access.operator(authorization_of(request.scope), "ops:replay")
        no_parameters(request)
        asked = await json_of(request, ReplayRequest)
        chosen = _chosen(asked)
        if asked.dry_run:
            replay = await ops.replays.dry_run(chosen, body=asked.replacement)
        else:
            replay = await ops.replays.replay(chosen, actor_of(principal), body=asked.replacement)
        return ops_answer(await asyncio.to_thread(answer_of, replay, dry_run=asked.dry_run))

    return replay_entries


def _chosen(asked: ReplayRequest) -> Chosen:
    if (asked.ids is None) == (asked.filter is None):
        raise _invalid("/ids", "Say which entries: either ids or filter.")
    if asked.replacement is not None and len(set(asked.ids or ())) != 1:
        raise _invalid("/replacement", "A replacement is for one entry, named by its id.")
    if asked.filter is None:
        return Chosen(ids=asked.ids)
    one = asked.filter
    wanted = Wanted(reason=one.reason, source=one.source, event_type=one.event_type, since=one.since)
    return Chosen(wanted=wanted, after=one.after)


def _invalid(pointer: str, detail: str) -> Problem:
    return Problem("invalid_body", detail, errors=(ProblemError(pointer, "invalid_body", detail),))


def answer_of(replay: Replay, *, dry_run: bool) -> ReplayAnswer:
    """A replay in the API's words."""
    changes = tuple(map(_changed, replay.changes))
    return ReplayAnswer(dry_run, replay.entries, replay.released, changes, replay.next_after)


def _changed(change: ViewChange) -> ChangedView:
    kind: Literal["order", "shipment"] = "order" if is_order(change.subject_id) else "shipment"
    return ChangedView(change.tenant, kind, change.subject_id, tuple(differences(change.before, change.after)))
