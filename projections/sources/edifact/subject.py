"""Which shipment a status is about: the surest reference given nearest to it."""

import re
from collections.abc import Iterator

from projections.event import RejectionReason
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.codes.edifact import (
    CARRIER_REFERENCES,
    CONTAINER_REFERENCES,
    SCAC_REFERENCE,
    TENANT_REFERENCES,
)
from projections.sources.edifact.segments import Segment
from projections.sources.edifact.structure import Group, Status
from projections.sources.edifact.times import Unreadable

_SCAC = re.compile(r"[A-Z]{2,4}")
_SSCC = re.compile(r"(?:00)?(\d{18})")
_ORDER = {qualifier: rank for rank, qualifier in enumerate([*CARRIER_REFERENCES, *TENANT_REFERENCES])}


def subject(status: Status, source: Source, *, consignments_count: int) -> Reference:
    """What the status is about. Raises Unreadable when nothing in it can name a shipment."""
    near = [status.own, *status.legs, *status.containers]
    # In a message of several consignments, what the header names is none of them in particular.
    far = [status.header] if consignments_count <= 1 else []
    carrier = _carrier(status, source)
    candidates = [
        *(_by_carrier(_references(near), carrier)),
        *(_consignment_number(status.consignment, carrier)),
        *(_by_carrier(_references(far), carrier)),
        *(_packages(status)),
        *(_containers(status, _references(near + far), carrier)),
        *(_by_tenant(_references(near) + _references(far), source)),
    ]
    for candidate in candidates:
        if candidate.value:
            return candidate
    where = f"segment {status.lead.position} (STS)"
    missing = "no reference" if carrier else "no reference that names it without a carrier or tenant"
    raise Unreadable(RejectionReason.WRONG_REFERENCE, f"{where}: {missing} names the shipment")


def _references(groups: list[Group]) -> list[Segment]:
    """The RFF of some groups, the surest qualifiers first."""
    found = [segment for group in groups for segment in group.all("RFF")]
    return sorted(found, key=lambda segment: _ORDER.get(segment.get(1), len(_ORDER)))


def _carrier(status: Status, source: Source) -> str | None:
    """The carrier whose numbers these are: as the message says, else as declared. Not that of a leg: it may be another."""
    parties = [*status.own.all("NAD"), *status.header.all("NAD")]
    named = [party.get(2) for party in parties if party.get(1) == "CA"]
    named += [
        rff.get(1, 1)
        for group in (status.own, status.header)
        for rff in group.all("RFF")
        if rff.get(1) == SCAC_REFERENCE
    ]
    return next((name for name in named if _SCAC.fullmatch(name)), source.carrier)


def _by_carrier(references: list[Segment], carrier: str | None) -> Iterator[Reference]:
    for segment in references:
        kind = CARRIER_REFERENCES.get(segment.get(1))
        if kind is not None and carrier is not None:
            yield Reference(ReferenceType(kind), segment.get(1, 1), carrier)


def _consignment_number(consignment: Group | None, carrier: str | None) -> Iterator[Reference]:
    """The number of the consignment itself (CNI C503 1004)."""
    if consignment is not None and carrier is not None:
        yield Reference(ReferenceType.TRACKING_NUMBER, consignment.lead.get(2), carrier)


def _packages(status: Status) -> Iterator[Reference]:
    """The SSCC of one of its packages (GIN+BJ; or with its application identifier 00)."""
    for group in status.goods:
        for segment in (each for each in group.parts if each.tag == "GIN"):
            for element in range(2, len(segment.elements)):
                match = _SSCC.fullmatch(segment.get(element))
                if match and (segment.get(1) == "BJ" or len(match[0]) > len(match[1])):
                    yield Reference(ReferenceType.PACKAGE_SSCC, match[1])


def _containers(status: Status, references: list[Segment], carrier: str | None) -> Iterator[Reference]:
    if carrier is None:
        return
    numbers = [group.lead.get(2) for group in status.containers]
    numbers += [segment.get(1, 1) for segment in references if segment.get(1) in CONTAINER_REFERENCES]
    for number in numbers:
        yield Reference(ReferenceType.TRACKING_NUMBER, number.replace(" ", ""), carrier)


def _by_tenant(references: list[Segment], source: Source) -> Iterator[Reference]:
    for segment in references:
        kind = TENANT_REFERENCES.get(segment.get(1))
        if kind is not None and source.tenant is not None:
            yield Reference(ReferenceType(kind), segment.get(1, 1))
