"""A carrier's times, as its mapping says they are written."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from projections.event import RejectionReason
from projections.sources.adapter import Source, TzSource, placed_in_time
from projections.sources.carrier_json.mapping import TimeFields, is_zone
from projections.sources.carrier_json.paths import Found
from projections.sources.codes.zones import zone_of
from projections.values import Place


class Unreadable(Exception):  # noqa: N818 -- names the finding, which is an answer and no failure of ours
    """An event that cannot be taken: why, and in words which field."""

    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def time_of(
    found: Found, fields: TimeFields, where: Place | None, source: Source
) -> tuple[datetime, TzSource | None] | None:
    """A time with its offset and where that is from; None when the field is not given. Raises Unreadable."""
    text = found.text(fields.field)
    if text is None:
        return None
    if fields.format in ("epoch_ms", "epoch_s"):
        return _epoch(text, fields), None
    if fields.clock is not None:
        text = f"{text} {found.text(fields.clock) or ''}".strip()
    local = _local(text, fields)
    if local.tzinfo is not None:
        return local, None
    named = found.text(fields.zone_field)
    if named is not None:
        if not is_zone(named):
            raise Unreadable(RejectionReason.INVALID, f"{fields.zone_field}: no time zone is called {named}")
        return local.replace(tzinfo=ZoneInfo(named)), None
    if fields.zone is not None:
        return local.replace(tzinfo=ZoneInfo(fields.zone)), "carrier"
    zone = zone_of(where.country, where.region, where.city) if where and where.country else None
    return placed_in_time(local, source, place_zone=zone)


def _epoch(text: str, fields: TimeFields) -> datetime:
    try:
        seconds = float(text) / (1000 if fields.format == "epoch_ms" else 1)
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(RejectionReason.TIME_IMPOSSIBLE, f"{fields.field}: {text} is not a time") from None


def _local(text: str, fields: TimeFields) -> datetime:
    try:
        if fields.format == "iso8601":
            return datetime.fromisoformat(text)
        return datetime.strptime(text, fields.format)  # noqa: DTZ007 -- local time: `time_of` gives it its zone
    except ValueError:
        raise Unreadable(
            RejectionReason.TIME_IMPOSSIBLE, f"{fields.field}: {text} is not a time of its format"
        ) from None
