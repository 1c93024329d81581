"""How each event changes what is remembered of an order. Pure; every step is a join."""

from collections.abc import Callable
from typing import Any

from projections.event import Event
from projections.events import (
    About,
    CaseLinked,
    ChargePosted,
    DocumentAdded,
    InvoicePosted,
    LineAllocated,
    LineBackordered,
    OrderAmended,
    OrderCancelled,
    OrderReleased,
    PaymentChanged,
    ReferenceLinked,
    ReturnAuthorised,
    ReturnReceived,
)
from projections.order_view.state import OrderState, Share
from projections.references import Reference, ReferenceType
from projections.registers import earlier, join, join_at, later, stamp_of
from projections.retraction import identity, note_retraction
from projections.sections import GUARDED_EVENTS
from projections.shipment_view.shapes import LineView, ShipmentView


def fold(state: OrderState, event: Event) -> None:
    """Join one event into the state. Any order, repetition and batching of the same events ends alike."""
    if note_retraction(state, event):
        return
    step = _STEPS.get(type(event.data))
    if step is None or not isinstance(event.data, About):
        return
    step(state, event, event.data)
    for reference in (event.data.about, *event.data.references):
        remember(state, reference)
    state.sources[event.source] = later(state.sources.get(event.source), event.occurred_at)
    if not isinstance(event.data, GUARDED_EVENTS):
        state.last_event_at = later(state.last_event_at, event.occurred_at)


def remember(state: OrderState, reference: Reference) -> None:
    state.references[f"{reference.type} {reference.carrier or ''} {reference.value}"] = reference


def _released(state: OrderState, event: Event, data: OrderReleased) -> None:
    state.released = join(state.released, stamp_of(event), data)
    state.created_at = earlier(state.created_at, event.occurred_at)
    _header(state, event, data)


def _header(state: OrderState, event: Event, data: OrderReleased | OrderAmended) -> None:
    stamp = stamp_of(event)
    if data.promised_at is not None:
        state.promised_at = join(state.promised_at, stamp, data.promised_at)
    if data.ship_to is not None:
        state.ship_to = join(state.ship_to, stamp, data.ship_to)
    for line in data.lines:
        join_at(state.lines, line.line, stamp, line)


def _cancelled(state: OrderState, event: Event, data: OrderCancelled) -> None:
    state.cancelled = join(state.cancelled, stamp_of(event), data)


def _allocated(state: OrderState, event: Event, data: LineAllocated) -> None:
    join_at(state.allocations, data.line, stamp_of(event), data)


def _backordered(state: OrderState, event: Event, data: LineBackordered) -> None:
    join_at(state.backorders, data.line, stamp_of(event), data)


def _invoice(state: OrderState, event: Event, data: InvoicePosted) -> None:
    join_at(state.invoices, data.invoice, stamp_of(event), data)
    remember(state, Reference(ReferenceType.INVOICE, data.invoice))


def _payment(state: OrderState, event: Event, data: PaymentChanged) -> None:
    join_at(state.payments, data.invoice, stamp_of(event), data)


def _document(state: OrderState, event: Event, data: DocumentAdded) -> None:
    join_at(state.documents, identity(event.source, data.document), stamp_of(event), data)


def _charge(state: OrderState, event: Event, data: ChargePosted) -> None:
    join_at(state.charges, identity(event.source, data.charge), stamp_of(event), data)


def _return_authorised(state: OrderState, event: Event, data: ReturnAuthorised) -> None:
    join_at(state.returns_authorised, data.authorisation, stamp_of(event), data)


def _return_received(state: OrderState, event: Event, data: ReturnReceived) -> None:
    join_at(state.returns_received, data.authorisation, stamp_of(event), data)


def _case(state: OrderState, event: Event, data: CaseLinked) -> None:
    remember(state, Reference(ReferenceType.CRM_CASE, data.case))
    join_at(state.cases, data.case, stamp_of(event), data)


def _linked(_state: OrderState, _event: Event, _data: ReferenceLinked) -> None:
    """All it says are its references, which every step remembers."""


# Which event does what: the whole reaction of an order to the world.
_STEPS: dict[type, Callable[[OrderState, Event, Any], None]] = {
    OrderReleased: _released,
    OrderAmended: _header,
    OrderCancelled: _cancelled,
    LineAllocated: _allocated,
    LineBackordered: _backordered,
    InvoicePosted: _invoice,
    PaymentChanged: _payment,
    DocumentAdded: _document,
    ChargePosted: _charge,
    ReturnAuthorised: _return_authorised,
    ReturnReceived: _return_received,
    CaseLinked: _case,
    ReferenceLinked: _linked,
}


def shares_of(shipment: ShipmentView, sources: tuple[str, ...]) -> dict[str, Share]:
    """What a shipment does for each order it carries lines of, by order id."""
    return {part.order_id: _share(shipment, part.lines, sources) for part in shipment.orders}


def _share(shipment: ShipmentView, lines: tuple[LineView, ...], sources: tuple[str, ...]) -> Share:
    return Share(
        shipment_id=shipment.id,
        number=shipment.number,
        phase=shipment.phase,
        status=shipment.status,
        reason=shipment.reason.code,
        closed_reason=shipment.closed_reason,
        eta_at=shipment.eta_at,
        delivered_at=shipment.delivered_at,
        last_event_at=shipment.last_event_at,
        sources=sources,
        lines=lines,
    )


def take_share(state: OrderState, shipment_id: str, share: Share | None) -> None:
    """Replace what a shipment does for this order; None: it no longer carries any of it."""
    if share is None:
        state.shares.pop(shipment_id, None)
    else:
        state.shares[shipment_id] = share
