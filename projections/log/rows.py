"""An event at its place in the log."""

from datetime import datetime

import msgspec

from projections.event import Event


class LogRow(msgspec.Struct, frozen=True):
    """An event at its place in the log, for one of the subjects it was placed on."""

    partition: int
    position: int
    recorded_at: datetime
    subject_id: str
    tenant: str | None
    event: Event
