"""The columns of a CSV upload: our name of each, and the headings people give it. Case and punctuation do not count."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "event": ("event type", "type", "kind", "record type"),
    "id": ("event id", "message id", "row id"),
    "time": ("event time", "occurred at", "timestamp", "date time", "datetime", "date/time", "status time"),
    "date": ("event date", "status date"),
    "clock": ("time of day", "event clock", "hour"),
    "zone": ("time zone", "timezone", "tz"),
    "tenant": ("customer", "account", "client"),
    "carrier": ("scac", "carrier code"),
    "pro": ("pro number", "pro no", "pro #"),
    "tracking_number": ("tracking", "tracking no", "tracking #", "tracking id", "waybill", "awb"),
    "bol": ("bill of lading", "bol number", "b/l"),
    "wms_shipment": ("shipment", "shipment no", "shipment number", "shipment id", "delivery", "delivery number"),
    "tms_shipment": ("transport", "transport number", "tms id"),
    "package_sscc": ("sscc", "sscc18", "sscc-18"),
    "code": ("status", "status code", "milestone", "event code"),
    "reason": ("reason code", "exception", "exception code"),
    "note": ("comment", "remarks", "description", "message"),
    "eta": ("estimated delivery", "expected at", "eta at", "estimated time of arrival", "expected delivery"),
    "place": ("location", "place name", "facility", "site"),
    "city": ("town",),
    "region": ("state", "province"),
    "country": ("country code",),
    "postal_code": ("zip", "zip code", "postcode", "postal"),
    "place_code": ("location code", "locode", "unlocode", "gln"),
    "package": ("package id", "package no", "package number", "carton", "carton id"),
    "packages_count": ("packages", "cartons", "no of packages", "number of packages"),
    "weight_kg": ("weight", "weight (kg)", "gross weight kg"),
    "order": ("erp order", "sales order", "order number", "order no"),
    "line": ("order line", "line no", "line number"),
    "lines": ("order lines", "contents"),
    "quantity": ("qty", "pieces", "shipped qty", "packed qty"),
}

# What a row can say, and how people call it.
KINDS: dict[str, tuple[str, ...]] = {
    "milestone": ("status", "event", "scan"),
    "eta": ("eta changed", "estimate"),
    "exception": ("problem", "delay"),
    "packed": ("pack", "package packed"),
    "shipped": ("ship", "ship confirm", "shipment shipped", "dispatched", "despatched"),
}

# The surest reference first.
REFERENCES = ("pro", "tracking_number", "bol", "wms_shipment", "tms_shipment", "package_sscc")
CARRIERS_OWN = frozenset({"pro", "tracking_number", "bol"})
# A 3PL's shipment is its own number where it ships; the others may be what it was told.
WAREHOUSE_REFERENCES = ("wms_shipment", "tms_shipment", "package_sscc", "pro", "tracking_number", "bol")
