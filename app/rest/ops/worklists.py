"""`/v1/ops/worklists/…`: what somebody should look into."""

from datetime import UTC, datetime, timedelta

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from app.rest.access import Access, authorization_of
from app.rest.ops.asking import AnyRequest, Ops, ops_answer
from app.rest.ops.held import held_page


def held_worklist_handler(access: Access, ops: Ops) -> HTTPRouteHandler:
    @get("/v1/ops/worklists/held")
    async def list_held_too_long(request: AnyRequest) -> Response[bytes]:
        await access.operator(authorization_of(request.scope), "ops:read")
        too_long = datetime.now(UTC) - timedelta(seconds=ops.held_seconds)
        return ops_answer(await held_page(ops, request.scope["query_string"], too_long))

    return list_held_too_long
