"""A DCSA event as far as we read it, whichever of the three shapes it comes in.

2.2 is flat; 3.0.0-Beta parts it into `metadata` and `payload`; 3.0.0 groups by `eventClassification`,
`shipmentDetails`, `transportDetails` and `equipmentDetails`. The names inside are mostly the same.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from projections.event import RejectionReason
from projections.sources.adapter import Source, TzSource, placed_in_time
from projections.sources.codes.zones import zone_of
from projections.sources.dcsa.places import facility_type_of, place_of
from projections.sources.json_fields import Fields, RefusedError
from projections.values import Place

_CODE_OF = {
    "SHIPMENT": "shipmentEventTypeCode",
    "TRANSPORT": "transportEventTypeCode",
    "EQUIPMENT": "equipmentEventTypeCode",
}
_OTHER_TYPES = frozenset({"IOT", "REEFER", "OPERATIONS"})
_CLASSIFIERS = frozenset({"ACT", "EST", "PLN"})
# Nothing is reported before it happened (but for clocks that are off), nor a decade later: such a stamp is wrong.
_BEFORE = timedelta(days=1)
_AFTER = timedelta(days=3653)


class Parts(msgspec.Struct, frozen=True):
    """Which object of the message has which fields."""

    meta: Fields
    kind: Fields
    classification: Fields
    body: Fields
    shipment: Fields
    transport: Fields
    equipment: Fields


class DcsaEvent(msgspec.Struct, frozen=True):
    """What, when and where. `at` is what the event is about and `stamped_at` when that was said or last changed."""

    native_id: str
    kind: str
    classifier: str
    code: str
    at: datetime
    tz_source: TzSource | None
    stamped_at: datetime | None
    place: Place | None
    facility_type: str | None
    location_type: str | None
    movement: str | None
    empty: bool | None
    mode: str | None
    call: str | None
    note: str | None
    delays: tuple[str, ...]
    remark: str | None
    containers: tuple[str, ...]
    document: tuple[str, str] | None
    documents: dict[str, str]


class Withdrawal(msgspec.Struct, frozen=True):
    """That an event is taken back: its id, when that was said, and what it was about as far as this says so."""

    native_id: str
    at: datetime
    containers: tuple[str, ...]
    documents: dict[str, str]


def parts_of(fields: Fields) -> Parts:
    """Tell the shapes apart."""
    if "metadata" in fields:
        meta, body = fields.inner("metadata"), fields.inner("payload")
        return Parts(meta, meta, body, body, body, body, body)
    if "eventClassification" in fields:
        classification = fields.inner("eventClassification")
        groups = [fields.inner(name) for name in ("shipmentDetails", "transportDetails", "equipmentDetails")]
        return Parts(fields, classification, classification, fields, *groups)
    return Parts(fields, fields, fields, fields, fields, fields, fields)


def read_event(fields: Fields, source: Source) -> DcsaEvent | str:
    """The event, or in words why it is of a kind that says nothing to us. Raises RefusedError."""
    parts = parts_of(fields)
    kind = parts.kind.needed("eventType", "eventTypeCode")
    if kind in _OTHER_TYPES:
        return f"{kind} events say nothing of a shipment's way"
    if kind not in _CODE_OF:
        detail = f"no event type is called {kind[:40]}"
        raise RefusedError(RejectionReason.UNKNOWN_TYPE, detail, parts.kind.at("eventType"))
    classifier = parts.classification.needed("eventClassifierCode")
    if classifier not in _CLASSIFIERS:
        where = parts.classification.at("eventClassifierCode")
        raise RefusedError(RejectionReason.UNKNOWN_CODE, f"no classifier is called {classifier[:40]}", where)
    place = place_of(parts.body, parts.transport)
    at, tz_source = _event_time(parts, place, source)
    call = parts.transport.inner("transportCall")
    return DcsaEvent(
        native_id=parts.meta.text("eventID") or "",
        kind=kind,
        classifier=classifier,
        code=parts.classification.needed(_CODE_OF[kind]),
        at=at,
        tz_source=tz_source,
        stamped_at=_stamped_at(parts, at, source, actual=classifier == "ACT"),
        place=place,
        facility_type=facility_type_of(parts.body, call),
        location_type=parts.shipment.text("shipmentLocationType"),
        movement=parts.equipment.text("movementType"),
        empty=_empty(parts.equipment),
        mode=call.text("modeOfTransport"),
        call=call.text("transportCallID", "transportCallReference"),
        note=_vessel(call),
        delays=_delays(parts.transport),
        remark=parts.transport.text("changeRemark") or parts.shipment.text("reason"),
        containers=_own_containers(parts, kind),
        document=_document(parts.shipment),
        documents=_documents(parts),
    )


def read_withdrawal(fields: Fields, source: Source) -> Withdrawal | None:
    """Which event is taken back, by `isRetracted` (3.0.0) or `retractedEventID` (3.0.0-Beta); None for any other event.

    Neither has to repeat what it takes back: its id is enough, and a name of what it was about. Raises RefusedError.
    """
    parts = parts_of(fields)
    flagged = fields.flag("isRetracted") or parts.meta.flag("isRetracted")
    named = parts.meta.text("retractedEventID")
    if not flagged and named is None:
        return None
    stamp = parts.meta.time("eventUpdatedDateTime", "eventCreatedDateTime") or parts.body.time("eventDateTime")
    if stamp is None:
        raise RefusedError(
            RejectionReason.INVALID, "eventCreatedDateTime is missing", parts.meta.at("eventCreatedDateTime")
        )
    return Withdrawal(
        native_id=named or parts.meta.needed("eventID"),
        at=placed_in_time(stamp, source)[0],
        containers=_containers(parts),
        documents=_documents(parts),
    )


def _event_time(parts: Parts, place: Place | None, source: Source) -> tuple[datetime, TzSource | None]:
    local = parts.body.time("eventDateTime")
    if local is None:
        raise RefusedError(RejectionReason.INVALID, "eventDateTime is missing", parts.body.at("eventDateTime"))
    zone = zone_of(place.country, place.region, place.city) if place else None
    return placed_in_time(local, source, place_zone=zone)


def _stamped_at(parts: Parts, at: datetime, source: Source, *, actual: bool) -> datetime | None:
    """When it was said: needed in 2.2 and 3.0.0-Beta, and wherever the latest word counts."""
    stamp = parts.meta.time("eventUpdatedDateTime", "eventCreatedDateTime")
    if stamp is None:
        grouped = parts.classification is not parts.body
        if grouped and actual:
            return None
        name = "eventUpdatedDateTime" if grouped else "eventCreatedDateTime"
        raise RefusedError(RejectionReason.INVALID, f"{name} is missing", parts.meta.at(name))
    stamped_at, _ = placed_in_time(stamp, source)
    if actual and not at - _BEFORE <= stamped_at <= at + _AFTER:
        name = "eventUpdatedDateTime" if "eventUpdatedDateTime" in parts.meta else "eventCreatedDateTime"
        detail = f"reported at {stamped_at.isoformat()}, of {at.isoformat()}: before it happened, or a decade later"
        raise RefusedError(RejectionReason.TIME_IMPOSSIBLE, detail, parts.meta.at(name))
    return stamped_at


def _empty(equipment: Fields) -> bool | None:
    indicator = equipment.text("emptyIndicatorCode")
    return None if indicator is None else indicator == "EMPTY"


def _vessel(call: Fields) -> str | None:
    """The vessel and its voyage, in words."""
    name = call.text("vesselName") or next(
        (found for group in ("vessel", "vesselTransport") if (found := call.inner(group).text("vesselName"))), None
    )
    voyage = call.text("exportVoyageNumber", "carrierExportVoyageNumber", "carrierVoyageNumber") or call.inner(
        "exportVoyageNumberOrReference"
    ).text("carrierVoyageNumber", "universalVoyageReference")
    return ", voyage ".join(part for part in (name, voyage) if part)[:500] if name else None


def _delays(transport: Fields) -> tuple[str, ...]:
    one = transport.text("delayReasonCode")
    return (one,) if one else tuple(code for code, _ in transport.texts("delayReasonCodes") if code)


def _own_containers(parts: Parts, kind: str) -> tuple[str, ...]:
    found = _containers(parts)
    if kind == "EQUIPMENT" and not found:
        where = parts.equipment.at("equipmentReference")
        raise RefusedError(RejectionReason.WRONG_REFERENCE, "the event names no container", where)
    return found


def _containers(parts: Parts) -> tuple[str, ...]:
    """The containers it is about: an equipment event's own, else those it refers to."""
    own = parts.equipment.text("equipmentReference")
    if own:
        return (own,)
    found = [value for code, value in _pairs(parts, "references", "shipmentReferences") if code == "EQ"]
    return tuple(dict.fromkeys(found))


def _document(shipment: Fields) -> tuple[str, str] | None:
    """The document a shipment event is about: its type and number."""
    if isinstance(shipment.members.get("documentReference"), dict):
        named = shipment.inner("documentReference")
        kind, number = named.text("typeCode"), named.text("reference")
    else:
        kind, number = shipment.text("documentTypeCode"), shipment.text("documentID", "documentReference")
    return (kind, number) if kind and number else None


def _documents(parts: Parts) -> dict[str, str]:
    """The first number of each type of document it refers to."""
    found: dict[str, str] = {}
    document = _document(parts.shipment)
    if document:
        found[document[0]] = document[1]
    for kind, number in _pairs(
        parts, "documentReferences", "relatedDocumentReferences", "additionalDocumentReferences"
    ):
        found.setdefault(kind, number)
    return found


def _pairs(parts: Parts, *names: str) -> Iterator[tuple[str, str]]:
    """Type and value of the references in these lists, however the version calls the two."""
    for name in names:
        for each in parts.shipment.each(name):
            kind = each.text("documentReferenceType", "referenceType", "typeCode", "type")
            value = each.text("documentReferenceValue", "referenceValue", "reference", "value")
            if kind and value:
                yield kind, value
