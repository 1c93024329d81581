"""The events a DCSA event is made into, filled from it."""

from projections.events import ExceptionCleared, ExceptionRaised, ShipmentMilestone
from projections.references import Reference
from projections.sources.dcsa.event import DcsaEvent

_MAX_RAW_CODE = 64
_MAX_ID = 80
_MAX_TEXT = 500
_MAX_REPORT = 160


def milestone(event: DcsaEvent, about: Reference, code: str) -> ShipmentMilestone:
    return ShipmentMilestone(
        about=about,
        code=code,
        place=event.place,
        note=event.note,
        raw_code=event.code[:_MAX_RAW_CODE],
        tz_source=event.tz_source,
        report=event.native_id[:_MAX_REPORT] or None,
        reported_at=event.stamped_at if event.native_id else None,
    )


def exception_raised(
    event: DcsaEvent, about: Reference, exception: str, code: str, *, raw_code: str | None = None
) -> ExceptionRaised:
    return ExceptionRaised(
        about=about,
        exception=exception[:_MAX_ID],
        code=code,
        place=event.place,
        note=event.remark[:_MAX_TEXT] if event.remark else None,
        raw_code=(raw_code or event.code)[:_MAX_RAW_CODE],
        tz_source=event.tz_source,
    )


def exception_cleared(about: Reference, exception: str) -> ExceptionCleared:
    return ExceptionCleared(about=about, exception=exception[:_MAX_ID])


def customs_stop(about: Reference) -> str:
    """The name of a container's stop by customs, the same when it is set and when it is lifted."""
    return f"customs {about.value}"
