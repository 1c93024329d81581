"""The records of upstream snapshots, as the systems that own them have to give them.

A record is the whole of what its system says of a thing: what is left out is not there. Unknown members are let
through, because systems grow; a value of the wrong kind makes the record unreadable.
"""

from typing import Annotated, Literal

import msgspec

from projections.references import Reference
from projections.values import Carrier, Code, Instant, Money, Place, ShipmentLine, Text

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$(?!\n)")]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`updated_at` is the record's version: another state of it has another. `tenant`: else the source's."""

    number: Number
    updated_at: Instant
    tenant: Code | None = None


class InvoiceRecord(Record, frozen=True, kw_only=True):
    """An invoice with its payment status, as the ERP has it. `order` is the order's number in the ERP."""

    order: Number
    total: Money
    status: Literal["open", "partially_paid", "paid", "overdue", "blocked", "cancelled"]
    due_at: Instant | None = None


class TenderWord(msgspec.Struct, frozen=True):
    """Where the offer to a carrier stands, and since when: the carrier may have said something later."""

    answer: Literal["offered", "accepted", "rejected"]
    carrier: Carrier
    at: Instant


class CancelledWord(msgspec.Struct, frozen=True):
    at: Instant
    reason: Text | None = None


class EtaWord(msgspec.Struct, frozen=True):
    """When it is expected, and when the TMS came to think so: the carrier's word weighs more."""

    eta_at: Instant
    at: Instant


class ShipmentRecord(Record, frozen=True, kw_only=True):
    """A shipment's plan and tender, as the TMS has it. `number` is its number there."""

    ship_to: Place
    carrier: Carrier | None = None
    service: Text | None = None
    mode: Literal["road", "parcel", "ocean", "air", "rail"] | None = None
    origin: Place | None = None
    planned_pickup_at: Instant | None = None
    planned_delivery_at: Instant | None = None
    promised_at: Instant | None = None
    lines: Annotated[tuple[ShipmentLine, ...], msgspec.Meta(max_length=2_000)] = ()
    references: Annotated[tuple[Reference, ...], msgspec.Meta(max_length=50)] = ()
    load: Number | None = None
    tender: TenderWord | None = None
    eta: EtaWord | None = None
    cancelled: CancelledWord | None = None
