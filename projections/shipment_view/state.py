"""All that is remembered of one shipment: registers and sets, no status.

Status, phase and reason are derived when the view is rendered, so no order of arrival can leave
them wrong.
"""

from datetime import datetime
from typing import Literal

import msgspec

from projections.events import (
    CaseLinked,
    ChargePosted,
    DocumentAdded,
    ExceptionCleared,
    ExceptionRaised,
    PackagePacked,
    ReturnAuthorised,
    ReturnReceived,
    ShipmentAssigned,
    ShipmentCancelled,
    ShipmentPlanned,
    ShipmentShipped,
)
from projections.references import Reference
from projections.registers import Register, Stamp
from projections.values import Carrier, Place, Stop


class Tender(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the offer to a carrier stands."""

    answer: Literal["offered", "accepted", "rejected"]
    carrier: Carrier


class MilestoneFact(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One report of one milestone. With `load`, it was said of that load; with `stop`, of that stop of it.

    A stop's report has no place here: it may be another customer's stop. Where it is this one's, the
    plan's own stop says where that is.
    """

    stamp: Stamp
    code: str
    place: Place | None = None
    load: str | None = None
    stop: int | None = None
    tz_source: str | None = None
    reported_at: datetime | None = None


class ExceptionFact(msgspec.Struct, omit_defaults=True):
    raised: Register[ExceptionRaised] | None = None
    cleared: Register[ExceptionCleared] | None = None


class ShipmentState(msgspec.Struct, omit_defaults=True):
    """Maps are keyed so that one thing has one entry: by the source's id, prefixed with the source where ids are its own."""

    id: str
    tenant: str
    created_at: datetime | None = None
    # Those of its loads are not in these two: whether they concern it is for the view to say.
    last_event_at: datetime | None = None
    sources: dict[str, datetime] = {}
    retracted: set[str] = set()
    plan: Register[ShipmentPlanned] | None = None
    tender: Register[Tender] | None = None
    shipped: Register[ShipmentShipped] | None = None
    eta_at: Register[datetime] | None = None
    planned_eta_at: Register[datetime] | None = None
    cancelled: Register[ShipmentCancelled] | None = None
    references: dict[str, Reference] = {}
    milestones: dict[str, MilestoneFact] = {}
    exceptions: dict[str, ExceptionFact] = {}
    packages: dict[str, Register[PackagePacked]] = {}
    documents: dict[str, Register[DocumentAdded]] = {}
    charges: dict[str, Register[ChargePosted]] = {}
    assignments: dict[str, Register[ShipmentAssigned]] = {}
    load_stops: dict[str, Register[tuple[Stop, ...]]] = {}
    returns_authorised: dict[str, Register[ReturnAuthorised]] = {}
    returns_received: dict[str, Register[ReturnReceived]] = {}
    cases: dict[str, Register[CaseLinked]] = {}


_ENCODER = msgspec.json.Encoder()
# JSON, not MessagePack: msgspec's MessagePack keeps instants in UTC only, and customers are shown the offset.
_DECODER = msgspec.json.Decoder(ShipmentState)


def encode(state: ShipmentState) -> bytes:
    return _ENCODER.encode(state)


def decode(stored: bytes) -> ShipmentState:
    return _DECODER.decode(stored)
