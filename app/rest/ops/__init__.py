"""`/v1/ops/…`: what operators see and decide. They belong to no customer."""

from litestar.handlers import HTTPRouteHandler

from app.rest.access import Access
from app.rest.ops.asking import Ops
from app.rest.ops.audit import audit_handler
from app.rest.ops.held import held_handlers
from app.rest.ops.quarantine import quarantine_handlers
from app.rest.ops.replays import replays_handler
from app.rest.ops.worklists import held_worklist_handler


def ops_handlers(access: Access, ops: Ops) -> list[HTTPRouteHandler]:
    return [
        *quarantine_handlers(access, ops),
        *held_handlers(access, ops),
        held_worklist_handler(access, ops),
        replays_handler(access, ops),
        audit_handler(access, ops),
    ]
