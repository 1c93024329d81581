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
    """What reaching a milestone means: the phase it proves, the customer's words, or that it is our own affair."""

    phase: Phase
    words: str
    customer_visible: bool = True
    closes_as: ClosedReason | None = None
    # Happens where one customer is served: said of a load, it must say at which stop.
    at_stop: bool = False


def _internal(phase: Phase, words: str, *, at_stop: bool = False) -> MilestoneMeaning:
    return MilestoneMeaning(phase, words, customer_visible=False, at_stop=at_stop)


MILESTONES: dict[str, MilestoneMeaning] = {
    "picking_started": _internal(Phase.PLANNED, "Picking has started"),
    "packed": MilestoneMeaning(Phase.PLANNED, "Packed"),
    "staged": _internal(Phase.PLANNED, "Staged for pickup"),
    "pickup_appointment_set": MilestoneMeaning(Phase.PLANNED, "Pickup is booked"),
    "acknowledged": MilestoneMeaning(Phase.ACCEPTED, "Carrier has confirmed"),
    "arrived_at_pickup": MilestoneMeaning(Phase.ACCEPTED, "Carrier has arrived for pickup", at_stop=True),
    "loading_started": _internal(Phase.ACCEPTED, "Loading has started"),
    "loaded": MilestoneMeaning(Phase.ACCEPTED, "Loaded"),
    "loaded_on_board": MilestoneMeaning(Phase.IN_TRANSIT, "Loaded on board"),
    "picked_up": MilestoneMeaning(Phase.IN_TRANSIT, "Picked up"),
    "departed": MilestoneMeaning(Phase.IN_TRANSIT, "Departed"),
    "en_route": MilestoneMeaning(Phase.IN_TRANSIT, "On its way"),
    "arrived_at_terminal": MilestoneMeaning(Phase.IN_TRANSIT, "Arrived at terminal"),
    "terminal_scan": _internal(Phase.IN_TRANSIT, "Scanned inside a terminal"),
    "departed_terminal": MilestoneMeaning(Phase.IN_TRANSIT, "Departed terminal"),
    "transferred": MilestoneMeaning(Phase.IN_TRANSIT, "Handed on between carriers"),
    "in_storage": MilestoneMeaning(Phase.IN_TRANSIT, "Stored on the way"),
    "reconsigned": MilestoneMeaning(Phase.IN_TRANSIT, "Sent on to another address"),
    "vessel_departed": MilestoneMeaning(Phase.IN_TRANSIT, "Vessel departed"),
    "vessel_arrived": MilestoneMeaning(Phase.IN_TRANSIT, "Vessel arrived"),
    "discharged": MilestoneMeaning(Phase.IN_TRANSIT, "Unloaded from vessel"),
    "arrived_at_customs": MilestoneMeaning(Phase.IN_TRANSIT, "Arrived at customs"),
    "customs_cleared": MilestoneMeaning(Phase.IN_TRANSIT, "Cleared by customs"),
    "delivery_appointment_set": MilestoneMeaning(Phase.IN_TRANSIT, "Delivery is booked"),
    "available_for_delivery": MilestoneMeaning(Phase.IN_TRANSIT, "Ready to be delivered"),
    "offered_for_delivery": MilestoneMeaning(Phase.IN_TRANSIT, "Presented for delivery", at_stop=True),
    "out_for_delivery": MilestoneMeaning(Phase.IN_TRANSIT, "Out for delivery"),
    "arrived_at_delivery": MilestoneMeaning(Phase.IN_TRANSIT, "Arrived at the delivery address", at_stop=True),
    "delivery_attempted": MilestoneMeaning(Phase.IN_TRANSIT, "Delivery was attempted", at_stop=True),
    "partly_delivered": MilestoneMeaning(Phase.IN_TRANSIT, "Part of it was delivered", at_stop=True),
    "departed_delivery": _internal(Phase.IN_TRANSIT, "Carrier has left the delivery address", at_stop=True),
    "delivered": MilestoneMeaning(Phase.DELIVERED, "Delivered", at_stop=True),
    "completed": MilestoneMeaning(Phase.CLOSED, "Completed", closes_as=ClosedReason.COMPLETED, at_stop=True),
    "cancelled": MilestoneMeaning(Phase.CLOSED, "Cancelled", closes_as=ClosedReason.CANCELLED, at_stop=True),
    "returned": MilestoneMeaning(
        Phase.CLOSED, "Returned to the shipper", closes_as=ClosedReason.RETURNED, at_stop=True
    ),
    "refused": MilestoneMeaning(Phase.CLOSED, "Refused and sent back", closes_as=ClosedReason.REFUSED, at_stop=True),
    # Proves nothing and is shown to nobody: a source's code we have no word for.
    "unmapped": _internal(Phase.PLANNED, "Not understood"),
    "lost": MilestoneMeaning(Phase.CLOSED, "Lost", closes_as=ClosedReason.LOST),
}


class ReasonMeaning(msgspec.Struct, frozen=True):
    """Why, in the customer's words; what they should do, if anything; and whose turn it is."""

    text: str
    action_required: str | None = None
    responsible_party: Party = "nobody"


