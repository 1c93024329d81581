"""X12 codes in our words: design.md section 5. Meanings are those of X12 release 004010 and what came later.

AT7-01 (element 1650) and AT7-02 (element 1651) share letters and not meanings: one table each, read by position.
"""

from datetime import UTC, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from projections.references import ReferenceType


class StatusMeaning(msgspec.Struct, frozen=True):
    """What a status says: a milestone, a problem, problems that are over, an ETA; or, in `nothing`, why none of them.

    `side` is the end of the way the status happens at, if it names one.
    """

    milestone: str | None = None
    exception: str | None = None
    clears: tuple[str, ...] = ()
    is_eta: bool = False
    nothing: str | None = None
    side: Literal["pickup", "delivery"] | None = None


def _pickup(milestone: str) -> StatusMeaning:
    return StatusMeaning(milestone, side="pickup")


def _delivery(milestone: str) -> StatusMeaning:
    return StatusMeaning(milestone, side="delivery")


# Element 1650, AT7-01.
STATUSES: dict[str, StatusMeaning] = {
    "A3": StatusMeaning("returned"),
    "A7": StatusMeaning(exception="refused_by_consignee", side="delivery"),
    "A9": StatusMeaning(exception="damaged"),
    "AF": _pickup("picked_up"),
    "AG": StatusMeaning(is_eta=True),
    "AH": StatusMeaning("delivery_attempted", exception="delivery_failed", side="delivery"),
    "AI": StatusMeaning("reconsigned"),
    # Presented to the consignee; a carrier's tender is the 204.
    "AJ": StatusMeaning("offered_for_delivery"),
    "AL": StatusMeaning("terminal_scan"),
    "AM": _pickup("loaded"),
    "AN": StatusMeaning("transferred"),
    "AP": StatusMeaning(exception="delivery_failed", side="delivery"),
    "AR": StatusMeaning("arrived_at_terminal"),
    "AV": StatusMeaning("available_for_delivery"),
    "AW": StatusMeaning("available_for_delivery"),
    "B6": StatusMeaning(nothing="an estimate for a terminal is none for the delivery"),
    "BA": StatusMeaning("transferred"),
    "BC": StatusMeaning("in_storage"),
    "BO": StatusMeaning(exception="mechanical"),
    "BR": StatusMeaning("terminal_scan", clears=("mechanical",)),
    "C1": StatusMeaning(nothing="an estimate for a terminal is none for the delivery"),
    "CA": StatusMeaning("cancelled"),
    "CB": _delivery("delivered"),
    "CD": _delivery("departed_delivery"),
    "CL": _pickup("loaded"),
    "CP": _pickup("loaded"),
    "CT": StatusMeaning("customs_cleared", clears=("customs_hold", "customs_papers_missing")),
    "D1": _delivery("delivered"),
    "DE": StatusMeaning(nothing="the last day free of demurrage is between shipper and carrier"),
    "DO": StatusMeaning(nothing="papers between carriers"),
    "I1": StatusMeaning("arrived_at_terminal"),
    "J1": StatusMeaning("transferred"),
    "K1": StatusMeaning("arrived_at_customs"),
    "L1": _pickup("loading_started"),
    "LC": StatusMeaning("terminal_scan"),
    "NB": StatusMeaning(nothing="papers between carriers"),
    "OA": StatusMeaning("departed_terminal"),
    "OO": StatusMeaning(nothing="papers without the goods"),
    "P1": StatusMeaning("departed_terminal"),
    "PA": _delivery("partly_delivered"),
    "PR": StatusMeaning(exception="customs_hold"),
    "R1": StatusMeaning("transferred"),
    "RH": StatusMeaning("terminal_scan", clears=("held", "customs_hold")),
    "RL": StatusMeaning("departed_terminal"),
    "S1": _delivery("arrived_at_delivery"),
    "SD": StatusMeaning(exception="other"),
    "UC": StatusMeaning("terminal_scan"),
    "UR": StatusMeaning("terminal_scan"),
    "X1": _delivery("arrived_at_delivery"),
    "X2": StatusMeaning(is_eta=True),
    "X3": _pickup("arrived_at_pickup"),
    "X4": StatusMeaning("arrived_at_terminal"),
    "X5": _delivery("arrived_at_delivery"),
    "X6": StatusMeaning("en_route"),
    "X8": _pickup("arrived_at_pickup"),
    "XB": StatusMeaning("acknowledged"),
}

# Element 157, Q5-01: those of design.md section 5 that it shares with element 1650. Its others are of ships and trains.
# fmt: off
OLD_STATUSES = frozenset({
    "AF", "AG", "AH", "AJ", "AM", "AR", "AV", "CA", "D1", "OA", "P1", "RL", "SD", "X1", "X2", "X3", "X4", "X5", "X6", "X8",
})
# fmt: on

# Element 33, Q7-01: what is wrong with the goods. More than was shipped is nothing the customer waits for.
LADING_OVERAGE = "O"
LADING_EXCEPTIONS: dict[str, str] = {
    "0": "short",
    "A": "missing",
    "D": "damaged",
    "E": "refused_by_consignee",
    "P": "short",
    "W": "other",
}

# Element 1652, AT7-03. The date beside it is the appointment's, not that of its making.
APPOINTMENTS: dict[str, StatusMeaning] = {
    "AA": _pickup("pickup_appointment_set"),
    "AB": _delivery("delivery_appointment_set"),
    "AC": StatusMeaning(nothing="an appointment that is only estimated"),
    "ED": StatusMeaning(nothing="a limit that was asked for, not an appointment"),
    "EP": StatusMeaning(nothing="a limit that was asked for, not an appointment"),
    "LD": StatusMeaning(nothing="a limit that was asked for, not an appointment"),
    "LP": StatusMeaning(nothing="a limit that was asked for, not an appointment"),
    "X9": _delivery("delivery_appointment_set"),
    "XA": _pickup("pickup_appointment_set"),
}

