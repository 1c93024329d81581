"""Reading the elements of segments: clean text, codes, numbers, places, times and names."""

from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation

from projections.checks import EARLIEST, LATEST
from projections.event import RejectionReason
from projections.sources.adapter import Source, TzSource, placed_in_time
from projections.sources.codes.x12 import TIME_CODES
from projections.sources.codes.zones import zone_of
from projections.sources.x12.syntax import Segment, TransactionSet
from projections.values import Place

MAX_TEXT = 500
_SHORT_DATE, _LONG_DATE, _CLOCK = 6, 8, 6
_FIELDS = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
_CLOCK_WIDTHS = (0, 4, 6, 7, 8)
_COUNTRIES = {"USA": "US", "CAN": "CA", "MEX": "MX"}


class UnreadableError(Exception):
    """A message, or a part of one, that cannot be taken: why and where. Raised where found, given back as `Rejected`."""

    def __init__(self, detail: str, reason: RejectionReason = RejectionReason.INVALID) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason


def at(segment: Segment, position: int) -> str:
    """An element's text without padding and characters that cannot be shown; empty when it is not there."""
    if position >= len(segment):
        return ""
    text = segment[position].strip()
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text).strip()


def free_text(*parts: str) -> str | None:
    return " ".join(part for part in parts if part)[:MAX_TEXT].strip() or None


def whole_number(text: str) -> int | None:
    """A count in pieces. Decimals only when they are zeros: half a piece is not guessed away."""
    number = decimal(text)
    return int(number) if number is not None and number == number.to_integral_value() else None


def decimal(text: str) -> Decimal | None:
    """A type R or N0 element (X12.6): ASCII digits, a sign, a decimal point; no exponent, no NaN."""
    if len(text) > MAX_TEXT or not text.isascii() or set(text) - set("0123456789+-."):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def two_decimals(text: str) -> Decimal | None:
    """A type N2 element: two decimals are implied, unless it shows a point after all."""
    number = decimal(text)
    return number if number is None or "." in text else number.scaleb(-2)


def country(code: str) -> str | None:
    code = _COUNTRIES.get(code.upper(), code.upper())
    return code if len(code) == len("US") and code.isascii() and code.isalpha() else None


def place(city: str, region: str, land: str, *, name: str = "", postal_code: str = "") -> Place | None:
    if not (city or region or name or postal_code or land):
        return None
    return Place(
        name=free_text(name),
        city=free_text(city),
        region=free_text(region),
        country=country(land),
        postal_code=free_text(postal_code),
    )


def zone_at(where: Place | None) -> str | None:
    return zone_of(where.country, where.region, where.city) if where else None


def local_time(date: str, time: str) -> datetime:
    """A date (element 373: CCYYMMDD, before release 004 YYMMDD) and time (element 337: HHMM, HHMMSS and decimals).

    Without a time the day's beginning. A date that does not exist is refused, not mended.
    """
    digits = f"20{date}" if len(date) == _SHORT_DATE else date
    stamp = digits + time.ljust(_CLOCK, "0")
    if len(digits) == _LONG_DATE and len(time) in _CLOCK_WIDTHS and stamp.isascii() and stamp.isdigit():
        moment = _moment(stamp)
        if moment is not None and EARLIEST.year <= moment.year < LATEST.year:
            return moment
    raise UnreadableError(f"{date} {time}".strip() + " is not a date and time", RejectionReason.TIME_IMPOSSIBLE)


def _moment(digits: str) -> datetime | None:
    year, *rest = (int(digits[start:end]) for start, end in _FIELDS)
    try:
        return datetime(year, *rest)  # type: ignore[arg-type]  # noqa: DTZ001 - its zone comes later
    except ValueError:
        return None


def instant(
    date: str, time: str, code: str, source: Source, where: Place | None = None
) -> tuple[datetime, TzSource | None]:
    """When, with its offset: the time code's if one is given, else that of the place, else the source's."""
    local = local_time(date, time)
    offset: tzinfo | None = TIME_CODES.get(code.upper()) if code else None
    return placed_in_time(local, source, offset=offset, place_zone=None if offset else zone_at(where))


def created_at(message: TransactionSet, source: Source) -> datetime:
    """When the message was made: GS-04 and GS-05, which carry no offset."""
    return instant(*message.created, "", source)[0]
