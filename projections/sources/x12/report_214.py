"""What one report of a 214 says: AT7, Q5, and Q7 beside them.

AT7-01 is a status, AT7-02 its reason, AT7-03 an appointment's status, AT7-04 its reason: the same letters mean other
things by position.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from projections.events import EtaChanged, EventData, ExceptionCleared, ExceptionRaised, ShipmentMilestone
from projections.references import Reference
from projections.sources.adapter import TzSource
from projections.sources.codes.x12 import (
    APPOINTMENTS,
    LADING_EXCEPTIONS,
    LADING_OVERAGE,
    NORMAL_REASONS,
    OLD_STATUSES,
    REASONS,
    STATUSES,
    VAGUE_EXCEPTIONS,
    StatusMeaning,
)
from projections.sources.x12.reading import UnreadableError, at, free_text
from projections.sources.x12.syntax import Segment
from projections.sources.x12.taking import Nothing, Said, Statement
from projections.values import Place

MAX_EXCEPTION = 80
_UNKNOWN = StatusMeaning("unmapped")
_UNKNOWN_REASON = "other"
# A reason is not given where all is well.
_REASON_ALONE = StatusMeaning(exception=_UNKNOWN_REASON)


class Coded(msgspec.Struct, frozen=True):
    """What the codes of a report mean, and as they were given. `beside` is what else was given and is not taken."""

    meaning: StatusMeaning
    raw_code: str
    reason: str = ""
    is_appointment: bool = False
    beside: str = ""

    @property
    def problem(self) -> str | None:
        """The status's own problem if it is one of a kind, else the reason's."""
        own = self.meaning.exception
        if own is not None and own not in VAGUE_EXCEPTIONS:
            return own
        if not self.reason or self.reason in NORMAL_REASONS:
            return own
        known = REASONS.get(self.reason, _UNKNOWN_REASON)
        return own if known == _UNKNOWN_REASON and own else known


class Report(msgspec.Struct, frozen=True):
    """One AT7 or Q5 with what belongs to it, and when its message was made."""

    about: Reference
    codes: Coded
    when: datetime
    tz_source: TzSource | None
    where: Place | None
    remark: str | None
    created_at: datetime

    @property
    def occurred_at(self) -> datetime:
        """What is yet to come was said when the message was made."""
        is_of_the_future = self.codes.meaning.is_eta or self.codes.is_appointment
        return self.created_at if is_of_the_future else self.when


def coded(segment: Segment) -> Coded:
    """Raises UnreadableError when there is no code."""
    status, reason, appointment = (at(segment, position).upper() for position in (1, 2, 3))
    if segment[0] == "Q5":
        return _old(status, at(segment, 5).upper())
    if status:
        return Coded(STATUSES.get(status, _UNKNOWN), _raw(status, reason), reason, beside=appointment)
    if appointment:
        reason = at(segment, 4).upper()
        return Coded(APPOINTMENTS.get(appointment, _UNKNOWN), _raw(appointment, reason), reason, is_appointment=True)
    if reason and reason not in NORMAL_REASONS:
        return Coded(_REASON_ALONE, _raw("", reason), reason)
    raise UnreadableError("neither a status (AT7-01) nor an appointment (AT7-03)")


def _old(status: str, reason: str) -> Coded:
    """Q5-01 and Q5-05 are of older lists (elements 157 and 641); the reasons have no word in common with ours."""
    if not status:
        raise UnreadableError("no status (Q5-01)")
    return Coded(STATUSES[status] if status in OLD_STATUSES else _UNKNOWN, _raw(status, reason))


def _raw(code: str, reason: str) -> str:
    return f"{code}/{reason}"[:64] if reason else code[:64]


def dated(segment: Segment) -> tuple[str, str, str]:
    """Date, time, time code. In what a 214 before release 004 calls AT7-06, the century, shifts the rest."""
    if segment[0] == "Q5":
        return at(segment, 2), at(segment, 3), at(segment, 4)
    date, century = at(segment, 5), at(segment, 6)
    if len(century) == len("CC") and len(date) == len("YYMMDD"):
        return century + date, at(segment, 7), at(segment, 8)
    return date, century, at(segment, 7)


def said(report: Report) -> Iterator[Said]:
    codes = report.codes
    for data in _data(report):
        yield Statement(report.occurred_at, data)
    if codes.meaning.nothing is not None:
        yield Nothing(f"{codes.raw_code}: {codes.meaning.nothing}")
    if codes.beside:
        yield Nothing(f"AT7-03 {codes.beside}: beside a status (AT7-01) it has no date of its own")


def _data(report: Report) -> Iterator[EventData]:
    about, where, codes, meaning = report.about, report.where, report.codes, report.codes.meaning
    if meaning.milestone is not None:
        yield ShipmentMilestone(
            about=about,
            code=meaning.milestone,
            place=where,
            note=_note(report),
            raw_code=codes.raw_code,
            tz_source=report.tz_source,
        )
    if meaning.is_eta:
        yield EtaChanged(about=about, eta_at=report.when, tz_source=report.tz_source)
    for cleared in meaning.clears:
        yield ExceptionCleared(about=about, exception=_exception_id(about, cleared))
    if codes.problem is not None:
        yield ExceptionRaised(
            about=about,
            exception=_exception_id(about, codes.problem),
            code=codes.problem,
            place=where,
            note=report.remark,
            raw_code=codes.raw_code,
            tz_source=report.tz_source,
        )


def _note(report: Report) -> str | None:
    appointment = f"Appointment: {report.when.isoformat()}" if report.codes.is_appointment else None
    words = "; ".join(word for word in (appointment, report.remark) if word)
    return free_text(words) if words else None


def lading(segment: Segment, about: Reference, at_time: datetime, where: Place | None) -> Said:
    """What a Q7 says of the goods: as of the report it stands beside."""
    code = at(segment, 1).upper()
    raw_code = f"Q7 {code}".strip()[:64]
    if code == LADING_OVERAGE:
        return Nothing(f"{raw_code}: that more came than was shipped delays nothing")
    if code in LADING_EXCEPTIONS:
        problem = LADING_EXCEPTIONS[code]
        exception = _exception_id(about, problem)
        return Statement(
            at_time, ExceptionRaised(about=about, exception=exception, code=problem, place=where, raw_code=raw_code)
        )
    return Statement(at_time, ShipmentMilestone(about=about, code="unmapped", place=where, raw_code=raw_code))


def _exception_id(about: Reference, problem: str) -> str:
    """One problem of a kind a shipment: X12 gives problems no number, and says they are over by kind."""
    return free_text(f"{problem}:{about.value}"[:MAX_EXCEPTION]) or problem
