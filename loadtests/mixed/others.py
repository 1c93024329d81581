"""What the others write: IFTSTA, DCSA, EPCIS, three carriers' JSON, CSV."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from loadtests.mixed.known import Thing
from projections.event import Event
from projections.events import EtaChanged, PackagePacked, ShipmentMilestone
from projections.references import ReferenceType
from projections.sources.carrier_json.mappings import load
from projections.sources.codes.edifact import STATUSES

IFTSTA_ZONE = "Europe/Berlin"
_IFTSTA = {one.milestone: code for code, one in STATUSES.items() if one.milestone and not (one.exception or one.clears)}
_IFTSTA_QUALIFIERS = {ReferenceType.PRO: "CN", ReferenceType.TRACKING_NUMBER: "AAM"}
_JSON = {
    name: {one.milestone: code for code, one in mapping.codes.items() if one.milestone and not one.exception}
    for name, mapping in load().items()
}
_DCSA = {
    "vessel_departed": ("DEPA", "VESSEL"),
    "vessel_arrived": ("ARRI", "VESSEL"),
    "arrived_at_terminal": ("ARRI", "TRUCK"),
    "departed": ("DEPA", "TRUCK"),
}


def iftsta(event: Event, control: int) -> bytes | None:
    data = event.data
    if not isinstance(data, ShipmentMilestone):
        return None
    code, qualifier = _IFTSTA.get(data.code), _IFTSTA_QUALIFIERS.get(data.about.type)
    if code is None or qualifier is None:
        return None
    said = event.occurred_at.astimezone(ZoneInfo(IFTSTA_ZONE))
    message = [
        "UNH+M1+IFTSTA:D:00B:UN",
        f"BGM+23+R-{control}+9",
        f"DTM+137:{said:%Y%m%d%H%M}:203",
        "CNI+1",
        f"STS+1+{code}",
        f"RFF+{qualifier}:{data.about.value}",
        f"DTM+334:{said:%Y%m%d%H%M}:203",
    ]
    parts = [
        f"UNB+UNOY:3+CARRIER:ZZ+PORTAL:ZZ+{said:%y%m%d:%H%M}+{control}",
        *message,
        f"UNT+{len(message) + 1}+M1",
        f"UNZ+1+{control}",
    ]
    return "".join(f"{part}'" for part in parts).encode()


def dcsa(event: Event) -> bytes | None:
    data = event.data
    if data.about.type is not ReferenceType.BOL:
        return None
    said = {"eventID": event.id, "eventCreatedDateTime": event.occurred_at, "eventType": "TRANSPORT"}
    named = {"documentReferences": [{"documentReferenceType": "TRD", "documentReferenceValue": data.about.value}]}
    if isinstance(data, ShipmentMilestone) and data.code in _DCSA:
        code, mode = _DCSA[data.code]
        call = {"transportCall": {"transportCallID": f"{data.about.value}-{code}", "modeOfTransport": mode}}
        what = {"eventClassifierCode": "ACT", "eventDateTime": event.occurred_at, "transportEventTypeCode": code} | call
    elif isinstance(data, EtaChanged):
        what = {"eventClassifierCode": "EST", "eventDateTime": data.eta_at, "transportEventTypeCode": "ARRI"}
        what["shipmentLocationType"] = "PDE"
    else:
        return None
    return msgspec.json.encode(said | what | named)


def epcis(event: Event) -> bytes | None:
    """A package of a warehouse's shipment, unless it has a carrier's number too, which EPCIS has no place for."""
    data = event.data
    if not isinstance(data, PackagePacked) or data.tracking_number is not None:
        return None
    return msgspec.json.encode(
        {
            "type": "ObjectEvent",
            "eventID": f"urn:uuid:{event.id}",
            "eventTime": event.occurred_at,
            "eventTimeZoneOffset": "+00:00",
            "action": "OBSERVE",
            "bizStep": "packing",
            "epcList": [f"https://id.gs1.org/00/{data.package}"],
            "bizTransactionList": [{"type": "desadv", "bizTransaction": data.about.value}],
        }
    )


def bluecrest(event: Event) -> bytes | None:
    """One flat object, by the PRO."""
    data = event.data
    said: dict[str, object] = {
        "eventId": event.id,
        "proNumber": data.about.value,
        "eventTimeMs": _ms(event.occurred_at),
    }
    if isinstance(data, EtaChanged):
        said |= {"statusCode": 80, "etaMs": _ms(data.eta_at)}
    elif isinstance(data, ShipmentMilestone) and data.code in _JSON["bluecrest"]:
        said |= {"statusCode": int(_JSON["bluecrest"][data.code]), "city": data.place.city if data.place else None}
    else:
        return None
    return msgspec.json.encode(said) if data.about.type is ReferenceType.PRO else None


def nordvik(event: Event, thing: Thing) -> bytes | None:
    """The scan of one package, by its SSCC."""
    data = event.data
    code = _JSON["nordvik"].get(data.code) if isinstance(data, ShipmentMilestone) else None
    if code is None or not thing.packages:
        return None
    scan = {"scanId": event.id, "event": {"code": code}, "scannedAt": event.occurred_at}
    return msgspec.json.encode({"parcels": [{"sscc": thing.packages[0], "scans": [scan]}]})


def transalpina(event: Event, thing: Thing) -> bytes | None:
    """A movement with local date and time, by the shipper's number."""
    data = event.data
    code = _JSON["transalpina"].get(data.code) if isinstance(data, ShipmentMilestone) else None
    if code is None:
        return None
    local = event.occurred_at.astimezone(ZoneInfo("Europe/Rome"))
    movement = {"progressivo": event.id, "stato": code, "data": f"{local:%d/%m/%Y}", "ora": f"{local:%H:%M}"}
    shipment = {"riferimento_mittente": thing.numbers[ReferenceType.TMS_SHIPMENT], "movimenti": [movement]}
    return msgspec.json.encode({"messaggio": event.id, "spedizione": shipment})


def csv(event: Event) -> bytes | None:
    """A header and one row: a milestone by the number the sender knows."""
    data = event.data
    if not isinstance(data, ShipmentMilestone):
        return None
    at = event.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    city = data.place.city if data.place and data.place.city else ""
    header = f"id,time,{data.about.type},code,city,note"
    return f"{header}\n{event.id},{at},{data.about.value},{data.code},{city},as uploaded\n".encode()


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
