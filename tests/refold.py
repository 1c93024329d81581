"""Views folded from scratch: what the projector's views must equal, whatever happened on the way.

Reads nothing but the log and uses none of the projector's own machinery: no states, no batches, no memory.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

from projections.database import Connection
from projections.envelope import decode_stored
from projections.event import Event
from projections.order_view import fold as order_fold
from projections.order_view import view as order_view
from projections.order_view.state import OrderState, Share
from projections.retraction import fold_history
from projections.shipment_view import fold as shipment_fold
from projections.shipment_view import view as shipment_view
from projections.shipment_view.state import ShipmentState
from projections.shipment_view.status import sources_of
from projections.subjects import PARTITION_COUNT, is_order, is_shipment
from projections.views import Rendered


class Shown(NamedTuple):
    """What a tenant is shown of one thing, byte for byte."""

    document: bytes
    summary: bytes
    sources: str


Views = dict[tuple[str, str], Shown]


def shown(rendered: Rendered) -> Shown:
    return Shown(rendered.document, rendered.summary, " ".join(rendered.sources))


def fold_from_scratch(rows: Iterable[tuple[str, str | None, Event]]) -> Views:
    """The views of these (subject, tenant, event) rows, which hold all there is of each tenant among them."""
    histories: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for subject_id, tenant, event in rows:
        if tenant is not None:
            histories[tenant, subject_id].append(event)
    views: Views = {}
    shares: defaultdict[tuple[str, str], dict[str, Share]] = defaultdict(dict)
    for (tenant, subject_id), events in histories.items():
        if is_shipment(subject_id):
            _fold_shipment(ShipmentState(subject_id, tenant), events, views, shares)
    for tenant, subject_id in {key for key in histories if is_order(key[1])} | set(shares):
        state = OrderState(subject_id, tenant, shares=shares[tenant, subject_id])
        fold_history(state, histories.get((tenant, subject_id), []), order_fold.fold)
        if view := order_view.view_of(state):
            views[tenant, subject_id] = shown(order_view.render(view, order_view.sources_of(state)))
    return views


def _fold_shipment(
    state: ShipmentState, events: list[Event], views: Views, shares: dict[tuple[str, str], dict[str, Share]]
) -> None:
    view = shipment_view.view_of(fold_history(state, events, shipment_fold.fold))
    if view is None:
        return
    sources = sources_of(state)
    views[state.tenant, state.id] = shown(shipment_view.render(view, sources))
    for order_id, share in order_fold.shares_of(view, sources).items():
        shares[state.tenant, order_id][state.id] = share


async def refold(connection: Connection) -> AsyncIterator[Views]:
    """All views of the log folded from scratch, a partition at a time, so that a large log fits in memory."""
    for partition in range(PARTITION_COUNT):
        rows = await connection.fetch(
            "select subject_id, tenant, authority, body from log.event where partition = $1 order by position",
            partition,
        )
        yield fold_from_scratch(
            (subject_id, tenant, decode_stored(body, authority)) for subject_id, tenant, authority, body in rows
        )


async def refolded(connection: Connection) -> Views:
    views: Views = {}
    async for some in refold(connection):
        views |= some
    return views


async def stored(connection: Connection) -> Views:
    """The views as the projector has stored them."""
    rows = await connection.fetch(
        "select tenant, id, document, summary, sources from portal.shipment_view"
        " union all select tenant, id, document, summary, sources from portal.order_view"
    )
    return {
        (tenant, subject): Shown(document, summary, sources) for tenant, subject, document, summary, sources in rows
    }
