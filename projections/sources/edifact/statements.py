"""What one status of an IFTSTA says in our words: milestones, exceptions and their ends, a new expected time."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from projections.event import RejectionReason
from projections.events import EtaChanged, EventData, ExceptionCleared, ExceptionRaised, ShipmentMilestone
from projections.references import Reference
from projections.sources.adapter import Source, TzSource, placed_in_time
from projections.sources.canonical import Statement
from projections.sources.codes.edifact import (
    ARRIVAL_EXPECTED,
    AT_SEA,
    AT_SEA_MILESTONES,
    DELIVERY_EXPECTED,
    DEPARTURES,
    DOCUMENT_DATE,
    EXPECTED,
    FINAL_PLACES,
    GENERAL,
    HAPPENED,
    LEFT,
    REASONS,
    STATUSES,
    UNLOADED,
    StatusMeaning,
)
from projections.sources.edifact.places import location, place, zone_of
from projections.sources.edifact.segments import Segment
from projections.sources.edifact.structure import Status
from projections.sources.edifact.subject import subject
from projections.sources.edifact.times import Unreadable, read
from projections.values import Place

_TRANSPORT = ("", "1")
# 3055: who keeps the code list. Not given, UN/ECE and GS1 mean the standard's own numbers; anybody else means others.
_STANDARD_LISTS = ("", "6", "9")
_PRIVATE_LISTS = ("ZZ", "ZZZ")
_EMPTY = "4"
_FIRST_REASON, _REASONS_COUNT = 3, 5


class _Told(msgspec.Struct, frozen=True):
    """What all statements of one status share."""

    about: Reference
    place: Place | None
    at: datetime
    tz_source: TzSource | None


class _Moment(msgspec.Struct, frozen=True):
    """A time as given, and the place whose time it is, where that is known."""

    given: datetime
    where: Place | None = None

    def placed(self, source: Source) -> tuple[datetime, TzSource | None]:
        return placed_in_time(self.given, source, place_zone=zone_of(self.where))


def statements(status: Status, source: Source, *, consignments_count: int) -> list[Statement]:
    """What a status says; nothing when it is not about transport, or only expects what we do not track.

    Raises Unreadable when it cannot be placed: no shipment named, no time, an impossible time, no code.
    """
    if status.lead.get(1) not in _TRANSPORT and status.lead.get(1).isdigit():
        return []
    code = _code(status.lead)
    about = subject(status, source, consignments_count=consignments_count)
    loc = location(status)
    where = place(loc)
    told: list[tuple[EventData, datetime]] = []
    happened = _happened(status)
    if happened is not None:
        at, tz_source = happened.placed(source)
        told += [(fact, at) for fact in _facts(status, code, loc, _Told(about, where, at, tz_source))]
    expected = _expected(status)
    if expected is not None:
        eta_at, tz_source = expected.placed(source)
        said_at, _ = _said(status).placed(source)
        told.append((EtaChanged(about=about, eta_at=eta_at, tz_source=tz_source), said_at))
    return [Statement(data, at, source.tenant, "iftsta") for data, at in told]


def _code(sts: Segment) -> str:
    """The status' code; some senders put it behind the category. A reason alone will do."""
    if sts.get(2):
        return sts.get(2)
    if sts.get(1, 1):
        return ":".join(part for part in sts.elements[1] if part)
    if next(_reasons(sts), None) is not None:
        return ""
    raise Unreadable(RejectionReason.INVALID, f"segment {sts.position} (STS) gives no status (C555)")


def _reasons(sts: Segment) -> Iterator[tuple[str, bool]]:
    """The reasons (C556) with whether they are of the standard's list."""
    for element in range(_FIRST_REASON, _FIRST_REASON + _REASONS_COUNT):
        if sts.get(element):
            yield sts.get(element), _is_standard(sts, element)


def _is_standard(sts: Segment, element: int) -> bool:
    return sts.get(element, 2) in _STANDARD_LISTS and sts.get(element, 1) not in _PRIVATE_LISTS


def _happened(status: Status) -> _Moment | None:
    """When it happened; None when the status only says when something is expected to.

    Where no time is given at all, the status is what it was when the message was made: a snapshot (Recommendation 24).
    """
    of_legs = [segment for leg in status.legs for segment in leg.all("DTM")]
    of_equipment = [segment for group in status.containers for segment in group.all("DTM")]
    for given in (status.own.all("DTM"), of_equipment, of_legs):
        for qualifier in LEFT if status.lead.get(2) in DEPARTURES else HAPPENED:
            moment = read(given, qualifier)
            if moment is not None:
                return _Moment(moment, place(location(status)))
    if any(segment.get(1) in EXPECTED for segment in (*status.own.all("DTM"), *of_equipment)):
        return None
    return _said(status)


