"""Every event this service understands, on one page.

An event is a CloudEvents 1.0 envelope (`projections.envelope`) around one of the structs below; the
envelope's `type` picks the struct. Each says what it is `about` by one reference, the name its source
knows the thing by, and may give further `references` of the same thing, which links them.
A change of meaning is a new version of the type, never a change of these fields.
"""

from typing import Annotated, Literal

import msgspec

from projections.references import Reference
from projections.values import (
    Carrier,
    Code,
    Instant,
    LineNumber,
    Money,
    OrderLine,
    Place,
    Quantity,
    Scac,
    ShipmentLine,
    Stop,
    Text,
)

MAX_ITEMS = 2_000
RawCode = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="The code as the source gave it.")]
PaymentStatus = Literal["open", "partially_paid", "paid", "overdue", "blocked", "cancelled"]
TzSource = Annotated[
    Literal["carrier", "location", "source", "assumed"],
    msgspec.Meta(description="Where the time's offset is from, when the source gave none of its own."),
]


class EventData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Base of all event data."""


class About(EventData, frozen=True, kw_only=True):
    """An event about one order, shipment or load."""

    about: Reference
    references: Annotated[tuple[Reference, ...], msgspec.Meta(max_length=50)] = ()


# Orders: the ERP's


class OrderReleased(About, frozen=True):
    """An order was released to be fulfilled. The first word of an order: everything else about it waits for this."""

    lines: Annotated[tuple[OrderLine, ...], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]
    ordered_at: Instant | None = None
    promised_at: Instant | None = None
    ship_to: Place | None = None


class OrderAmended(About, frozen=True):
    """Some of an order changed; what is not given stays. A line's quantity 0 strikes the line."""

    lines: Annotated[tuple[OrderLine, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()
    promised_at: Instant | None = None
    ship_to: Place | None = None


class OrderCancelled(About, frozen=True):
    """An order was called off."""

    reason: Text | None = None


class LineAllocated(About, frozen=True):
    """Stock was set aside for a line."""

    line: LineNumber
    quantity: Quantity


class LineBackordered(About, frozen=True):
    """A line, or part of it, waits for stock. Quantity 0: it no longer waits."""

    line: LineNumber
    quantity: Quantity
    expected_at: Instant | None = None


# Packing and shipping: the WMS's


class PackagePacked(About, frozen=True):
    """A package of a shipment was packed."""

    package: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="SSCC, or the WMS's package number.")]
    tracking_number: Annotated[str, msgspec.Meta(min_length=1, max_length=80)] | None = None
    weight_kg: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    lines: Annotated[tuple[ShipmentLine, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()


class ShipmentShipped(About, frozen=True):
    """The ship confirm: what left. A line with less than was planned is a short pick."""

    lines: Annotated[tuple[ShipmentLine, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()
    packages_count: Quantity | None = None
    weight_kg: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None = None


# Shipments and loads: the TMS's


class ShipmentPlanned(About, frozen=True):
    """A shipment was planned. Its first word: everything else about it waits for this. A later one replaces the plan."""

    ship_to: Place
    carrier: Carrier | None = None
    service: Text | None = None
    mode: Literal["road", "parcel", "ocean", "air", "rail"] | None = None
    origin: Place | None = None
    planned_pickup_at: Instant | None = None
    planned_delivery_at: Instant | None = None
    promised_at: Instant | None = None
    lines: Annotated[tuple[ShipmentLine, ...], msgspec.Meta(max_length=MAX_ITEMS)] = ()


class ShipmentTendered(About, frozen=True):
    """A shipment was offered to a carrier."""

    carrier: Carrier


class TenderAccepted(About, frozen=True):
    """A carrier took the shipment on; often the first to know its PRO or tracking number."""

    carrier: Carrier


class TenderRejected(About, frozen=True):
    """A carrier declined."""

    carrier: Carrier
    reason: Text | None = None


class ShipmentCancelled(About, frozen=True):
    """A shipment will not travel."""

    reason: Text | None = None


class LoadPlanned(About, frozen=True):
    """A load's stops, and which shipments each serves."""

    stops: Annotated[tuple[Stop, ...], msgspec.Meta(max_length=200)]
    carrier: Carrier | None = None
    equipment: Text | None = None


class ShipmentAssigned(About, frozen=True):
    """A shipment travels on a load: from now on, and backwards, the load's events are its events."""

    load: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="The `load` reference's value.")]


class LoadMilestone(About, frozen=True):
    """Something happened to a load. With `stop`: only to what that stop serves."""

    code: Code
    place: Place | None = None
    stop: Annotated[int, msgspec.Meta(ge=1, le=200)] | None = None
    raw_code: RawCode | None = None
    tz_source: TzSource | None = None


# The world: the carrier's


class ShipmentMilestone(About, frozen=True):
    """A milestone was reached. A code of the source's that we have no word for comes as `unmapped`, with `raw_code`.

    A source that mends its reports gives `report`, its own id of it, and `reported_at`: of several with one `report`
    the one reported last counts, whatever it says, and the others are shown no more.
    """

    code: Code
    place: Place | None = None
    note: Text | None = None
    raw_code: RawCode | None = None
    tz_source: TzSource | None = None
    report: Annotated[str, msgspec.Meta(min_length=1, max_length=160)] | None = None
    reported_at: Instant | None = None


class EtaChanged(About, frozen=True):
    """A shipment is expected at another time. `is_planned`: by the carrier's timetable, which any forecast outweighs."""

    eta_at: Instant
    tz_source: TzSource | None = None
    is_planned: bool = False


class ExceptionRaised(About, frozen=True):
    """Something went wrong. Stands until cleared."""

    exception: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="The source's id of the problem.")]
    code: Code
    place: Place | None = None
    note: Text | None = None
    raw_code: RawCode | None = None
    tz_source: TzSource | None = None


