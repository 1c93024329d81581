"""From what an adapter understood to the CloudEvents JSON that intake takes, checked as intake will check it."""

import hashlib
from datetime import datetime, timedelta

import msgspec

from projections.checks import LATEST
from projections.envelope import decode
from projections.event import Rejection
from projections.events import EVENT_TYPES, EventData
from projections.sources.adapter import CanonicalEvent, Rejected, Source

_TYPE_NAMES = {data_type: name for name, data_type in EVENT_TYPES.items()}
MAX_NATIVE_ID = 160
# Adapters have no clock: that a time is not in the future is intake's to say, that it is a possible one is said here.
_NEVER_FUTURE = LATEST - timedelta(days=1, microseconds=1)


class Statement(msgspec.Struct, frozen=True):
    """One thing a source said, in our words, before it has an id.

    `native_id` is the source's own name of the statement; empty when it has none.
    """

    data: EventData
    at: datetime
    tenant: str | None = None
    native_id: str = ""


def event_id(statement: Statement) -> str:
    """The CloudEvents id: the same for the same statement sent again, another as soon as anything in it changed.

    So a repeated message is a duplicate and an amended one is news, whatever numbers their envelopes carry.
    """
    said = msgspec.json.encode([type(statement.data).__name__, statement.at, statement.tenant, statement.data])
    digest = hashlib.blake2b(said, digest_size=12).hexdigest()
    native = _plain(statement.native_id)
    return f"{native}-{digest}" if native else digest


def all_of(native_id: str) -> str:
    """What retracts every event that was made under a native id, in whichever of its versions."""
    return f"{_plain(native_id)}-*"


def _plain(native_id: str) -> str:
    return "".join(character for character in native_id if character.isprintable())[:MAX_NATIVE_ID]


def canonical(statement: Statement, source: Source, raw: bytes) -> CanonicalEvent | Rejected:
    """The statement as an event, or why it is none: `projections.envelope.decode` has the last word. Never raises."""
    envelope = {
        "specversion": "1.0",
        "id": event_id(statement),
        "source": source.name,
        "type": _TYPE_NAMES[type(statement.data)],
        "time": statement.at,
        "data": statement.data,
    }
    if statement.tenant is not None:
        envelope["tenant"] = statement.tenant
    body = msgspec.json.encode(envelope)
    answer = decode(body, _NEVER_FUTURE)
    return Rejected(answer, raw) if isinstance(answer, Rejection) else CanonicalEvent(body, raw)
