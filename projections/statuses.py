"""Statuses, milestones and reasons: design.md section 5, as data.

Theory. A shipment's *phase* is how far it has come: the furthest of what its facts reach, so a late
report can add to the past but never pull the phase back. Its *status* is what a customer is shown:
the phase, or `delayed` while a shipment under way has an open problem or an ETA past the promise.
Both are derived from the state each time; nothing ever sets them.
"""

from enum import IntEnum, StrEnum
from typing import Literal

import msgspec

Party = Literal["shipper", "carrier", "consignee", "customs", "nobody"]


class Phase(IntEnum):
    """How far a shipment or order has come; greater is further."""

    PLANNED = 0
    TENDERED = 1
    ACCEPTED = 2
    IN_TRANSIT = 3
    DELIVERED = 4
    CLOSED = 5


class Status(StrEnum):
    PLANNED = "planned"
    TENDERED = "tendered"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    CLOSED = "closed"


class PhaseName(StrEnum):
    PLANNED = "planned"
    TENDERED = "tendered"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    CLOSED = "closed"


class ClosedReason(StrEnum):
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    REFUSED = "refused"
    LOST = "lost"


PHASE_NAME: dict[Phase, PhaseName] = {phase: PhaseName(phase.name.lower()) for phase in Phase}
PHASE: dict[PhaseName, Phase] = {name: phase for phase, name in PHASE_NAME.items()}


class MilestoneMeaning(msgspec.Struct, frozen=True):
    """What reaching a milestone means: the phase it proves, and whether it is our own affair.

    An internal one says here, to who sends it, what it is. What customers see has its words in `projections/words`, and
    what they don't see has none there.
    """

    phase: Phase
    internal: str | None = None
    closes_as: ClosedReason | None = None
    # Happens where one customer is served: said of a load, it must say at which stop.
    at_stop: bool = False

    @property
    def customer_visible(self) -> bool:
        return self.internal is None


MILESTONES: dict[str, MilestoneMeaning] = {
    "picking_started": MilestoneMeaning(Phase.PLANNED, internal="Picking has started"),
    "packed": MilestoneMeaning(Phase.PLANNED),
    "staged": MilestoneMeaning(Phase.PLANNED, internal="Staged for pickup"),
    "pickup_appointment_set": MilestoneMeaning(Phase.PLANNED),
    "acknowledged": MilestoneMeaning(Phase.ACCEPTED),
    "arrived_at_pickup": MilestoneMeaning(Phase.ACCEPTED, at_stop=True),
    "loading_started": MilestoneMeaning(Phase.ACCEPTED, internal="Loading has started"),
    "loaded": MilestoneMeaning(Phase.ACCEPTED),
    "loaded_on_board": MilestoneMeaning(Phase.IN_TRANSIT),
    "picked_up": MilestoneMeaning(Phase.IN_TRANSIT),
    "departed": MilestoneMeaning(Phase.IN_TRANSIT),
    "en_route": MilestoneMeaning(Phase.IN_TRANSIT),
    "arrived_at_terminal": MilestoneMeaning(Phase.IN_TRANSIT),
    "terminal_scan": MilestoneMeaning(Phase.IN_TRANSIT, internal="Scanned inside a terminal"),
    "departed_terminal": MilestoneMeaning(Phase.IN_TRANSIT),
    "transferred": MilestoneMeaning(Phase.IN_TRANSIT),
    "in_storage": MilestoneMeaning(Phase.IN_TRANSIT),
    "reconsigned": MilestoneMeaning(Phase.IN_TRANSIT),
    "vessel_departed": MilestoneMeaning(Phase.IN_TRANSIT),
    "vessel_arrived": MilestoneMeaning(Phase.IN_TRANSIT),
    "discharged": MilestoneMeaning(Phase.IN_TRANSIT),
    "arrived_at_customs": MilestoneMeaning(Phase.IN_TRANSIT),
    "customs_cleared": MilestoneMeaning(Phase.IN_TRANSIT),
    "delivery_appointment_set": MilestoneMeaning(Phase.IN_TRANSIT),
    "available_for_delivery": MilestoneMeaning(Phase.IN_TRANSIT),
    "offered_for_delivery": MilestoneMeaning(Phase.IN_TRANSIT, at_stop=True),
    "out_for_delivery": MilestoneMeaning(Phase.IN_TRANSIT),
    "arrived_at_delivery": MilestoneMeaning(Phase.IN_TRANSIT, at_stop=True),
    "delivery_attempted": MilestoneMeaning(Phase.IN_TRANSIT, at_stop=True),
    "partly_delivered": MilestoneMeaning(Phase.IN_TRANSIT, at_stop=True),
    "departed_delivery": MilestoneMeaning(
        Phase.IN_TRANSIT, internal="Carrier has left the delivery address", at_stop=True
    ),
    "delivered": MilestoneMeaning(Phase.DELIVERED, at_stop=True),
    "completed": MilestoneMeaning(Phase.CLOSED, closes_as=ClosedReason.COMPLETED, at_stop=True),
    "cancelled": MilestoneMeaning(Phase.CLOSED, closes_as=ClosedReason.CANCELLED, at_stop=True),
    "returned": MilestoneMeaning(Phase.CLOSED, closes_as=ClosedReason.RETURNED, at_stop=True),
    "refused": MilestoneMeaning(Phase.CLOSED, closes_as=ClosedReason.REFUSED, at_stop=True),
    # Proves nothing and is shown to nobody: a source's code we have no word for.
    "unmapped": MilestoneMeaning(Phase.PLANNED, internal="Not understood"),
    "lost": MilestoneMeaning(Phase.CLOSED, closes_as=ClosedReason.LOST),
}


