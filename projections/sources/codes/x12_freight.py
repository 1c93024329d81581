"""X12 codes of tenders, invoices and weights in our words."""

from typing import Literal

# Element 163, S5-02. What is neither (weighing, inspection, dropping a trailer) is no stop of ours.
STOP_PURPOSES: dict[str, Literal["pickup", "delivery"]] = {
    "AL": "pickup",
    "CL": "pickup",
    "CU": "delivery",
    "LD": "pickup",
    "LE": "pickup",
    "PA": "pickup",
    "PL": "pickup",
    "PU": "delivery",
    "SL": "pickup",
    "SU": "delivery",
    "UL": "delivery",
}

# Element 432, G62-01, best first: what was agreed, then what was asked for, then the ends of a window.
PICKUP_DATES = ("69", "77", "81", "10", "79", "38", "37")
DELIVERY_DATES = ("70", "78", "17", "68", "02", "54", "53")

# Element 353: BSN-01, B2A-01, BIG-08.
CANCELLING_PURPOSES = frozenset({"01", "03", "17"})
CHANGING_PURPOSES = frozenset({"04", "05"})
INFORMING_PURPOSES = frozenset({"22", "24", "51", "52", "77"})

# Element 640, BIG-07: what is owed to the customer. Element 333, ITD-02: days that count from the invoice's date.
CREDITS = frozenset({"CC", "CN", "CR", "MC"})
FROM_THE_INVOICE = frozenset({"", "3"})

# Element 558, B1-04. A cancelled reservation is how carriers declined before release 005 had a word for it.
ACCEPTING_ACTIONS = frozenset({"A"})
DECLINING_ACTIONS = frozenset({"D", "E", "R"})
UNDECIDED_ACTIONS: dict[str, str] = {
    "B": "a conditional acceptance is neither a yes nor a no",
    "C": "a counter proposal is neither a yes nor a no",
    "N": "a reservation of the carrier's own answers no tender",
    "S": "a split booking is neither a yes nor a no",
    "U": "a change of a reservation is neither a yes nor a no",
    "V": "a change of vessel is neither a yes nor a no",
}

# Element 355 (TD1-08, MEA-04-01, PO4-07) and element 188 (AT8-02).
KILOGRAMS: dict[str, float] = {
    "01": 0.45359237,
    "50": 0.45359237,
    "E": 1000.0,
    "G": 0.001,
    "GR": 0.001,
    "K": 1.0,
    "KG": 1.0,
    "L": 0.45359237,
    "LB": 0.45359237,
    "ME": 0.000001,
    "MP": 1000.0,
    "ON": 0.028349523125,
    "OZ": 0.028349523125,
    "ST": 907.18474,
    "STN": 907.18474,
}

# Element 150, L1-08: the common ones; others are shown by their code.
CHARGE_KINDS: dict[str, str] = {
    "400": "Freight",
    "405": "Fuel surcharge",
    "BLC": "Bill of lading charge",
    "COD": "Collect on delivery",
    "CUS": "Customs",
    "DEL": "Delivery",
    "DET": "Detention",
    "DSC": "Discount",
    "DTL": "Detention while loading",
    "DTU": "Detention while unloading",
    "FSC": "Fuel surcharge",
    "FUE": "Fuel surcharge",
    "GST": "Goods and services tax",
    "HAZ": "Hazardous goods",
    "HST": "Harmonised sales tax",
    "IDL": "Inside delivery",
    "INS": "Insurance",
    "IPU": "Inside pickup",
    "LAY": "Layover",
    "LFT": "Lift gate",
    "LHS": "Linehaul",
    "LIF": "Lift gate",
    "MNC": "Minimum charge",
    "NFY": "Notice before delivery",
    "PUC": "Pickup",
    "RCL": "Redelivery",
    "RDC": "Redelivery",
    "RES": "Residential delivery",
    "SAT": "Saturday delivery",
    "SOC": "Stop-off",
    "SRG": "Storage",
    "STO": "Storage",
    "TAX": "Tax",
    "UNL": "Unloading",
}
