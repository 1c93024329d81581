"""What all of the operators' endpoints share: what they work with, pages, decisions, bytes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, Response

from app.problems import Problem, ProblemError
from app.reads import cursors
from app.reads.cursors import BrokenCursorError, Cursor
from app.rest.query import Words
from auth.principal import Principal
from projections.audit import Actor
from projections.database import Pool
from projections.quarantine.replay import Replays

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
# What one operator sees is nobody else's, and old by the next look.
_HEADERS = {"Cache-Control": "no-store"}

Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="How many items a page may have.")]
CursorText = Annotated[Words, msgspec.Meta(description="`next_cursor` of the page before.")]
SourcePath = Annotated[Words, msgspec.Meta(description="The source, or the beginning of its path.")]
EventType = Annotated[Words, msgspec.Meta(description="The type of event, such as `shipment.planned.v1`.")]


class Ops(msgspec.Struct, frozen=True):
    """`reading` sees what operators may see, `writing` changes it as intake does."""

    reading: Pool
    writing: Pool
    replays: Replays
    held_seconds: int
    max_body_bytes: int


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, in the operator's words; kept in the audit log."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$")]


def actor_of(principal: Principal) -> Actor:
    return Actor(principal.subject, principal.client_id)


def ops_answer(value: object) -> Response[bytes]:
    return Response(msgspec.json.encode(value), media_type="application/json", headers=_HEADERS)


def bytes_answer(content: bytes, name: str) -> Response[bytes]:
    """Bytes as they came from outside: to be saved, never to be shown by a browser. The edge adds `nosniff`."""
    headers = _HEADERS | {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def started_after(cursor: str | None, question: bytes) -> int | None:
    """The number of the last item of the page before."""
    if cursor is None:
        return None
    try:
        return int(cursors.read(cursor, question).id)
    except (BrokenCursorError, ValueError) as error:
        wrong = ProblemError("/query/cursor", "broken_cursor", str(error))
        raise Problem("broken_cursor", str(error), errors=(wrong,)) from None


def cut(found: Sequence[T], limit: int, place: tuple[str, str], question: bytes) -> tuple[tuple[T, ...], str | None]:
    """A page of what was found, which is one more than the limit when there is more; and the cursor to go on.

    `place` names the fields of an item that say when it came and its number.
    """
    page = tuple(found[:limit])
    if len(found) <= limit:
        return page, None
    at: datetime = getattr(page[-1], place[0])
    return page, cursors.write(Cursor(at, str(getattr(page[-1], place[1])), question))