class ExceptionCleared(About, frozen=True):
    """A problem is over."""

    exception: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class DocumentAdded(About, frozen=True):
    """A document, a proof of delivery for one, exists for a shipment or order."""

    document: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="The source's id of it.")]
    kind: Literal["pod", "bol", "invoice", "packing_list", "customs", "other"]
    title: Text | None = None
    signed_by: Text | None = None


# Money


class ChargePosted(About, frozen=True):
    """A freight charge was posted."""

    charge: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    kind: Text
    money: Money


class InvoicePosted(About, frozen=True):
    """An invoice for an order; links the `invoice` reference to it."""

    invoice: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    total: Money
    due_at: Instant | None = None


class PaymentChanged(About, frozen=True):
    """An invoice was paid, or not."""

    invoice: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    status: PaymentStatus


# Returns, cases, links


class ReturnAuthorised(About, frozen=True):
    """The goods may come back."""

    authorisation: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    reason: Text | None = None


class ReturnReceived(About, frozen=True):
    """The goods came back."""

    authorisation: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class CaseLinked(About, frozen=True):
    """A CRM case concerns this order or shipment. The only thing a CRM may say."""

    case: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class ReferenceLinked(About, frozen=True):
    """The `references` name the same thing as `about`."""

    references: Annotated[tuple[Reference, ...], msgspec.Meta(min_length=1, max_length=50)]


class CustomerChanged(EventData, frozen=True):
    """A customer's own master record; the envelope's `tenant` says whose."""

    name: Text
    contact_email: Text | None = None


class EventRetracted(About, frozen=True):
    """The source takes back its own event with this id: views become what they would be had it never been.

    An id that ends in `-*` takes back all of the source's events whose ids have that before their last hyphen.
    """

    retracts: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class SourceHeartbeat(EventData, frozen=True):
    """A source says: all I know up to the event's time has been sent."""

    carrier: Scac | None = None


EVENT_TYPES: dict[str, type[EventData]] = {
    "order.released.v1": OrderReleased,
    "order.amended.v1": OrderAmended,
    "order.cancelled.v1": OrderCancelled,
    "order.line_allocated.v1": LineAllocated,
    "order.line_backordered.v1": LineBackordered,
    "package.packed.v1": PackagePacked,
    "shipment.planned.v1": ShipmentPlanned,
    "shipment.tendered.v1": ShipmentTendered,
    "shipment.tender_accepted.v1": TenderAccepted,
    "shipment.tender_rejected.v1": TenderRejected,
    "shipment.shipped.v1": ShipmentShipped,
    "shipment.milestone.v1": ShipmentMilestone,
    "shipment.eta_changed.v1": EtaChanged,
    "shipment.exception_raised.v1": ExceptionRaised,
    "shipment.exception_cleared.v1": ExceptionCleared,
    "shipment.cancelled.v1": ShipmentCancelled,
    "load.planned.v1": LoadPlanned,
    "load.shipment_assigned.v1": ShipmentAssigned,
    "load.milestone.v1": LoadMilestone,
    "document.added.v1": DocumentAdded,
    "charge.posted.v1": ChargePosted,
    "invoice.posted.v1": InvoicePosted,
    "invoice.payment_changed.v1": PaymentChanged,
    "return.authorised.v1": ReturnAuthorised,
    "return.received.v1": ReturnReceived,
    "case.linked.v1": CaseLinked,
    "reference.linked.v1": ReferenceLinked,
    "customer.changed.v1": CustomerChanged,
    "event.retracted.v1": EventRetracted,
    "source.heartbeat.v1": SourceHeartbeat,
}
