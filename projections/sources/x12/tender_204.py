"""X12 204, motor carrier load tender: a load with its stops, the shipments on it, and the carrier it is offered to.

The load is B2-04. A stop serves the shipments its L11*SI name; where no stop names any, the load is one shipment of
the same number. Of a tender that is taken back (B2A-01) only that is kept.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import msgspec

from projections.event import RejectionReason
from projections.events import LoadPlanned, ShipmentAssigned, ShipmentTendered, TenderRejected
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.codes.x12_freight import (
    CANCELLING_PURPOSES,
    DELIVERY_DATES,
    INFORMING_PURPOSES,
    PICKUP_DATES,
    STOP_PURPOSES,
)
from projections.sources.x12.naming import MAX_VALUE, named, scac
from projections.sources.x12.parties import places
from projections.sources.x12.reading import UnreadableError, at, created_at, instant, whole_number
from projections.sources.x12.syntax import Segment, TransactionSet
from projections.sources.x12.taking import Said, Statement
from projections.values import Carrier, Place, Stop, StopShipment

MAX_STOPS = 200
_TAKEN_BACK = "The tender was taken back"


class _Loop(msgspec.Struct, frozen=True):
    """An S5 loop that is a stop of ours."""

    number: int
    purpose: str
    segments: list[Segment]

    @property
    def shipments(self) -> tuple[str, ...]:
        values = (value for kind, value in named(self.segments) if kind is ReferenceType.TMS_SHIPMENT)
        return tuple(dict.fromkeys(value for value in values if len(value) <= MAX_VALUE))


def tender_204(message: TransactionSet, source: Source) -> Iterator[Said]:
    """The load's plan, then for each shipment that it is on the load and offered to the carrier."""
    beginning = _first(message.segments, "B2")
    load = at(beginning, 4)
    if not 0 < len(load) <= MAX_VALUE:
        raise UnreadableError("it has no B2 with a shipment identification number (B2-04)")
    purpose = at(_first(message.segments, "B2A"), 1)
    code = scac(at(beginning, 2) or at(_first(message.segments, "MS3"), 1), source)
    carrier = Carrier(code) if code else None
    loops, made_at = _stop_loops(message.segments), created_at(message, source)
    shipments = tuple(dict.fromkeys(one for loop in loops for one in loop.shipments)) or (load,)
    if purpose not in CANCELLING_PURPOSES:
        yield Statement(made_at, _plan(load, carrier, loops, source))
    if source.tenant is None:
        detail = "the shipments of a tender are known by their shipper's numbers, which need a tenant"
        raise UnreadableError(detail, RejectionReason.WRONG_REFERENCE)
    for shipment in shipments:
        yield from _offered(Reference(ReferenceType.TMS_SHIPMENT, shipment), load, purpose, carrier, made_at)


def _offered(about: Reference, load: str, purpose: str, carrier: Carrier | None, made_at: datetime) -> Iterator[Said]:
    taken_back = purpose in CANCELLING_PURPOSES
    if not taken_back:
        yield Statement(made_at, ShipmentAssigned(about=about, load=load))
    if carrier is None:
        yield UnreadableError("no carrier is named (B2-02) to offer the load to")
    elif taken_back:
        yield Statement(made_at, TenderRejected(about=about, carrier=carrier, reason=_TAKEN_BACK))
    elif purpose not in INFORMING_PURPOSES:
        yield Statement(made_at, ShipmentTendered(about=about, carrier=carrier))


def _plan(load: str, carrier: Carrier | None, loops: list[_Loop], source: Source) -> LoadPlanned:
    named_any = any(loop.shipments for loop in loops)
    stops = tuple(_stop(loop, loop.shipments if named_any else (load,), source) for loop in loops)
    return LoadPlanned(about=Reference(ReferenceType.LOAD, load), stops=stops, carrier=carrier)


def _stop(loop: _Loop, shipments: tuple[str, ...], source: Source) -> Stop:
    tenant = source.tenant
    served = tuple(StopShipment(tenant, shipment) for shipment in shipments) if tenant else ()
    where = next((found for _, found in places(loop.segments)), Place())
    return Stop(loop.number, loop.purpose, where, _planned_at(loop, where, source), served)


def _planned_at(loop: _Loop, where: Place, source: Source) -> datetime | None:
    dates = {at(segment, 1): segment for segment in loop.segments if segment[0] == "G62"}
    order = PICKUP_DATES if loop.purpose == "pickup" else DELIVERY_DATES
    best = next((dates[qualifier] for qualifier in order if qualifier in dates), None)
    return instant(at(best, 2), at(best, 4), at(best, 5), source, where)[0] if best else None


def _stop_loops(segments: list[Segment]) -> list[_Loop]:
    starts = [position for position, segment in enumerate(segments) if segment[0] == "S5"]
    loops = []
    for start, end in pairwise([*starts, len(segments)]):
        number, purpose = whole_number(at(segments[start], 1)), STOP_PURPOSES.get(at(segments[start], 2).upper())
        if number is None or not 1 <= number <= MAX_STOPS:
            raise UnreadableError(f"S5 at segment {start + 1} has no stop number from 1 to {MAX_STOPS}")
        if purpose is not None:
            loops.append(_Loop(number, purpose, segments[start + 1 : end]))
    return loops


def _first(segments: list[Segment], tag: str) -> Segment:
    return next((segment for segment in segments if segment[0] == tag), [tag])
