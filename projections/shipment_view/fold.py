"""How each event changes what is remembered of a shipment. Pure; every step is a join."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from projections.event import Event
from projections.events import (
    About,
    CaseLinked,
    ChargePosted,
    DocumentAdded,
    EtaChanged,
    ExceptionCleared,
    ExceptionRaised,
    LoadMilestone,
    LoadPlanned,
    PackagePacked,
    ReferenceLinked,
    ReturnAuthorised,
    ReturnReceived,
    ShipmentAssigned,
    ShipmentCancelled,
    ShipmentMilestone,
    ShipmentPlanned,
    ShipmentShipped,
    ShipmentTendered,
    TenderAccepted,
    TenderRejected,
)
from projections.references import Reference, ReferenceType, SubjectKind
from projections.registers import Stamp, earlier, join, join_at, later, stamp_of
from projections.retraction import identity, note_retraction
from projections.sections import GUARDED_EVENTS
from projections.shipment_view.state import ExceptionFact, MilestoneFact, ShipmentState, Tender
from projections.values import Place, Stop

# GS1 General Specifications, AI (00): 18 digits.
_SSCC = re.compile(r"[0-9]{18}")
_NEVER = datetime.min.replace(tzinfo=UTC)


def fold(state: ShipmentState, event: Event) -> None:
    """Join one event into the state. Any order, repetition and batching of the same events ends alike."""
    if note_retraction(state, event):
        return
    step = _STEPS.get(type(event.data))
    if step is None:
        return
    step(state, event, event.data)
    _remember_references(state, event)
    if isinstance(event.data, LoadPlanned | LoadMilestone):
        return
    state.sources[event.source] = later(state.sources.get(event.source), event.occurred_at)
    if not isinstance(event.data, GUARDED_EVENTS):
        state.last_event_at = later(state.last_event_at, event.occurred_at)


def _remember_references(state: ShipmentState, event: Event) -> None:
    data = event.data
    if isinstance(data, About) and data.about.identifies is SubjectKind.SHIPMENT:
        for reference in (data.about, *data.references):
            _remember(state, reference)


def _remember(state: ShipmentState, reference: Reference) -> None:
    state.references[f"{reference.type} {reference.carrier or ''} {reference.value}"] = reference


def _planned(state: ShipmentState, event: Event, data: ShipmentPlanned) -> None:
    state.plan = join(state.plan, stamp_of(event), data)
    state.created_at = earlier(state.created_at, event.occurred_at)


def _tender(state: ShipmentState, event: Event, tender: Tender) -> None:
    state.tender = join(state.tender, stamp_of(event), tender)


def _offered(state: ShipmentState, event: Event, data: ShipmentTendered) -> None:
    _tender(state, event, Tender("offered", data.carrier))


def _accepted(state: ShipmentState, event: Event, data: TenderAccepted) -> None:
    _tender(state, event, Tender("accepted", data.carrier))


def _rejected(state: ShipmentState, event: Event, data: TenderRejected) -> None:
    _tender(state, event, Tender("rejected", data.carrier))


def _shipped(state: ShipmentState, event: Event, data: ShipmentShipped) -> None:
    state.shipped = join(state.shipped, stamp_of(event), data)


def _cancelled(state: ShipmentState, event: Event, data: ShipmentCancelled) -> None:
    state.cancelled = join(state.cancelled, stamp_of(event), data)


def _eta(state: ShipmentState, event: Event, data: EtaChanged) -> None:
    if data.is_planned:
        state.planned_eta_at = join(state.planned_eta_at, stamp_of(event), data.eta_at)
    else:
        state.eta_at = join(state.eta_at, stamp_of(event), data.eta_at)


def _milestone(state: ShipmentState, event: Event, data: ShipmentMilestone) -> None:
    fact = MilestoneFact(stamp_of(event), data.code, data.place, tz_source=data.tz_source, reported_at=data.reported_at)
    # A report's key cannot be an event's: those have no line breaks.
    key = identity(event.source, f"\n{data.report}" if data.report else event.id)
    known = state.milestones.get(key)
    if known is None or _reported(fact) > _reported(known):
        state.milestones[key] = fact


def _reported(fact: MilestoneFact) -> tuple[datetime, Stamp]:
    """What decides between two versions of one report."""
    return fact.reported_at or _NEVER, fact.stamp


def _load_milestone(state: ShipmentState, event: Event, data: LoadMilestone) -> None:
    # At a stop the customer's own plan says where; on the way no more is told than the town.
    place = Place(city=data.place.city, country=data.place.country) if data.place and data.stop is None else None
    fact = MilestoneFact(stamp_of(event), data.code, place, data.about.value, data.stop, data.tz_source)
    state.milestones[identity(event.source, event.id)] = fact


def _load_planned(state: ShipmentState, event: Event, data: LoadPlanned) -> None:
    own = tuple(stop for stop in (_own_part(stop, state.tenant) for stop in data.stops) if stop.shipments)
    join_at(state.load_stops, data.about.value, stamp_of(event), own)


def _own_part(stop: Stop, tenant: str) -> Stop:
    """A stop without what it does for other customers: their names never enter this customer's state."""
    shipments = tuple(shipment for shipment in stop.shipments if shipment.tenant == tenant)
    return Stop(stop.stop, stop.purpose, stop.place, stop.planned_at, shipments)


