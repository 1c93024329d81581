"""The shapes of a shipment's view: what customers read, field by field."""

from datetime import datetime
from typing import Literal

import msgspec

from projections.references import Reference
from projections.statuses import ClosedReason, Party, PhaseName, Status
from projections.values import Carrier, Place
from projections.views import ChargeView, DocumentView, Reason


class MilestoneView(msgspec.Struct, frozen=True):
    """A milestone as shown: of several reports of one happening, the one with the most authority.

    `tz_source` says where the time's offset is from when the source gave none; null when it did.
    """

    code: str
    text: str
    phase: PhaseName
    occurred_at: datetime
    place: Place | None
    source: str
    tz_source: str | None


class ExceptionView(msgspec.Struct, frozen=True):
    code: str
    text: str
    action_required: str | None
    responsible_party: Party
    raised_at: datetime
    cleared_at: datetime | None
    place: Place | None


class PackageView(msgspec.Struct, frozen=True):
    package: str
    tracking_number: str | None
    weight_kg: float | None


class LineView(msgspec.Struct, frozen=True):
    """`quantity_shipped` is None until the warehouse has confirmed what left."""

    line: int
    quantity_planned: int
    quantity_shipped: int | None


class OrderPart(msgspec.Struct, frozen=True):
    """The part of an order this shipment carries."""

    order_id: str
    erp_order: str
    lines: tuple[LineView, ...]


class StopView(msgspec.Struct, frozen=True):
    purpose: str
    place: Place
    planned_at: datetime | None


class LoadView(msgspec.Struct, frozen=True):
    """The customer's own part of a load."""

    load: str
    stops: tuple[StopView, ...]


class Risk(msgspec.Struct, frozen=True):
    """From when on the promise is unlikely to be kept should nothing more be heard, and why. It may lie ahead."""

    at_risk_from: datetime
    reason: Reason


class ShipmentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line about a shipment: status, ETA, reason, last place, what to do next."""

    id: str
    tenant: str
    number: str
    status: Status
    phase: PhaseName
    closed_reason: ClosedReason | None
    reason: Reason
    carrier: Carrier | None
    ship_to: Place
    promised_at: datetime | None
    eta_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    last_place: Place | None
    created_at: datetime
    last_event_at: datetime
    risk: Risk | None


class ShipmentView(ShipmentSummary, frozen=True, kw_only=True):
    """A shipment as its customer sees it. `documents` and `charges` are there for readers who may see them."""

    origin: Place | None
    service: str | None
    mode: Literal["road", "parcel", "ocean", "air", "rail"] | None
    planned_pickup_at: datetime | None
    planned_delivery_at: datetime | None
    has_pod: bool
    references: tuple[Reference, ...]
    orders: tuple[OrderPart, ...]
    packages: tuple[PackageView, ...]
    loads: tuple[LoadView, ...]
    milestones: tuple[MilestoneView, ...]
    exceptions: tuple[ExceptionView, ...]
    documents: tuple[DocumentView, ...] | msgspec.UnsetType = msgspec.UNSET
    charges: tuple[ChargeView, ...] | msgspec.UnsetType = msgspec.UNSET
