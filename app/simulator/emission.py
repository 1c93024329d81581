"""One event as it goes out: a CloudEvent's bytes and what the edge must know about them."""

from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Literal

import msgspec

from app.simulator.carriers import HAULIERS
from app.simulator.script import Moment
from projections.events import EVENT_TYPES, About, EventData


class Fault(StrEnum):
    """What a feed can do to an event."""

    DUPLICATE = "duplicate"
    LATE = "late"
    DISORDERED = "disordered"
    MALFORMED = "malformed"


class Emission(msgspec.Struct, frozen=True):
    """The bytes of one message, when it is due, what it is about (events of one thing share a feed) and what ails it."""

    at: datetime
    about: str
    body: bytes
    fault: Fault | None = None
    flaw: str | None = None


class CloudEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """The envelope a source sends (CloudEvents 1.0, JSON format)."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    time: datetime
    data: EventData
    tenant: str | None = None


_TYPES = {data_type: name for name, data_type in EVENT_TYPES.items()}
_ZONES: dict[str, tzinfo] = {haulier.source: haulier.zone for haulier in HAULIERS}
_encode = msgspec.json.Encoder(decimal_format="string").encode


def emission(moment: Moment) -> Emission:
    """Put a moment into its envelope, the time in the source's own zone."""
    at = moment.at.astimezone(_ZONES.get(moment.source, UTC))
    data = moment.data
    body = _encode(CloudEvent("1.0", moment.id, moment.source, _TYPES[type(data)], at, data, moment.tenant))
    return Emission(moment.at, data.about.value if isinstance(data, About) else moment.source, body)
