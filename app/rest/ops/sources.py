"""`GET /v1/ops/sources`: every source heard or declared, and how it does."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem, ProblemError
from app.reads import cursors
from app.reads.cursors import BrokenCursorError, Cursor
from app.rest.access import Access, authorization_of
from app.rest.ops.asking import ops_answer
from app.rest.query import parse
from app.source_health.sources import SourceHealth, SourceRegister

_QUESTION = cursors.question_of("ops sources")
# Sources are in the order of their names; a cursor's time says nothing here.
_UNDATED = datetime.fromtimestamp(0, UTC)


class SourcesQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=200, description="How many items a page may have.")] = 50
    cursor: Annotated[str, msgspec.Meta(max_length=400, description="`next_cursor` of the page before.")] | None = None


class SourcesPage(msgspec.Struct, frozen=True):
    items: Sequence[SourceHealth]
    next_cursor: str | None


def ops_sources_handler(access: Access, register: SourceRegister) -> HTTPRouteHandler:
    @get("/v1/ops/sources")
    async def list_sources(request: Request[Any, Any, Any]) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        query = parse(request.scope["query_string"], SourcesQuery)
        found = await register.after(_start(query.cursor), query.limit + 1)
        items, more = found[: query.limit], len(found) > query.limit
        following = cursors.write(Cursor(_UNDATED, items[-1].source, _QUESTION)) if more else None
        return ops_answer(SourcesPage(items, following))

    return list_sources


def _start(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        return cursors.read(cursor, _QUESTION).id
    except BrokenCursorError as error:
        wrong = ProblemError("/query/cursor", "broken_cursor", str(error))
        raise Problem("broken_cursor", str(error), errors=(wrong,)) from None
