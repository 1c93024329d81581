"""Dates and times of a DTM (C507: 2005 what, 2380 value, 2379 format)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from projections.event import RejectionReason
from projections.sources.edifact.segments import Segment


class Unreadable(Exception):  # noqa: N818 -- names the finding, which is an answer and no failure of ours
    """A part of a message that cannot be taken: why, and in words where."""

    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


# 2379: how the digits are to be read.
_FORMATS = {
    "2": "%d%m%y",
    "3": "%m%d%y",
    "4": "%Y%m%d",
    "5": "%Y%m%d%H%M",
    "10": "%Y%m%dT%H%M",
    "101": "%y%m%d",
    "102": "%Y%m%d",
    "201": "%y%m%d%H%M",
    "202": "%y%m%d%H%M%S",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
}
_DIGITS = {"%d": 2, "%m": 2, "%y": 2, "%Y": 4, "%H": 2, "%M": 2, "%S": 2, "T": 1}
# 2379: the same with a time zone after it (ZZZ); 205 has it as an offset of sign, hours and minutes.
_ZONED = {"205": "203", "301": "201", "302": "202", "303": "203", "304": "204"}
_TIMES_OF_DAY = {"401": "%H%M", "402": "%H%M%S"}
_BY_LENGTH = {6: "101", 8: "102", 12: "203", 14: "204"}
_PERIODS = {"718": ("102", 8), "719": ("203", 12)}

# The zones that go by one name of three letters only; "CST" and "IST" do not.
_ZONE_HOURS = {
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "CET": 1,
    "MEZ": 1,
    "CES": 2,
    "EET": 2,
    "MSK": 3,
    "SGT": 8,
    "HKT": 8,
    "JST": 9,
    "KST": 9,
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
_OFFSET = re.compile(r"([+-]?)(\d{1,2}):?(\d{2})?")


def read(segments: Sequence[Segment], qualifier: str) -> datetime | None:
    """The time a qualifier gives, None when it is not given; without tzinfo unless the DTM has a zone.

    A date and a time of day (401, 402) in two DTM of one qualifier are one time. Raises Unreadable.
    """
    found = [segment for segment in segments if segment.get(1) == qualifier and segment.get(1, 1)]
    days = [segment for segment in found if segment.get(1, 2) not in _TIMES_OF_DAY]
    hours = [segment for segment in found if segment.get(1, 2) in _TIMES_OF_DAY]
    if not days:
        return None
    day = _moment(days[0])
    if hours and days[0].get(1, 2) in ("102", "101"):
        clock = _parsed(hours[0], hours[0].get(1, 1), _TIMES_OF_DAY[hours[0].get(1, 2)])
        return day.replace(hour=clock.hour, minute=clock.minute, second=clock.second)
    return day


def _moment(segment: Segment) -> datetime:
    value = segment.get(1, 1)
    code = segment.get(1, 2) or _BY_LENGTH.get(len(value), "")
    if code in _PERIODS:
        code, length = _PERIODS[code]
        value = value[:length]
    pattern = _FORMATS.get(_ZONED.get(code, code))
    if pattern is None:
        detail = f"{_where(segment)} has the format {code or 'unknown'}, which gives no date and time"
        raise Unreadable(RejectionReason.INVALID, detail)
    if code not in _ZONED:
        return _parsed(segment, value, pattern)
    length = _length(pattern)
    return _parsed(segment, value[:length], pattern).replace(tzinfo=_zone(segment, value[length:].strip()))


def _length(pattern: str) -> int:
    return sum(_DIGITS[part] for part in re.findall(r"%.|T", pattern))


def _parsed(segment: Segment, value: str, pattern: str) -> datetime:
    # strptime takes fewer digits than the format has: "2026311" would be read as some day.
    digits = value.replace("T", "")
    if len(value) == _length(pattern) and digits.isascii() and digits.isdigit():
        try:
            return datetime.strptime(value, pattern)  # noqa: DTZ007 -- local time: `placed_in_time` gives it its zone
        except ValueError:
            pass
    raise Unreadable(RejectionReason.TIME_IMPOSSIBLE, f"{_where(segment)}: {value} is not a time of its format")


def _zone(segment: Segment, name: str) -> timezone:
    if name.upper() in _ZONE_HOURS:
        hours = _ZONE_HOURS[name.upper()]
        return UTC if hours == 0 else timezone(timedelta(hours=hours))
    match = _OFFSET.fullmatch(name)
    if match is None:
        raise Unreadable(RejectionReason.INVALID, f"{_where(segment)}: no zone is known as {name or 'nothing'}")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset >= timedelta(hours=15) or int(match[3] or 0) > 59:  # noqa: PLR2004 -- no place is further from UTC
        raise Unreadable(RejectionReason.TIME_IMPOSSIBLE, f"{_where(segment)}: {name} is no offset from UTC")
    return timezone(-offset if match[1] == "-" else offset)


def _where(segment: Segment) -> str:
    return f"segment {segment.position} (DTM+{segment.get(1)})"
