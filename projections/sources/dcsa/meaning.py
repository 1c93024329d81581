"""What a DCSA event says in our words."""

from collections.abc import Iterator

from projections.event import RejectionReason
from projections.events import (
    EtaChanged,
    EventData,
    EventRetracted,
)
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.canonical import Statement, all_of
from projections.sources.codes import dcsa as codes
from projections.sources.dcsa.event import DcsaEvent, Withdrawal, read_event, read_withdrawal
from projections.sources.dcsa.paperwork import of_document
from projections.sources.dcsa.words import customs_stop, exception_cleared, exception_raised, milestone
from projections.sources.json_fields import Fields, RefusedError
from projections.sources.json_messages import Said

_DOCUMENTS = (
    ("BKG", ReferenceType.TRACKING_NUMBER),
    ("TRD", ReferenceType.BOL),
    ("CBR", ReferenceType.TRACKING_NUMBER),
)
_ANY = Reference(ReferenceType.TRACKING_NUMBER, "any")


def read(fields: Fields, source: Source) -> Said:
    """What one event says. Raises RefusedError."""
    if isinstance(fields.members.get("events"), dict):
        raise RefusedError(RejectionReason.INVALID, "events is not a list", fields.at("events"))
    withdrawal = read_withdrawal(fields, source)
    if withdrawal is not None:
        return [_withdrawn(withdrawal, about, source) for about in _abouts(withdrawal, source)]
    event = read_event(fields, source)
    if isinstance(event, str):
        return event
    # Asked first, so that paperwork we show nothing of need not name a shipment.
    if next(_said(event, _ANY), None) is None:
        return (
            f"{event.classifier} {event.code} of {event.document[0] if event.document else event.kind}: nothing we show"
        )
    return [_statement(event, source, data) for about in _abouts(event, source) for data in _said(event, about)]


def _abouts(event: DcsaEvent | Withdrawal, source: Source) -> list[Reference]:
    """Each container it is about, else the booking or the bill of lading; all are this carrier's numbers."""
    carrier = source.carrier
    if carrier is None:
        detail = "the source declares no carrier, so nothing says whose containers and bookings these are"
        raise RefusedError(RejectionReason.WRONG_REFERENCE, detail)
    if event.containers:
        return [Reference(ReferenceType.TRACKING_NUMBER, container, carrier) for container in event.containers]
    for kind, reference_type in _DOCUMENTS:
        if number := event.documents.get(kind):
            return [Reference(reference_type, number, carrier)]
    raise RefusedError(RejectionReason.WRONG_REFERENCE, "names no container, booking or transport document")


def _said(event: DcsaEvent, about: Reference) -> Iterator[EventData]:
    if event.kind == "SHIPMENT":
        yield from of_document(event, about)
        return
    if event.classifier == "ACT":
        yield from _happened(event, about)
    elif event.code in codes.ARRIVALS and _at_final_place(event):
        planned = event.classifier == "PLN"
        yield EtaChanged(about=about, eta_at=event.at, tz_source=event.tz_source, is_planned=planned)
    yield from _delayed(event, about)


def _happened(event: DcsaEvent, about: Reference) -> Iterator[EventData]:
    code = _move(event)
    if code is not None:
        yield milestone(event, about, code)
    if event.kind == "EQUIPMENT" and event.code in codes.CUSTOMS_STOPS:
        yield exception_raised(event, about, customs_stop(about), "customs_hold")
    if event.kind == "EQUIPMENT" and event.code == codes.CUSTOMS_RELEASE:
        yield exception_cleared(about, customs_stop(about))


def _move(event: DcsaEvent) -> str | None:
    """The milestone a move that happened reaches; None when it says nothing of the goods."""
    final = _at_final_place(event)
    door = event.facility_type == codes.CUSTOMER_LOCATION
    if event.kind == "TRANSPORT":
        if event.code == "ARRI" and event.location_type in codes.FIRST_PLACES:
            return "arrived_at_pickup"
        moves = codes.TRANSPORT_AFLOAT if event.mode in codes.AFLOAT else codes.TRANSPORT
        return _milestone_of(moves.get(event.code), final=final, door=door)
    if event.code in codes.SILENT_EQUIPMENT | codes.CUSTOMS_STOPS:
        return None
    if event.empty:
        return "delivered" if event.code in codes.EMPTY_AFTER_DELIVERY and (final or door) else None
    if event.empty is False and door and not final and event.code in codes.LADEN_FROM_A_DOOR:
        return codes.LADEN_FROM_A_DOOR[event.code]
    return _milestone_of(codes.EQUIPMENT.get(event.code), final=final, door=door)


def _milestone_of(meaning: codes.MoveMeaning | None, *, final: bool, door: bool) -> str | None:
    if meaning is None:
        return "unmapped"
    if final:
        return meaning.at_final_place
    return meaning.at_a_door if door else meaning.on_the_way


def _at_final_place(event: DcsaEvent) -> bool:
    """Whether the event says it is where the goods are to be delivered.

    3.0 names the place of delivery. Else it is a customer's door that a laden container comes to or an import ends
    at; a door alone may be the shipper's, and which port is the last one 2.2 does not say.
    """
    if event.location_type is not None:
        return event.location_type == codes.FINAL_PLACE
    if event.facility_type != codes.CUSTOMER_LOCATION or event.movement == "EXPORT":
        return False
    return event.movement == "IMPORT" or (event.empty is False and event.code in codes.ARRIVALS)


def _delayed(event: DcsaEvent, about: Reference) -> Iterator[EventData]:
    """A reason for delay stands until the call it delays is made without one."""
    if event.kind != "TRANSPORT":
        return
    problem = f"delay {event.code} {event.call or event.native_id}"[:80]
    if event.delays:
        code = next((codes.DELAYS[each] for each in event.delays if each in codes.DELAYS), "other")
        yield exception_raised(event, about, problem, code, raw_code=event.delays[0])
    elif event.classifier == "ACT" and event.call:
        yield exception_cleared(about, problem)


def _statement(event: DcsaEvent, source: Source, data: EventData) -> Statement:
    """What happened is so as of when it happened; what is expected, as of when it was said, so the latest word counts."""
    at = event.at if event.classifier == "ACT" else event.stamped_at or event.at
    return Statement(data, at, source.tenant, event.native_id)


def _withdrawn(withdrawal: Withdrawal, about: Reference, source: Source) -> Statement:
    """Takes back all that was ever said under the event's id, in any of its versions."""
    retracted = EventRetracted(about=about, retracts=all_of(withdrawal.native_id))
    return Statement(retracted, withdrawal.at, source.tenant, withdrawal.native_id)
