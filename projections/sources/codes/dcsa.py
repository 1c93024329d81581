"""What the codes of DCSA Track & Trace (2.2, 3.0) mean in ours: design.md section 5.

A code that is in none of these tables stays `unmapped`.
"""

import msgspec


class MoveMeaning(msgspec.Struct, frozen=True):
    """The milestone of a move: on the way, at the final place, and at a door that may be the shipper's."""

    on_the_way: str
    at_final_place: str
    at_a_door: str = "unmapped"


# transportEventTypeCode, by modeOfTransport: over water, else.
AFLOAT = frozenset({"VESSEL", "BARGE"})
TRANSPORT_AFLOAT: dict[str, MoveMeaning] = {
    "ARRI": MoveMeaning("vessel_arrived", "vessel_arrived", "vessel_arrived"),
    "DEPA": MoveMeaning("vessel_departed", "vessel_departed", "vessel_departed"),
}
TRANSPORT: dict[str, MoveMeaning] = {
    "ARRI": MoveMeaning("arrived_at_terminal", "arrived_at_delivery"),
    "DEPA": MoveMeaning("departed", "departed", "departed"),
}

# equipmentEventTypeCode of a container with goods in it.
EQUIPMENT: dict[str, MoveMeaning] = {
    "LOAD": MoveMeaning("loaded_on_board", "loaded_on_board", "loaded_on_board"),
    "DISC": MoveMeaning("discharged", "discharged", "discharged"),
    "GTIN": MoveMeaning("arrived_at_terminal", "arrived_at_delivery"),
    "DROP": MoveMeaning("arrived_at_terminal", "arrived_at_delivery"),
    "GTOT": MoveMeaning("departed_terminal", "delivered"),
    "PICK": MoveMeaning("departed_terminal", "delivered"),
    # Unpacked: at the place of delivery that ends the journey; a freight station may send the goods on.
    "STRP": MoveMeaning("unmapped", "delivered", "delivered"),
    "STUF": MoveMeaning("packed", "packed", "packed"),
    "CROS": MoveMeaning("en_route", "en_route", "en_route"),
    "CUSR": MoveMeaning("customs_cleared", "customs_cleared", "customs_cleared"),
}
# Of an empty one these at the final place mean that the goods were handed over; else it moves without goods.
EMPTY_AFTER_DELIVERY = frozenset({"GTOT", "PICK", "STRP"})
# A laden container that leaves a customer's door leaves the shipper's.
LADEN_FROM_A_DOOR: dict[str, str] = {"GTOT": "picked_up", "PICK": "picked_up"}
SILENT_EQUIPMENT = frozenset({"AVDO", "AVPU", "INSP", "RMVD", "RSEA"})
CUSTOMS_STOPS = frozenset({"CUSI", "CUSS"})
CUSTOMS_RELEASE = "CUSR"
# What, planned or estimated for the final place, is the ETA.
ARRIVALS = frozenset({"ARRI", "GTIN", "DROP"})

# Places: facilityTypeCode of a customer's door, shipmentLocationType of the final place and of the first ones.
CUSTOMER_LOCATION = "CLOC"
FINAL_PLACE = "PDE"
FIRST_PLACES = frozenset({"ORI", "PRE", "PCF"})

# shipmentEventTypeCode of a booking (and of the request for one).
BOOKINGS = frozenset({"BKG", "CBR"})
TENDERED = frozenset({"REQS", "SUBM", "RECE"})
ACCEPTED = frozenset({"CONF", "APPR"})
DECLINED = frozenset({"DECL", "REJE"})
CANCELLED = frozenset({"CANC", "CACF", "VOID"})
COMPLETED = "CMPL"
# Of any document.
HOLD, RELEASE = "HOLD", "RELS"
# Of a customs clearance, a proof of delivery, a transport document.
CUSTOMS, PROOF_OF_DELIVERY, TRANSPORT_DOCUMENT = "CUC", "PFD", "TRD"
CLEARED = frozenset({"APPR", "CONF", "ISSU", "CMPL", "RELS"})
PROVEN = frozenset({"APPR", "CONF", "ISSU", "RECE", "SUBM", "SURR", "RELS", "CMPL"})
ISSUED = "ISSU"
# The rest of the list: the paperwork's own progress.
SHIPMENT_CODES = frozenset(
    [
        "AMCF",
        "AMCN",
        "AMDC",
        "AMPR",
        "AMRE",
        "APPR",
        "CACF",
        "CADC",
        "CANC",
        "CARE",
        "CMPL",
        "CONF",
        "DECL",
        "DRFT",
        "HOLD",
        "ISSU",
        "PENA",
        "PENC",
        "PENM",
        "PENU",
        "PSAM",
        "PSDL",
        "RECE",
        "REJE",
        "RELS",
        "REQS",
        "SUAM",
        "SUBM",
        "SUDL",
        "SURR",
        "UPCF",
        "UPCN",
        "UPDC",
        "UPDT",
        "UPRE",
        "VOID",
    ]
)

# delayReasonCode (SMDG): every one is a delay, so what is not listed is `other`.
DELAYS: dict[str, str] = {"STR": "strike", "WEA": "weather"}
