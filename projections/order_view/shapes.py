"""The shapes of an order's view: what customers read, field by field."""

from datetime import datetime

import msgspec

from projections.events import PaymentStatus
from projections.references import Reference
from projections.statuses import ClosedReason, PhaseName, Status
from projections.values import Money, Place
from projections.views import ChargeView, DocumentView, Reason


class OrderLineView(msgspec.Struct, frozen=True):
    """A line in pieces. What is neither shipped nor backordered is still to be picked."""

    line: int
    sku: str
    description: str | None
    promised_at: datetime | None
    quantity_ordered: int
    quantity_allocated: int
    quantity_backordered: int
    quantity_shipped: int
    quantity_delivered: int
    backorder_expected_at: datetime | None


class OrderShipmentLine(msgspec.Struct, frozen=True):
    line: int
    quantity: int


class OrderShipment(msgspec.Struct, frozen=True):
    """A shipment that carries part of the order."""

    shipment_id: str
    number: str
    status: Status
    phase: PhaseName
    closed_reason: ClosedReason | None
    eta_at: datetime | None
    delivered_at: datetime | None
    lines: tuple[OrderShipmentLine, ...]


class InvoiceView(msgspec.Struct, frozen=True):
    """An invoice and how far it is paid: as the ERP last said, `open` while it has not. `invoice` is its number."""

    id: str
    invoice: str
    total: Money
    posted_at: datetime
    due_at: datetime | None
    status: PaymentStatus
    payment_changed_at: datetime | None
    source: str


class Invoice(InvoiceView, frozen=True, kw_only=True):
    """An invoice by itself: whose it is, and of which order."""

    tenant: str
    order_id: str
    order_number: str


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line about an order."""

    id: str
    tenant: str
    number: str
    status: Status
    phase: PhaseName
    closed_reason: ClosedReason | None
    reason: Reason
    ship_to: Place | None
    promised_at: datetime | None
    eta_at: datetime | None
    delivered_at: datetime | None
    shipments_count: int
    created_at: datetime
    last_event_at: datetime


class OrderView(OrderSummary, frozen=True, kw_only=True):
    """An order as its customer sees it. `documents`, `charges` and `invoices` are there for readers who may see them."""

    references: tuple[Reference, ...]
    lines: tuple[OrderLineView, ...]
    shipments: tuple[OrderShipment, ...]
    documents: tuple[DocumentView, ...] | msgspec.UnsetType = msgspec.UNSET
    charges: tuple[ChargeView, ...] | msgspec.UnsetType = msgspec.UNSET
    invoices: tuple[InvoiceView, ...] | msgspec.UnsetType = msgspec.UNSET
