"""All that is remembered of one order, and of each of its shipments just what concerns the order."""

from datetime import datetime

import msgspec

from projections.events import (
    CaseLinked,
    ChargePosted,
    DocumentAdded,
    InvoicePosted,
    LineAllocated,
    LineBackordered,
    OrderCancelled,
    OrderReleased,
    PaymentChanged,
    ReturnAuthorised,
    ReturnReceived,
)
from projections.references import Reference
from projections.registers import Register
from projections.shipment_view.shapes import LineView
from projections.statuses import ClosedReason, PhaseName, Status
from projections.values import OrderLine, Place


class Share(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one shipment does for this order: derived from the shipment's state, replaced as a whole."""

    shipment_id: str
    number: str
    phase: PhaseName
    status: Status
    reason: str
    closed_reason: ClosedReason | None
    eta_at: datetime | None
    delivered_at: datetime | None
    last_event_at: datetime
    sources: tuple[str, ...]
    lines: tuple[LineView, ...]


class OrderState(msgspec.Struct, omit_defaults=True):
    """`shares` is keyed by shipment id; the other maps as in the shipment's state."""

    id: str
    tenant: str
    created_at: datetime | None = None
    last_event_at: datetime | None = None
    sources: dict[str, datetime] = {}
    retracted: set[str] = set()
    released: Register[OrderReleased] | None = None
    promised_at: Register[datetime] | None = None
    ship_to: Register[Place] | None = None
    cancelled: Register[OrderCancelled] | None = None
    lines: dict[int, Register[OrderLine]] = {}
    allocations: dict[int, Register[LineAllocated]] = {}
    backorders: dict[int, Register[LineBackordered]] = {}
    references: dict[str, Reference] = {}
    invoices: dict[str, Register[InvoicePosted]] = {}
    payments: dict[str, Register[PaymentChanged]] = {}
    documents: dict[str, Register[DocumentAdded]] = {}
    charges: dict[str, Register[ChargePosted]] = {}
    returns_authorised: dict[str, Register[ReturnAuthorised]] = {}
    returns_received: dict[str, Register[ReturnReceived]] = {}
    cases: dict[str, Register[CaseLinked]] = {}
    shares: dict[str, Share] = {}


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(OrderState)


def encode(state: OrderState) -> bytes:
    return _ENCODER.encode(state)


def decode(stored: bytes) -> OrderState:
    return _DECODER.decode(stored)