# What a source may give as an exception's code, and whose turn it is. The words are in `projections/words`.
EXCEPTIONS: dict[str, Party] = {
    "weather": "carrier",
    "traffic": "carrier",
    "accident": "carrier",
    "mechanical": "carrier",
    "missed_connection": "carrier",
    "capacity": "carrier",
    "misrouted": "carrier",
    "carrier_related": "carrier",
    "missed_pickup": "carrier",
    "address_incorrect": "consignee",
    "consignee_unavailable": "consignee",
    "consignee_related": "consignee",
    "at_consignee_request": "consignee",
    "awaiting_appointment": "consignee",
    "delivery_failed": "carrier",
    "appointment_missed": "carrier",
    "customs_hold": "customs",
    "customs_papers_missing": "consignee",
    "damaged": "carrier",
    "refused_by_consignee": "consignee",
    "returning": "shipper",
    "missing": "carrier",
    "short": "carrier",
    "strike": "carrier",
    "civil_event": "nobody",
    "holiday": "nobody",
    "held_for_payment": "consignee",
    "held": "carrier",
    "papers_missing": "shipper",
    "restricted_goods": "shipper",
    "shipper_related": "shipper",
    "late_from_shipper": "shipper",
    "other": "carrier",
}
# What is wrong with the goods themselves, or owed for them. All else was about the way, and is over once they are there.
OUTLASTS_DELIVERY = frozenset({"damaged", "missing", "short", "papers_missing", "held_for_payment"})

# What we derive.
_DERIVED: dict[str, Party] = {
    "eta_past_promise": "carrier",
    "eta_past_plan": "carrier",
    "plan_past_promise": "shipper",
    "eta_close_to_promise": "carrier",
    "problem_since_eta": "carrier",
    "not_under_way": "shipper",
    "out_of_time": "carrier",
    "backordered": "shipper",
    "tender_rejected": "shipper",
    "planned": "shipper",
    "tendered": "shipper",
    "accepted": "carrier",
    "in_transit": "carrier",
    "partially_shipped": "carrier",
    "partially_delivered": "carrier",
    "delivered": "nobody",
    "completed": "nobody",
    "cancelled": "nobody",
    "returned": "nobody",
    "refused": "consignee",
    "lost": "carrier",
}

REASONS = EXCEPTIONS | _DERIVED