# Element 1651, AT7-02 and AT7-04: any reason but these two is a problem.
NORMAL_REASONS = frozenset({"NA", "NS"})
# A status that is a problem of one of these kinds says no more than that: the reason beside it tells which.
VAGUE_EXCEPTIONS = frozenset({"delivery_failed", "other"})
REASONS: dict[str, str] = {
    "A1": "appointment_missed",
    "A2": "address_incorrect",
    "A3": "other",
    "A5": "other",
    "A6": "address_incorrect",
    "AA": "misrouted",
    "AD": "at_consignee_request",
    "AE": "restricted_goods",
    "AF": "accident",
    "AG": "consignee_related",
    "AH": "carrier_related",
    "AI": "mechanical",
    "AJ": "carrier_related",
    "AK": "damaged",
    "AL": "carrier_related",
    "AM": "shipper_related",
    "AN": "holiday",
    "AO": "weather",
    "AP": "held",
    "AQ": "consignee_unavailable",
    "AR": "customs_papers_missing",
    "AS": "customs_papers_missing",
    "AT": "customs_papers_missing",
    "AU": "civil_event",
    "AV": "carrier_related",
    "AW": "late_from_shipper",
    "AX": "late_from_shipper",
    "AY": "missed_pickup",
    "AZ": "other",
    "B1": "consignee_unavailable",
    "B2": "at_consignee_request",
    "B4": "held_for_payment",
    "B5": "held",
    "B8": "consignee_related",
    "B9": "consignee_related",
    "BB": "held",
    "BC": "papers_missing",
    "BD": "customs_hold",
    "BE": "traffic",
    "BF": "other",
    "BG": "other",
    "BH": "carrier_related",
    "BI": "carrier_related",
    "BJ": "other",
    "BK": "awaiting_appointment",
    "BL": "held",
    "BM": "capacity",
    "BN": "papers_missing",
    "BO": "missed_connection",
    "BP": "carrier_related",
    "BQ": "shipper_related",
    "BR": "accident",
    "BS": "refused_by_consignee",
    "BT": "returning",
    "C1": "consignee_related",
    "C2": "held_for_payment",
    "C3": "at_consignee_request",
    "C4": "consignee_unavailable",
    "C5": "strike",
    "C6": "shipper_related",
    "C7": "at_consignee_request",
    "C8": "held_for_payment",
    "C9": "held_for_payment",
    "CA": "customs_hold",
    "CB": "shipper_related",
    "CC": "shipper_related",
    "D1": "carrier_related",
    "D2": "carrier_related",
    "F1": "customs_hold",
    "F2": "other",
    "HB": "awaiting_appointment",
    "P1": "carrier_related",
    "P2": "held",
    "P3": "shipper_related",
    "P4": "capacity",
    "RC": "other",
    "S1": "short",
    "T1": "capacity",
    "T2": "capacity",
    "T3": "capacity",
    "T4": "capacity",
    "T5": "capacity",
    "T6": "capacity",
    "T7": "late_from_shipper",
}


def _hours(offset: float) -> tzinfo:
    return timezone(timedelta(hours=offset))


# Element 623. "Standard" and "daylight" codes are offsets; the plain ones follow the season. LT, local time, is no
# offset: it is the place's.
TIME_CODES: dict[str, tzinfo] = {
    **{f"{hours:02}": _hours(hours) for hours in range(1, 13)},
    **{f"{25 - hours:02}": _hours(-hours) for hours in range(1, 13)},
    "AD": _hours(-8),
    "AS": _hours(-9),
    "AT": ZoneInfo("America/Anchorage"),
    "CD": _hours(-5),
    "CS": _hours(-6),
    "CT": ZoneInfo("America/Chicago"),
    "ED": _hours(-4),
    "ES": _hours(-5),
    "ET": ZoneInfo("America/New_York"),
    "GM": UTC,
    "HD": _hours(-9),
    "HS": _hours(-10),
    "HT": ZoneInfo("Pacific/Honolulu"),
    "MD": _hours(-6),
    "MS": _hours(-7),
    "MT": ZoneInfo("America/Denver"),
    "ND": _hours(-2.5),
    "NS": _hours(-3.5),
    "NT": ZoneInfo("America/St_Johns"),
    "PD": _hours(-7),
    "PS": _hours(-8),
    "PT": ZoneInfo("America/Los_Angeles"),
    "TD": _hours(-3),
    "TS": _hours(-4),
    "TT": ZoneInfo("America/Halifax"),
    "UT": UTC,
}

# Element 128, in REF, N9 and L11. A master bill (MB), a container (EQ) or a package (97) is not the shipment.
REFERENCE_QUALIFIERS: dict[str, ReferenceType] = {
    "08": ReferenceType.TRACKING_NUMBER,
    "2I": ReferenceType.TRACKING_NUMBER,
    "AW": ReferenceType.TRACKING_NUMBER,
    "BM": ReferenceType.BOL,
    "BN": ReferenceType.TRACKING_NUMBER,
    "CN": ReferenceType.PRO,
    "FR": ReferenceType.PRO,
    "OB": ReferenceType.BOL,
    "PO": ReferenceType.CUSTOMER_PO,
    "SI": ReferenceType.TMS_SHIPMENT,
    "WY": ReferenceType.TRACKING_NUMBER,
}
# Of an order, within a ship notice: the seller's own number of it.
SELLER_ORDER_QUALIFIERS = ("VN", "IL", "OQ")

# Element 98, N1-01.
ORIGIN_PARTIES = frozenset({"SF", "SH"})
DESTINATION_PARTIES = frozenset({"ST", "CN", "UC"})