def _assigned(state: ShipmentState, event: Event, data: ShipmentAssigned) -> None:
    _remember(state, Reference(ReferenceType.LOAD, data.load))
    join_at(state.assignments, data.load, stamp_of(event), data)


def _exception(state: ShipmentState, event: Event, exception: str) -> ExceptionFact:
    return state.exceptions.setdefault(identity(event.source, exception), ExceptionFact())


def _raised(state: ShipmentState, event: Event, data: ExceptionRaised) -> None:
    fact = _exception(state, event, data.exception)
    fact.raised = join(fact.raised, stamp_of(event), data)


def _cleared(state: ShipmentState, event: Event, data: ExceptionCleared) -> None:
    fact = _exception(state, event, data.exception)
    fact.cleared = join(fact.cleared, stamp_of(event), data)


def _packed(state: ShipmentState, event: Event, data: PackagePacked) -> None:
    if _SSCC.fullmatch(data.package):
        _remember(state, Reference(ReferenceType.PACKAGE_SSCC, data.package))
    if data.tracking_number is not None:
        _remember(state, Reference(ReferenceType.TRACKING_NUMBER, data.tracking_number))
    join_at(state.packages, data.package, stamp_of(event), data)


def _document(state: ShipmentState, event: Event, data: DocumentAdded) -> None:
    join_at(state.documents, identity(event.source, data.document), stamp_of(event), data)


def _charge(state: ShipmentState, event: Event, data: ChargePosted) -> None:
    join_at(state.charges, identity(event.source, data.charge), stamp_of(event), data)


def _return_authorised(state: ShipmentState, event: Event, data: ReturnAuthorised) -> None:
    join_at(state.returns_authorised, data.authorisation, stamp_of(event), data)


def _return_received(state: ShipmentState, event: Event, data: ReturnReceived) -> None:
    join_at(state.returns_received, data.authorisation, stamp_of(event), data)


def _case(state: ShipmentState, event: Event, data: CaseLinked) -> None:
    _remember(state, Reference(ReferenceType.CRM_CASE, data.case))
    join_at(state.cases, data.case, stamp_of(event), data)


def _linked(_state: ShipmentState, _event: Event, _data: ReferenceLinked) -> None:
    """All it says are its references, which every step remembers."""


# Which event does what: the whole reaction of a shipment to the world.
_STEPS: dict[type, Callable[[ShipmentState, Event, Any], None]] = {
    ShipmentPlanned: _planned,
    ShipmentTendered: _offered,
    TenderAccepted: _accepted,
    TenderRejected: _rejected,
    ShipmentShipped: _shipped,
    ShipmentCancelled: _cancelled,
    ShipmentMilestone: _milestone,
    EtaChanged: _eta,
    ExceptionRaised: _raised,
    ExceptionCleared: _cleared,
    PackagePacked: _packed,
    LoadPlanned: _load_planned,
    ShipmentAssigned: _assigned,
    LoadMilestone: _load_milestone,
    DocumentAdded: _document,
    ChargePosted: _charge,
    ReturnAuthorised: _return_authorised,
    ReturnReceived: _return_received,
    CaseLinked: _case,
    ReferenceLinked: _linked,
}
