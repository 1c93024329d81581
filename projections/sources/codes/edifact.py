"""What the codes of an IFTSTA mean in our words: UN/ECE Recommendation 24 and the code lists of UN/EDIFACT.

The numbers mean the same in every directory: 9011 of D.96A, and from D.97B on 4405, are Recommendation 24.
What is not listed is known to nobody here and stays `unmapped`.
"""

import msgspec


class StatusMeaning(msgspec.Struct, frozen=True):
    """A status: the milestone it reaches, the exception it is, and the exceptions it ends."""

    milestone: str | None = None
    exception: str | None = None
    clears: tuple[str, ...] = ()


_HELD_BY_CUSTOMS = ("customs_hold", "customs_papers_missing")
# What a status says of a problem that a reason says better.
GENERAL = frozenset({"other", "delivery_failed", "held"})

# 4405 / 9011, of category (9015) 1: transport.
STATUSES: dict[str, StatusMeaning] = {
    "1": StatusMeaning("arrived_at_terminal"),
    "3": StatusMeaning("arrived_at_terminal", "damaged"),
    "6": StatusMeaning("acknowledged"),
    "8": StatusMeaning("customs_cleared", clears=_HELD_BY_CUSTOMS),
    "9": StatusMeaning(clears=_HELD_BY_CUSTOMS),
    "10": StatusMeaning(clears=_HELD_BY_CUSTOMS),
    "12": StatusMeaning("customs_cleared", clears=_HELD_BY_CUSTOMS),
    "13": StatusMeaning("picked_up"),
    "15": StatusMeaning("terminal_scan"),
    "16": StatusMeaning("en_route"),
    "17": StatusMeaning(exception="customs_hold"),
    "18": StatusMeaning(exception="damaged"),
    "20": StatusMeaning(exception="other"),
    "21": StatusMeaning("delivered"),
    "22": StatusMeaning("delivered"),
    "23": StatusMeaning("delivery_attempted", "delivery_failed"),
    "24": StatusMeaning("departed"),
    "25": StatusMeaning(exception="other"),
    "27": StatusMeaning("departed"),
    "29": StatusMeaning("terminal_scan"),
    "31": StatusMeaning("en_route"),
    "35": StatusMeaning("en_route"),
    "36": StatusMeaning(exception="missing"),
    "37": StatusMeaning(clears=("missing",)),
    "40": StatusMeaning("arrived_at_terminal"),
    "41": StatusMeaning("transferred"),
    "42": StatusMeaning("transferred"),
    "43": StatusMeaning("transferred"),
    "44": StatusMeaning("en_route", clears=("misrouted",)),
    "47": StatusMeaning("terminal_scan"),
    "48": StatusMeaning("loaded"),
    "49": StatusMeaning("lost"),
    "51": StatusMeaning(exception="mechanical"),
    "52": StatusMeaning(exception="mechanical"),
    "53": StatusMeaning(exception="missed_pickup"),
    "55": StatusMeaning(exception="missed_pickup"),
    "56": StatusMeaning(exception="delivery_failed"),
    "57": StatusMeaning(exception="missed_connection"),
    "59": StatusMeaning(exception="other"),
    "63": StatusMeaning(exception="late_from_shipper"),
    "66": StatusMeaning(exception="missing"),
    "71": StatusMeaning("staged"),
    "73": StatusMeaning(exception="short"),
    "74": StatusMeaning("terminal_scan"),
    "75": StatusMeaning("reconsigned"),
    "77": StatusMeaning(exception="refused_by_consignee"),
    "79": StatusMeaning("loaded"),
    "80": StatusMeaning("returned"),
    "81": StatusMeaning("returned", "damaged"),
    "82": StatusMeaning("returned"),
    "85": StatusMeaning(exception="short"),
    "86": StatusMeaning(exception="short"),
    "87": StatusMeaning(exception="misrouted"),
    "90": StatusMeaning(exception="held"),
    "91": StatusMeaning("in_storage"),
    "93": StatusMeaning("loaded"),
    "94": StatusMeaning("loaded"),
    "97": StatusMeaning(exception="damaged"),
    "98": StatusMeaning("transferred"),
    "99": StatusMeaning("transferred"),
    "100": StatusMeaning("transferred"),
    "101": StatusMeaning(exception="other"),
}

