"""`/v1/ops/audit`: who did what, and who read what."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from app.reads.cursors import question_of
from app.rest.access import Access, authorization_of
from app.rest.ops.asking import AnyRequest, CursorText, Limit, Ops, cut, ops_answer, started_after
from app.rest.query import Words, parse
from projections.audit.reading import AuditRow, WantedRows, audit_rows
from projections.values import Instant

_PLACE = ("at", "id")


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None
    actor: Annotated[Words, msgspec.Meta(description="Who did it: a token's subject, or who sat at the terminal.")] | (
        None
    ) = None
    client_id: Annotated[Words, msgspec.Meta(description="Through which client.")] | None = None
    tenant: Annotated[Words, msgspec.Meta(description="To whose data.")] | None = None
    action: Annotated[Words, msgspec.Meta(description="What was done, or its beginning: `quarantine.`.")] | None = None
    target: Annotated[Words, msgspec.Meta(description="To what; a document's public id finds who read it.")] | None = (
        None
    )
    since: Annotated[Instant, msgspec.Meta(description="At this time or since.")] | None = None
    until: Annotated[Instant, msgspec.Meta(description="Before this time.")] | None = None


class AuditPage(msgspec.Struct, frozen=True):
    """The newest first."""

    items: tuple[AuditRow, ...]
    next_cursor: str | None


def audit_handler(access: Access, ops: Ops) -> HTTPRouteHandler:
    @get("/v1/ops/audit")
    async def list_audit(request: AnyRequest) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        query = parse(request.scope["query_string"], AuditQuery)
        wanted = WantedRows(**{name: getattr(query, name) for name in WantedRows.__struct_fields__})
        question = question_of("audit", wanted)
        before = started_after(query.cursor, question)
        found = await audit_rows(ops.reading, wanted, before=before, limit=query.limit + 1)
        return ops_answer(AuditPage(*cut(found, query.limit, _PLACE, question)))

    return list_audit
