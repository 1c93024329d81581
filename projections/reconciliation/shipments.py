"""A TMS's shipment beside what we know of it: plan, names, load, tender, ETA, cancellation."""

from collections.abc import Iterator

import msgspec

from projections.events import (
    EtaChanged,
    ReferenceLinked,
    ShipmentAssigned,
    ShipmentCancelled,
    ShipmentPlanned,
    ShipmentTendered,
    TenderAccepted,
    TenderRejected,
)
from projections.reconciliation.claims import Claim, stamp
from projections.reconciliation.records import CancelledWord, EtaWord, ShipmentRecord, TenderWord
from projections.references import Reference, ReferenceType
from projections.shipment_view.state import ShipmentState

_TENDERS: dict[str, type[ShipmentTendered | TenderAccepted | TenderRejected]] = {
    "offered": ShipmentTendered,
    "accepted": TenderAccepted,
    "rejected": TenderRejected,
}


def claims(record: ShipmentRecord, state: ShipmentState | None) -> Iterator[Claim]:
    """The plan first: an unknown shipment becomes known by it."""
    about = Reference(ReferenceType.TMS_SHIPMENT, record.number)
    yield _plan(about, record, state)
    yield from _names(about, record, state)
    if record.load is not None:
        assigned = state is not None and record.load in state.assignments
        yield Claim(ShipmentAssigned(about=about, load=record.load), record.updated_at, assigned)
    if record.tender is not None:
        yield _tender(about, record.tender, state)
    if record.eta is not None:
        yield _eta(about, record.eta, state)
    if record.cancelled is not None:
        yield _cancelled(about, record.cancelled, state)


def _plan(about: Reference, record: ShipmentRecord, state: ShipmentState | None) -> Claim:
    planned = _in_order(
        ShipmentPlanned(
            about=about,
            ship_to=record.ship_to,
            carrier=record.carrier,
            service=record.service,
            mode=record.mode,
            origin=record.origin,
            planned_pickup_at=record.planned_pickup_at,
            planned_delivery_at=record.planned_delivery_at,
            promised_at=record.promised_at,
            lines=record.lines,
        )
    )
    known = state.plan if state else None
    # Names are claims of their own: one that belongs to another shipment must not sink the plan.
    same = known is not None and msgspec.structs.replace(_in_order(known.value), references=()) == planned
    return Claim(planned, record.updated_at, same, stamp(known))


def _in_order(planned: ShipmentPlanned) -> ShipmentPlanned:
    """The same plan with its lines sorted: in which order a system lists them says nothing."""
    lines = sorted(planned.lines, key=lambda line: (line.order, line.line, line.quantity))
    return msgspec.structs.replace(planned, lines=tuple(lines))


def _names(about: Reference, record: ShipmentRecord, state: ShipmentState | None) -> Iterator[Claim]:
    known = {about, *(state.references.values() if state else ())}
    for reference in sorted(set(record.references), key=msgspec.json.encode):
        linked = ReferenceLinked(about=about, references=(reference,))
        yield Claim(linked, record.updated_at, reference in known)


def _tender(about: Reference, word: TenderWord, state: ShipmentState | None) -> Claim:
    known = state.tender if state else None
    # The code says who it is; one side may write the name and the other not.
    same = known is not None and ((known.value.answer, known.value.carrier.scac) == (word.answer, word.carrier.scac))
    return Claim(_TENDERS[word.answer](about=about, carrier=word.carrier), word.at, same, stamp(known))


def _eta(about: Reference, word: EtaWord, state: ShipmentState | None) -> Claim:
    known = state.eta_at if state else None
    same = known is not None and known.value == word.eta_at
    return Claim(EtaChanged(about=about, eta_at=word.eta_at), word.at, same, stamp(known))


def _cancelled(about: Reference, word: CancelledWord, state: ShipmentState | None) -> Claim:
    cancelled = state is not None and state.cancelled is not None
    return Claim(ShipmentCancelled(about=about, reason=word.reason), word.at, cancelled)
