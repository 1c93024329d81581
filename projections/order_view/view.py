"""What one tenant is shown of an order, rendered to ready bytes. Pure, like the shipment's."""

from datetime import datetime

from projections.events import InvoicePosted, PaymentChanged
from projections.order_view.shapes import (
    Invoice,
    InvoiceView,
    OrderLineView,
    OrderShipment,
    OrderShipmentLine,
    OrderSummary,
    OrderView,
)
from projections.order_view.state import OrderState, Share
from projections.order_view.status import brought, left, standing_of
from projections.references import PaperKind, Reference, paper_id
from projections.registers import Register
from projections.sections import measured
from projections.values import OrderLine
from projections.views import ENCODER, InvoiceRow, Rendered, charges_of, documents_of


def view_of(state: OrderState) -> OrderView | None:
    """The order as its customer sees it, or None while it was not released (or that was retracted)."""
    if state.released is None or state.created_at is None:
        return None
    shares = [share for _, share in sorted(state.shares.items())]
    lines = tuple(_line(state, register.value, shares) for _, register in sorted(state.lines.items()))
    where = standing_of(state, lines)
    return OrderView(
        id=state.id,
        tenant=state.tenant,
        number=state.released.value.about.value,
        status=where.status,
        phase=where.phase,
        closed_reason=where.closed_reason,
        reason=where.reason,
        ship_to=state.ship_to.value if state.ship_to else None,
        promised_at=state.promised_at.value if state.promised_at else None,
        eta_at=max((share.eta_at for share in shares if share.eta_at and not brought(share)), default=None),
        delivered_at=_delivered_at(shares) if where.phase in ("delivered", "closed") else None,
        shipments_count=len(shares),
        created_at=state.created_at,
        last_event_at=max(
            [state.last_event_at or state.created_at, *(share.last_event_at for share in shares)],
        ),
        references=tuple(sorted(state.references.values(), key=_reference_order)),
        lines=lines,
        shipments=tuple(_shipment(share) for share in shares),
        documents=documents_of(state.tenant, state.id, state.documents),
        charges=charges_of(state.charges),
        invoices=_invoices(state),
    )


def render(view: OrderView, sources: tuple[str, ...]) -> Rendered:
    """The view as ready bytes, and the columns lists filter by."""
    return Rendered(
        tenant=view.tenant,
        subject_id=view.id,
        document=ENCODER.encode(view),
        sections=measured(view, ENCODER),
        summary=ENCODER.encode(_summary(view)),
        sources=sources,
        references=view.references,
        status=view.status,
        phase=view.phase,
        created_at=view.created_at,
        eta_at=view.eta_at,
        promised_at=view.promised_at,
        ship_to=view.ship_to.city if view.ship_to else None,
        has_exception=view.status == "delayed",
        documents=view.documents or (),
        invoices=tuple(_invoice_row(view, invoice) for invoice in view.invoices or ()),
    )


def sources_of(state: OrderState) -> tuple[str, ...]:
    """All sources that contributed, through the order itself or a shipment of it."""
    return tuple(sorted({*state.sources, *(source for share in state.shares.values() for source in share.sources)}))


def _summary(view: OrderView) -> OrderSummary:
    return OrderSummary(**{name: getattr(view, name) for name in OrderSummary.__struct_fields__})


def _reference_order(reference: Reference) -> tuple[str, str, str]:
    return (reference.type, reference.value, reference.carrier or "")


def _line(state: OrderState, line: OrderLine, shares: list[Share]) -> OrderLineView:
    allocated, backordered = state.allocations.get(line.line), state.backorders.get(line.line)
    waits = backordered is not None and backordered.value.quantity > 0
    return OrderLineView(
        line=line.line,
        sku=line.sku,
        description=line.description,
        promised_at=line.promised_at,
        quantity_ordered=line.quantity,
        quantity_allocated=allocated.value.quantity if allocated else 0,
        quantity_backordered=backordered.value.quantity if backordered else 0,
        quantity_shipped=sum(_carried(share, line.line) for share in shares if left(share)),
        quantity_delivered=sum(_carried(share, line.line) for share in shares if brought(share)),
        backorder_expected_at=backordered.value.expected_at if backordered and waits else None,
    )


def _carried(share: Share, line: int) -> int:
    """Pieces of a line in a shipment: as the ship confirm says, else as planned."""
    return sum(
        one.quantity_planned if one.quantity_shipped is None else one.quantity_shipped
        for one in share.lines
        if one.line == line
    )


def _shipment(share: Share) -> OrderShipment:
    lines = tuple(OrderShipmentLine(line.line, _carried(share, line.line)) for line in share.lines)
    return OrderShipment(
        share.shipment_id,
        share.number,
        share.status,
        share.phase,
        share.closed_reason,
        share.eta_at,
        share.delivered_at,
        lines,
    )


def _invoices(state: OrderState) -> tuple[InvoiceView, ...]:
    posted = sorted(state.invoices.values(), key=lambda register: register.stamp)
    return tuple(_invoice(state, register, state.payments.get(register.value.invoice)) for register in posted)


def _invoice(
    state: OrderState, posted: Register[InvoicePosted], payment: Register[PaymentChanged] | None
) -> InvoiceView:
    one = posted.value
    return InvoiceView(
        id=paper_id(PaperKind.INVOICE, state.tenant, state.id, one.invoice),
        invoice=one.invoice,
        total=one.total,
        posted_at=posted.stamp.occurred_at,
        due_at=one.due_at,
        status=payment.value.status if payment else "open",
        payment_changed_at=payment.stamp.occurred_at if payment else None,
        source=posted.stamp.source,
    )


def _invoice_row(view: OrderView, invoice: InvoiceView) -> InvoiceRow:
    said = {name: getattr(invoice, name) for name in InvoiceView.__struct_fields__}
    whole = Invoice(**said, tenant=view.tenant, order_id=view.id, order_number=view.number)
    due_at, sources = invoice.due_at, (invoice.source,)
    return InvoiceRow(invoice.id, invoice.status, invoice.posted_at, due_at, sources, ENCODER.encode(whole))


def _delivered_at(shares: list[Share]) -> datetime | None:
    return max((share.delivered_at for share in shares if share.delivered_at), default=None)