# What a source may give as an exception's code.
EXCEPTIONS: dict[str, ReasonMeaning] = {
    "weather": ReasonMeaning("Delayed by weather", None, "carrier"),
    "traffic": ReasonMeaning("Delayed in traffic", None, "carrier"),
    "accident": ReasonMeaning("Delayed by an accident", None, "carrier"),
    "mechanical": ReasonMeaning("The vehicle broke down", None, "carrier"),
    "missed_connection": ReasonMeaning("Missed its connection", None, "carrier"),
    "capacity": ReasonMeaning("Waiting for space on a vehicle", None, "carrier"),
    "misrouted": ReasonMeaning("Sent the wrong way and being rerouted", None, "carrier"),
    "carrier_related": ReasonMeaning("Delayed in the carrier's operations", None, "carrier"),
    "missed_pickup": ReasonMeaning("The pickup was missed", None, "carrier"),
    "address_incorrect": ReasonMeaning("The address could not be found", "Check the delivery address", "consignee"),
    "consignee_unavailable": ReasonMeaning("Nobody was there to receive it", "Agree a new delivery time", "consignee"),
    "consignee_related": ReasonMeaning("Delayed on the receiver's side", None, "consignee"),
    "at_consignee_request": ReasonMeaning("Held as the receiver asked", None, "consignee"),
    "awaiting_appointment": ReasonMeaning("Waiting for a delivery appointment", "Agree a delivery time", "consignee"),
    "delivery_failed": ReasonMeaning("Delivery could not be made", None, "carrier"),
    "appointment_missed": ReasonMeaning("The delivery appointment was missed", "Agree a new delivery time", "carrier"),
    "customs_hold": ReasonMeaning("Held by customs", None, "customs"),
    "customs_papers_missing": ReasonMeaning("Customs needs papers", "Send the missing papers", "consignee"),
    "damaged": ReasonMeaning("Damaged on the way", "We will contact you about a replacement", "carrier"),
    "refused_by_consignee": ReasonMeaning("Delivery was refused", "Tell us how to go on", "consignee"),
    "returning": ReasonMeaning("On its way back to the shipper", None, "shipper"),
    "missing": ReasonMeaning("Cannot be found at the moment", None, "carrier"),
    "short": ReasonMeaning("Less arrived than was shipped", "Check what you received", "carrier"),
    "strike": ReasonMeaning("Delayed by a strike", None, "carrier"),
    "civil_event": ReasonMeaning("Delayed by a civil event"),
    "holiday": ReasonMeaning("Delayed by a holiday"),
    "held_for_payment": ReasonMeaning("Held until an invoice is paid", "Settle the open invoice", "consignee"),
    "held": ReasonMeaning("Held on the way", None, "carrier"),
    "papers_missing": ReasonMeaning("Held until papers are complete", None, "shipper"),
    "restricted_goods": ReasonMeaning("Holds goods that may not be carried", None, "shipper"),
    "shipper_related": ReasonMeaning("Delayed on the shipper's side", None, "shipper"),
    "late_from_shipper": ReasonMeaning("Handed over late by the shipper", None, "shipper"),
    "other": ReasonMeaning("Delayed; the carrier gave no reason we know", None, "carrier"),
}

# What we derive.
_DERIVED: dict[str, ReasonMeaning] = {
    "eta_past_promise": ReasonMeaning("Expected later than promised", None, "carrier"),
    "eta_past_plan": ReasonMeaning("Expected later than planned", None, "carrier"),
    "plan_past_promise": ReasonMeaning("Planned to arrive later than promised", None, "shipper"),
    "eta_close_to_promise": ReasonMeaning(
        "Expected so shortly before the promised time that it may miss it", None, "carrier"
    ),
    "problem_since_eta": ReasonMeaning("Something went wrong since it was last estimated", None, "carrier"),
    "not_under_way": ReasonMeaning("Not on its way yet, and too little time is left", None, "shipper"),
    "out_of_time": ReasonMeaning("Too little time is left for what still has to happen", None, "carrier"),
    "backordered": ReasonMeaning("Part of the order waits for stock", None, "shipper"),
    "tender_rejected": ReasonMeaning("The carrier declined; another is being found", None, "shipper"),
    "planned": ReasonMeaning("Being prepared", None, "shipper"),
    "tendered": ReasonMeaning("Offered to a carrier", None, "shipper"),
    "accepted": ReasonMeaning("Carrier has confirmed; waiting for pickup", None, "carrier"),
    "in_transit": ReasonMeaning("On its way", None, "carrier"),
    "partially_shipped": ReasonMeaning("Part of the order is on its way", None, "carrier"),
    "partially_delivered": ReasonMeaning("Part of the order was delivered", None, "carrier"),
    "delivered": ReasonMeaning("Delivered"),
    "completed": ReasonMeaning("Delivered and completed"),
    "cancelled": ReasonMeaning("Cancelled"),
    "returned": ReasonMeaning("Returned to the shipper"),
    "refused": ReasonMeaning("Refused and sent back", "Tell us how to go on", "consignee"),
    "lost": ReasonMeaning("Lost by the carrier", "We will contact you about a replacement", "carrier"),
}

REASONS = EXCEPTIONS | _DERIVED
