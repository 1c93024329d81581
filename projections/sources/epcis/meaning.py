"""What an EPCIS event says in our words."""

from collections.abc import Iterator
from datetime import datetime

from projections.event import RejectionReason
from projections.events import (
    EventRetracted,
    ExceptionRaised,
    PackagePacked,
    ShipmentMilestone,
    ShipmentShipped,
)
from projections.ownership import Role, role_of
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.canonical import Statement, event_id
from projections.sources.codes.epcis import (
    AT_DESTINATION,
    ELSEWHERE,
    EXCEPTIONS,
    RETURNED,
    SILENT_STEPS,
    STEPS,
    WAREHOUSE_STEPS,
)
from projections.sources.epcis.event import EpcisEvent, read_event
from projections.sources.json_fields import Fields, RefusedError
from projections.sources.json_messages import Said

_MAX_REFERENCES = 50
_MAX_RAW_CODE = 64
_MAX_ID = 80
_WAREHOUSES = frozenset({Role.WMS, Role.THIRD_PARTY})


def read(fields: Fields, source: Source) -> Said:
    """What one event says. Raises RefusedError."""
    if fields.text("type") in ("EPCISDocument", "EPCISQueryDocument"):
        raise RefusedError(RejectionReason.INVALID, "the document has no eventList", fields.at("epcisBody"))
    event = read_event(fields, source)
    silence = _silence(event, role_of(source.name))
    if silence is not None:
        return silence
    said = [(about, statement) for about in _abouts(event, source) for statement in _statements(event, source, about)]
    if event.withdrawn_at is None:
        return [statement for _, statement in said]
    return [_withdrawal(event.withdrawn_at, about, statement) for about, statement in said]


def _silence(event: EpcisEvent, role: Role | None) -> str | None:
    """Why an event says nothing to us; None when it says something."""
    if event.type == "TransformationEvent":
        return "goods were made of others"
    if event.type in ("ObjectEvent", "TransactionEvent") and event.action == "DELETE":
        return "objects, or their tie to a transaction, ceased to be"
    return None if event.disposition in EXCEPTIONS else _silent_step(event.step, event.action, role)


def _silent_step(step: str | None, action: str | None, role: Role | None) -> str | None:
    if step is None:
        return "no business step"
    if step in SILENT_STEPS or (step == "packing" and action == "DELETE"):
        return f"no shipment moves by {step}"
    if step in WAREHOUSE_STEPS and role is Role.WMS:
        return f"{step} is the warehouse's own affair"
    return None


def _abouts(event: EpcisEvent, source: Source) -> list[Reference]:
    """What it is about, by the surest name: the carrier's number, the shipper's shipment, else each logistic unit."""
    documents, carrier = event.documents, source.carrier
    if carrier and (number := documents.get("bol")):
        return [Reference(ReferenceType.BOL, number, carrier)]
    if carrier and (number := documents.get("ginc")):
        return [Reference(ReferenceType.TRACKING_NUMBER, number, carrier)]
    shipment = documents.get("gsin") or documents.get("desadv")
    if shipment and source.tenant and role_of(source.name) in _WAREHOUSES:
        return [Reference(ReferenceType.WMS_SHIPMENT, shipment)]
    if not event.units:
        detail = "names no shipment: no SSCC, and no bill of lading or despatch advice this source may name one by"
        raise RefusedError(RejectionReason.WRONG_REFERENCE, detail)
    return [Reference(ReferenceType.PACKAGE_SSCC, sscc) for sscc in event.units]


def _statements(event: EpcisEvent, source: Source, about: Reference) -> Iterator[Statement]:
    role = role_of(source.name)
    if event.step == "packing" and event.action != "DELETE" and role in _WAREHOUSES:
        yield from _packed(event, source, about)
    elif event.step == "shipping" and role is Role.WMS:
        shipped = ShipmentShipped(
            about=about, references=_unit_links(event, about), packages_count=len(event.units) or None
        )
        yield _statement(event, source, shipped)
    elif event.step is not None and _silent_step(event.step, event.action, role) is None:
        yield _statement(event, source, _milestone(event, event.step, about))
    code = EXCEPTIONS.get(event.disposition or "")
    if code is not None:
        problem = f"{event.disposition} {about.value}"[:_MAX_ID]
        raised = ExceptionRaised(
            about=about,
            exception=problem,
            code=code,
            place=event.place,
            raw_code=event.disposition,
            tz_source=event.tz_source,
        )
        yield _statement(event, source, raised)


def _packed(event: EpcisEvent, source: Source, about: Reference) -> Iterator[Statement]:
    """A package for each unit packed; by its parent's own name when that is no SSCC."""
    own = about.type is ReferenceType.PACKAGE_SSCC
    packages = (about.value,) if own else event.units or ((event.parent[:_MAX_ID],) if event.parent else ())
    if not packages:
        raise RefusedError(RejectionReason.WRONG_REFERENCE, "does not name the package: no SSCC and no parentID")
    for package in packages:
        links = () if own or package not in event.units else (Reference(ReferenceType.PACKAGE_SSCC, package),)
        yield _statement(event, source, PackagePacked(about=about, references=links, package=package))


def _unit_links(event: EpcisEvent, about: Reference) -> tuple[Reference, ...]:
    """The units of a shipment that is named otherwise: a warehouse may say that they are its shipment's."""
    if about.type is not ReferenceType.WMS_SHIPMENT:
        return ()
    return tuple(Reference(ReferenceType.PACKAGE_SSCC, sscc) for sscc in event.units[:_MAX_REFERENCES])


def _milestone(event: EpcisEvent, step: str, about: Reference) -> ShipmentMilestone:
    code = STEPS.get(step)
    if event.disposition == "returned":
        code = RETURNED.get(step)
    elif event.at_destination is not None:
        code = (AT_DESTINATION if event.at_destination else ELSEWHERE).get(step, code)
    return ShipmentMilestone(
        about=about,
        code=code or "unmapped",
        place=event.place,
        raw_code=step[:_MAX_RAW_CODE],
        tz_source=event.tz_source,
    )


def _statement(
    event: EpcisEvent, source: Source, data: ShipmentMilestone | ShipmentShipped | PackagePacked | ExceptionRaised
) -> Statement:
    return Statement(data, event.at, source.tenant, event.native_id)


def _withdrawal(at: datetime, about: Reference, statement: Statement) -> Statement:
    """Takes back what the event said before it was declared an error.

    The declaration repeats the event word for word, with the same eventID (EPCIS 2.0, section 7.4.1.4), so the id
    that was given then is found again by saying the same. Events that correct it come by themselves.
    """
    retracted = EventRetracted(about=about, retracts=event_id(statement))
    return Statement(retracted, at, statement.tenant, statement.native_id)
