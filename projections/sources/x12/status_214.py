"""X12 214, transportation carrier shipment status: milestones, problems and ETAs of one shipment.

Each AT7 (before release 003070: Q5) is a report of its own, at the place of the MS1 between it and the next; one
without a place that happens at an end of the way happens at the ship-from or ship-to party's. What else an LX loop
says (names in L11, remarks in K1, lading exceptions in Q7) is of all its reports, in whichever order: release 004030
put the reports last. A report that cannot be read is refused alone.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

import msgspec

from projections.event import RejectionReason
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.codes.x12 import DESTINATION_PARTIES, ORIGIN_PARTIES, REFERENCE_QUALIFIERS
from projections.sources.x12.naming import CARRIERS_ORDER, Named, best, named, scac
from projections.sources.x12.parties import party_place
from projections.sources.x12.reading import UnreadableError, at, created_at, free_text, instant, place
from projections.sources.x12.report_214 import Coded, Report, coded, dated, lading, said
from projections.sources.x12.syntax import Segment, TransactionSet
from projections.sources.x12.taking import Said
from projections.values import Place

_REPORTS = frozenset({"AT7", "Q5"})
# What may not stand between a report and its place.
_NEXT = _REPORTS | {"LX", "CD3"}
_ENDS = {"pickup": ORIGIN_PARTIES, "delivery": DESTINATION_PARTIES}


class _Loop(msgspec.Struct, frozen=True):
    """An LX loop, or all that stands before the first. `start` is the position of its first segment, from 0."""

    start: int
    segments: list[Segment]

    @property
    def says_anything(self) -> bool:
        return any(segment[0] in _REPORTS or segment[0] == "Q7" for segment in self.segments)

    @property
    def remark(self) -> str | None:
        return free_text(*(at(one, position) for one in self.segments if one[0] == "K1" for position in (1, 2)))


class _Message(msgspec.Struct, frozen=True):
    beginning: Segment
    segments: list[Segment]
    header: list[Segment]
    source: Source
    created_at: datetime


def status_214(message: TransactionSet, source: Source) -> Iterator[Said]:
    """Everything a 214 says; `UnreadableError` in place of what it says wrongly."""
    loops = _loops(message.segments)
    read = _message(message, loops[0].segments, source)
    told = [loop for loop in loops if loop.says_anything]
    if not told:
        raise UnreadableError("it has no AT7, so it reports no status")
    for loop in told:
        about = _about(read, loop)
        if about is None:
            detail = "no identifier of a shipment that can be used: a PRO needs B10-03, the shipper's number a tenant"
            yield UnreadableError(detail, RejectionReason.WRONG_REFERENCE)
        else:
            yield from _loop_said(read, loop, about)


def _loops(segments: list[Segment]) -> list[_Loop]:
    starts = [position for position, segment in enumerate(segments) if segment[0] == "LX"]
    return [_Loop(start, segments[start:end]) for start, end in pairwise([0, *starts, len(segments)])]


def _message(message: TransactionSet, header: list[Segment], source: Source) -> _Message:
    beginning = next((segment for segment in message.segments if segment[0] == "B10"), None)
    if beginning is None:
        raise UnreadableError("it has no B10")
    return _Message(beginning, message.segments, header, source, created_at(message, source))


def _about(read: _Message, loop: _Loop) -> Reference | None:
    """The PRO of B10-01 first: the carrier's own number of the shipment. B10-02 is the shipper's number.

    Where neither header nor loop names any, another loop's name will do if it is the only one of its type.
    """
    carrier, tenant = scac(at(read.beginning, 3), read.source), read.source.tenant
    header = [] if loop.start == 0 else read.header
    found = best(_candidates(read.beginning, [*header, *loop.segments]), CARRIERS_ORDER, carrier, tenant)
    if found is not None:
        return found
    every = list(_candidates(read.beginning, read.segments))
    other = best(every, CARRIERS_ORDER, carrier, tenant)
    return other if other and len({value for kind, value in every if kind is other.type}) == 1 else None


def _candidates(beginning: Segment, segments: Iterable[Segment]) -> Iterator[Named]:
    if pro := at(beginning, 1):
        yield ReferenceType.PRO, pro
    kind = REFERENCE_QUALIFIERS.get(at(beginning, 5))
    if kind is not None and (value := at(beginning, 6)):
        yield kind, value
    yield from named(segments)
    if shipment := at(beginning, 2):
        yield ReferenceType.TMS_SHIPMENT, shipment


def _loop_said(read: _Message, loop: _Loop, about: Reference) -> Iterator[Said]:
    happened_at, where = read.created_at, None
    for position, segment in enumerate(loop.segments):
        if segment[0] not in _REPORTS:
            continue
        try:
            codes = coded(segment)
            where = _where(read, loop, position, codes)
            when, tz_source = instant(*dated(segment), read.source, where)
            report = Report(about, codes, when, tz_source, where, loop.remark, read.created_at)
            happened_at = report.occurred_at
            yield from said(report)
        except UnreadableError as error:
            yield UnreadableError(f"{segment[0]} at segment {loop.start + position + 1}: {error.detail}", error.reason)
    for segment in loop.segments:
        if segment[0] == "Q7":
            yield lading(segment, about, happened_at, where)


def _where(read: _Message, loop: _Loop, position: int, codes: Coded) -> Place | None:
    """Q5-06 to 08, or the MS1 between this AT7 and the next; else, if the status names an end of the way, that end."""
    segment = loop.segments[position]
    found = place(at(segment, 6), at(segment, 7), at(segment, 8)) if segment[0] == "Q5" else None
    for following in loop.segments[position + 1 :]:
        if found is not None or following[0] in _NEXT:
            break
        if following[0] == "MS1":
            found = place(at(following, 1), at(following, 2), at(following, 3))
    end = _ENDS.get(codes.meaning.side or "")
    return found or (party_place(read.segments, end) if end else None)