# 9013. None: the reason explains, and nothing went wrong.
REASONS: dict[str, str | None] = {
    "1": "address_incorrect",
    "2": "missed_connection",
    "3": "refused_by_consignee",
    "4": "other",
    "5": None,
    "6": "consignee_unavailable",
    "7": "consignee_unavailable",
    "8": "other",
    "9": "address_incorrect",
    "10": "carrier_related",
    "11": "held_for_payment",
    "12": "awaiting_appointment",
    "13": "customs_hold",
    "14": "damaged",
    "15": None,
    "16": "misrouted",
    "17": "other",
    "18": "accident",
    "19": "other",
    "20": "strike",
    "21": "consignee_related",
    "22": "short",
    "23": "mechanical",
    "24": "customs_hold",
    "25": "customs_hold",
    "26": "customs_hold",
    "27": "short",
    "28": "customs_hold",
    "29": "missed_pickup",
    "30": "address_incorrect",
    "31": "strike",
    "32": "held",
    "33": "missing",
    "34": "mechanical",
    "35": "mechanical",
    "36": "mechanical",
    "37": "papers_missing",
    "38": None,
    "39": "address_incorrect",
    "40": "missing",
    "41": "missed_connection",
    "42": None,
    "43": "late_from_shipper",
    "44": "other",
    "45": "short",
    "46": "held_for_payment",
    "47": "held_for_payment",
    "48": "missing",
    "49": "refused_by_consignee",
    "50": "missed_connection",
    "51": "held",
    "52": None,
    "53": "misrouted",
    "54": "other",
    "55": None,
    "56": "missing",
    "57": None,
    "58": "other",
    "59": "missing",
    "60": "damaged",
    "61": None,
    "62": None,
    "63": "weather",
    "64": None,
    "65": None,
    "66": "missing",
    "67": "other",
    "68": "consignee_related",
    "69": "carrier_related",
    "70": "carrier_related",
    "71": None,
    "75": "damaged",
    "76": "damaged",
    "77": "other",
    "88": "accident",
    "89": None,
    "90": "refused_by_consignee",
    "91": None,
    "92": "other",
    "93": "customs_hold",
    "94": "damaged",
    "95": None,
    "96": "short",
    "100": None,
    "101": "refused_by_consignee",
    "102": "refused_by_consignee",
    "103": "refused_by_consignee",
    "104": "refused_by_consignee",
    "105": "other",
    "106": "refused_by_consignee",
    "107": None,
    "108": None,
}

# 8067 (UN/ECE Recommendation 19): on these modes a departure, arrival or unloading is a vessel's.
AT_SEA = frozenset({"1"})
AT_SEA_MILESTONES = {"departed": "vessel_departed", "arrived_at_terminal": "vessel_arrived"}
UNLOADED = frozenset({"29"})

# 3227: a place of final delivery, where an arrival is that at the consignee.
FINAL_PLACES = frozenset({"7", "20", "28"})
DEPARTURE_PLACES = ("9", "5", "76", "10", "88")
ARRIVAL_PLACES = ("11", "12", "8", "60", "7", "20")
DEPARTURES = frozenset({"13", "24", "25", "27", "48"})

# 2005: when something happened, the most telling first; when it is expected to; when it is expected at the consignee.
HAPPENED = ("334", "78", "7", "1", "35", "178", "310", "50", "420", "200", "405", "143", "186", "136", "11")
LEFT = ("334", "78", "7", "1", "186", "136", "200", "405", "143", "11")
EXPECTED = frozenset({"17", "76", "132", "133", "189", "191", "232", "369", "395"})
DELIVERY_EXPECTED = ("17", "191")
ARRIVAL_EXPECTED = "132"
DOCUMENT_DATE = "137"

# 1153: which of our references a qualifier is, the surest first. Unique per carrier; then per tenant.
CARRIER_REFERENCES: dict[str, str] = {
    "CN": "pro",
    "AAM": "tracking_number",
    "AWB": "tracking_number",
    "HWB": "tracking_number",
    "MWB": "tracking_number",
    "CMR": "tracking_number",
    "RCN": "tracking_number",
    "CW": "tracking_number",
    "BH": "bol",
    "BM": "bol",
    "MB": "bol",
    "AEX": "bol",
    "AAS": "bol",
    "BN": "tracking_number",
}
TENANT_REFERENCES: dict[str, str] = {
    "CU": "tms_shipment",
    "SRN": "tms_shipment",
    "SI": "tms_shipment",
    "AAK": "wms_shipment",
    "DQ": "wms_shipment",
}
CONTAINER_REFERENCES = ("AAQ", "EQ")
SCAC_REFERENCE = "AAZ"

# 1225 (BGM): what the message does to one sent before.
TAKES_BACK = frozenset({"1", "3", "17", "40"})
TEST_FUNCTION = "53"
