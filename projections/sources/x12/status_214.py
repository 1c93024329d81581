"""X12 214, transportation carrier shipment status: milestones, problems and ETAs of one shipment.

Each AT7 is a report of its own with the place of the MS1 that follows it; those without one that happen at an end of
the way happen at the ship-from or ship-to party's. AT7-01 is a status, AT7-02 its reason, AT7-03 an appointment's
status, AT7-04 its reason. An AT7 that cannot be read is refused alone.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from projections.event import RejectionReason
from projections.events import EtaChanged, EventData, ExceptionCleared, ExceptionRaised, ShipmentMilestone
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source, TzSource
from projections.sources.codes.x12 import (
    APPOINTMENTS,
    DESTINATION_PARTIES,
    NORMAL_REASONS,
    ORIGIN_PARTIES,
    REASONS,
    REFERENCE_QUALIFIERS,
    STATUSES,
    VAGUE_EXCEPTIONS,
    StatusMeaning,
)
from projections.sources.x12.naming import CARRIERS_ORDER, Named, best, named, scac
from projections.sources.x12.parties import party_place
from projections.sources.x12.reading import UnreadableError, at, created_at, free_text, instant, place
from projections.sources.x12.syntax import Segment, TransactionSet
from projections.sources.x12.taking import Nothing, Said, Statement
from projections.values import Place

MAX_EXCEPTION = 80
_UNKNOWN = StatusMeaning("unmapped")
_UNKNOWN_REASON = "other"


class _Report(msgspec.Struct, frozen=True):
    """One AT7 with its place. In what a 214 before release 004 calls AT7-06, the century, shifts the rest."""

    about: Reference
    segment: Segment
    position: int
    where: Place | None
    source: Source
    created_at: datetime

    @property
    def date_and_time(self) -> tuple[str, str, str]:
        date, century = at(self.segment, 5), at(self.segment, 6)
        if len(century) == len("CC") and len(date) == len("YYMMDD"):
            return century + date, at(self.segment, 7), at(self.segment, 8)
        return date, century, at(self.segment, 7)


def status_214(message: TransactionSet, source: Source) -> Iterator[Said]:
    """Everything a 214 says; `UnreadableError` in place of what it says wrongly."""
    about = _about(message.segments, source)
    created = created_at(message, source)
    ends = {
        "pickup": party_place(message.segments, ORIGIN_PARTIES),
        "delivery": party_place(message.segments, DESTINATION_PARTIES),
    }
    reported = False
    for position, segment in enumerate(message.segments):
        if segment[0] == "AT7":
            reported = True
            report = _Report(about, segment, position + 1, _where(message.segments, position, ends), source, created)
            try:
                yield from _said(report)
            except UnreadableError as error:
                yield UnreadableError(f"AT7 at segment {position + 1}: {error.detail}", error.reason)
    if not reported:
        raise UnreadableError("it has no AT7, so it reports no status")


def _about(segments: list[Segment], source: Source) -> Reference:
    """The PRO of B10-01 first: the carrier's own number of the shipment. B10-02 is the shipper's number."""
    beginning = next((segment for segment in segments if segment[0] == "B10"), None)
    if beginning is None:
        raise UnreadableError("it has no B10")
    found = best(_candidates(beginning, segments), CARRIERS_ORDER, scac(at(beginning, 3), source), source.tenant)
    if found is None:
        detail = "no identifier of a shipment that can be used: a PRO needs B10-03, the shipper's number a tenant"
        raise UnreadableError(detail, RejectionReason.WRONG_REFERENCE)
    return found


def _candidates(beginning: Segment, segments: Iterable[Segment]) -> Iterator[Named]:
    if pro := at(beginning, 1):
        yield ReferenceType.PRO, pro
    kind = REFERENCE_QUALIFIERS.get(at(beginning, 5))
    if kind is not None and (value := at(beginning, 6)):
        yield kind, value
    yield from named(segments)
    if shipment := at(beginning, 2):
        yield ReferenceType.TMS_SHIPMENT, shipment


def _where(segments: list[Segment], position: int, ends: dict[str, Place | None]) -> Place | None:
    """The place of the MS1 between this AT7 and the next; else, if the status names an end of the way, that end."""
    for segment in segments[position + 1 : position + 4]:
        if segment[0] == "MS1":
            return place(at(segment, 1), at(segment, 2), at(segment, 3))
        if segment[0] != "MS2":
            break
    return ends.get(_meaning(segments[position])[0].side or "")


def _meaning(segment: Segment) -> tuple[StatusMeaning, str, str]:
    """What the code says, the code, and its reason."""
    if status := at(segment, 1).upper():
        return STATUSES.get(status, _UNKNOWN), status, at(segment, 2).upper()
    appointment = at(segment, 3).upper()
    return APPOINTMENTS.get(appointment, _UNKNOWN), appointment, at(segment, 4).upper()


def _said(report: _Report) -> Iterator[Said]:
    meaning, code, reason = _meaning(report.segment)
    if not code:
        raise UnreadableError("neither a status (AT7-01) nor an appointment (AT7-03)")
    when, tz_source = instant(*report.date_and_time, report.source, report.where)
    occurred_at = when
    if meaning.is_eta or not at(report.segment, 1):
        # The date is one to come; it was said when the message was made.
        occurred_at = report.created_at
    for data in _data(report, meaning, _RawCode(code, reason), when, tz_source):
        yield Statement(occurred_at, data)
    if meaning.nothing is not None:
        yield Nothing(f"{code}: {meaning.nothing}")


class _RawCode(msgspec.Struct, frozen=True):
    status: str
    reason: str

    @property
    def text(self) -> str:
        return f"{self.status}/{self.reason}"[:64] if self.reason else self.status[:64]


def _data(
    report: _Report, meaning: StatusMeaning, code: _RawCode, when: datetime, tz_source: TzSource | None
) -> Iterator[EventData]:
    about, where = report.about, report.where
    if meaning.milestone is not None:
        is_appointment = not at(report.segment, 1)
        note = f"Appointment: {when.isoformat()}" if is_appointment else None
        yield ShipmentMilestone(
            about=about, code=meaning.milestone, place=where, note=note, raw_code=code.text, tz_source=tz_source
        )
    if meaning.is_eta:
        yield EtaChanged(about=about, eta_at=when, tz_source=tz_source)
    for cleared in meaning.clears:
        yield ExceptionCleared(about=about, exception=_exception_id(about, cleared))
    problem = _problem(meaning, code.reason)
    if problem is not None:
        yield ExceptionRaised(
            about=about,
            exception=_exception_id(about, problem),
            code=problem,
            place=where,
            raw_code=code.text,
            tz_source=tz_source,
        )


def _problem(meaning: StatusMeaning, reason: str) -> str | None:
    """The status's own problem if it is one of a kind, else the reason's."""
    if meaning.exception is not None and meaning.exception not in VAGUE_EXCEPTIONS:
        return meaning.exception
    if not reason or reason in NORMAL_REASONS:
        return meaning.exception
    known = REASONS.get(reason, _UNKNOWN_REASON)
    return meaning.exception if known == _UNKNOWN_REASON and meaning.exception else known


def _exception_id(about: Reference, problem: str) -> str:
    """One problem of a kind a shipment: X12 gives problems no number, and says they are over by kind."""
    return free_text(f"{problem}:{about.value}"[:MAX_EXCEPTION]) or problem