def _said(status: Status) -> _Moment:
    """When the message was made, or what it says happened; at the sender's, so in no place's zone."""
    for qualifier in (DOCUMENT_DATE, *HAPPENED):
        moment = read([*status.header.all("DTM"), *status.own.all("DTM")], qualifier)
        if moment is not None:
            return _Moment(moment)
    detail = f"segment {status.lead.position} (STS) has no DTM that says when, nor has the message"
    raise Unreadable(RejectionReason.INVALID, detail)


def _expected(status: Status) -> _Moment | None:
    """When it is expected at the consignee: a delivery, or the arrival at the place of delivery."""
    own = status.own.all("DTM")
    of_legs = [segment for leg in status.legs for segment in leg.all("DTM")]
    for qualifier in DELIVERY_EXPECTED:
        moment = read([*own, *of_legs], qualifier)
        if moment is not None:
            return _Moment(moment)
    for leg in status.legs:
        loc, dtms = _final_place(leg.parts)
        moment = read(dtms, ARRIVAL_EXPECTED)
        if moment is not None:
            return _Moment(moment, place(loc))
    # Without legs, the only arrival there is to expect is the shipment's.
    arrival = None if status.legs else read(own, ARRIVAL_EXPECTED)
    return _Moment(arrival) if arrival else None


def _final_place(parts: list[Segment]) -> tuple[Segment | None, list[Segment]]:
    """A leg's LOC of final delivery and the DTM that follow it."""
    final: Segment | None = None
    dtms = []
    for segment in parts:
        if segment.tag == "LOC" and final is not None:
            break
        if segment.tag == "LOC" and segment.get(1) in FINAL_PLACES:
            final = segment
        elif segment.tag == "DTM" and final is not None:
            dtms.append(segment)
    return final, dtms


def _facts(status: Status, code: str, loc: Segment | None, told: _Told) -> Iterator[EventData]:
    meaning = _meaning(status, code)
    milestone = _milestone(status, meaning, loc) if meaning else "unmapped"
    note = _note(status.lead)
    if code and milestone:
        yield ShipmentMilestone(
            about=told.about, code=milestone, place=told.place, note=note, raw_code=code[:64], tz_source=told.tz_source
        )
    for exception, raw_code in _exceptions(status, code, meaning).items():
        yield ExceptionRaised(
            about=told.about,
            exception=exception,
            code=exception,
            place=told.place,
            note=note,
            raw_code=raw_code[:64],
            tz_source=told.tz_source,
        )
    for exception in meaning.clears if meaning else ():
        yield ExceptionCleared(about=told.about, exception=exception)


def _meaning(status: Status, code: str) -> StatusMeaning | None:
    """What the code means; nothing for goods when it is of an empty container (8169: 4)."""
    if status.equipment and all(group.lead.get(6) == _EMPTY for group in status.equipment):
        return None
    return STATUSES.get(code) if _is_standard(status.lead, 2) else None


def _milestone(status: Status, meaning: StatusMeaning, loc: Segment | None) -> str | None:
    milestone = meaning.milestone
    at_sea = any(leg.lead.get(3) in AT_SEA for leg in status.legs)
    if milestone == "arrived_at_terminal" and loc is not None and loc.get(1) in FINAL_PLACES:
        return "arrived_at_delivery"
    if at_sea and status.lead.get(2) in UNLOADED:
        return "discharged"
    return AT_SEA_MILESTONES.get(milestone, milestone) if at_sea and milestone else milestone


def _exceptions(status: Status, code: str, meaning: StatusMeaning | None) -> dict[str, str]:
    """The exceptions of a status with the native code of each: its reasons', and its own where they do not say more."""
    found: dict[str, str] = {}
    unknown = ""
    for reason, standard in _reasons(status.lead):
        exception = REASONS.get(reason) if standard else None
        if exception is not None:
            found.setdefault(exception, reason)
        elif not standard or reason not in REASONS:
            unknown = unknown or reason
    own = meaning.exception if meaning else None
    if own is not None and (own not in GENERAL or not found):
        found.setdefault(own, unknown or code)
    return found


def _note(sts: Segment) -> str | None:
    """The carrier's words (4404, 9012)."""
    words = [sts.get(element, 3) for element in range(2, _FIRST_REASON + _REASONS_COUNT)]
    return "; ".join(word for word in words if word)[:500] or None
