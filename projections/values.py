"""The small values events and views share: places, times, quantities, money."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339, with its offset.")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:/\-]+$(?!\n)")]
Quantity = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
LineNumber = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
Scac = Annotated[
    str,
    msgspec.Meta(
        min_length=2,
        max_length=10,
        pattern=r"^[A-Za-z0-9_\-]+$(?!\n)",
        description="Carrier code (NMFTA SCAC or our own).",
    ),
]


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Base of the values: equal by content, unknown fields refused, so a misspelt field is never lost in silence."""


class Place(Value, frozen=True):
    """Where something is or happens. `code` is a UN/LOCODE or a GLN where known."""

    name: Text | None = None
    city: Text | None = None
    region: Text | None = None
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)", description="ISO 3166-1 alpha-2.")] | None = None
    postal_code: Text | None = None
    code: Code | None = None


class Carrier(Value, frozen=True):
    scac: Scac
    name: Text | None = None


class Money(Value, frozen=True):
    """An amount as an exact decimal with its ISO 4217 currency."""

    amount: Decimal
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$(?!\n)")]


class ShipmentLine(Value, frozen=True):
    """So many pieces of one line of one order (named by its ERP number)."""

    order: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="The order's `erp_order` reference.")]
    line: LineNumber
    quantity: Quantity


class OrderLine(Value, frozen=True):
    line: LineNumber
    sku: Code
    quantity: Quantity
    description: Text | None = None
    promised_at: Instant | None = None


class Stop(Value, frozen=True):
    """A stop of a load. `shipments` names what is picked up or delivered there; each customer sees only its own."""

    stop: Annotated[int, msgspec.Meta(ge=1, le=200)]
    purpose: Annotated[str, msgspec.Meta(pattern=r"^(pickup|delivery)$(?!\n)")]
    place: Place
    planned_at: Instant | None = None
    shipments: tuple["StopShipment", ...] = ()


class StopShipment(Value, frozen=True):
    tenant: Code
    tms_shipment: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
