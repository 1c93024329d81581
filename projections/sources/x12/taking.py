"""From what a transaction set says to canonical events, each checked as the intake will check it."""

import re
from datetime import datetime
from typing import TypeAlias

import msgspec

from projections.envelope import decode
from projections.event import Rejection, RejectionReason
from projections.events import EVENT_TYPES, EventData
from projections.sources.adapter import CanonicalEvent, Ignored, Rejected, Source, Taken
from projections.sources.x12.reading import UnreadableError
from projections.sources.x12.syntax import TransactionSet

_TYPE_NAMES = {data_type: name for name, data_type in EVENT_TYPES.items()}
_ODD = re.compile(r"[^A-Za-z0-9_.\-]")
# Who may say what, and whether anybody knows the source, is the intake's to judge.
_LEFT_TO_INTAKE = frozenset({RejectionReason.NOT_OWNER, RejectionReason.UNKNOWN_SOURCE})


class Statement(msgspec.Struct, frozen=True):
    """One thing a message says, and when it was so."""

    occurred_at: datetime
    data: EventData


class Nothing(msgspec.Struct, frozen=True):
    """Something understood that we do not keep."""

    words: str


Said: TypeAlias = Statement | Nothing | UnreadableError


class _Envelope(msgspec.Struct, omit_defaults=True):
    specversion: str
    id: str
    source: str
    type: str
    time: datetime
    data: EventData
    tenant: str | None = None


def taken(said: Said, number: int, message: TransactionSet, source: Source) -> Taken:
    """What becomes of the `number`th thing a message says.

    The event's id is made of the interchange, group and set control numbers, the number and a digest of the set: the
    same set sent again gives the same ids, another set under numbers used before gives others.
    """
    if isinstance(said, Nothing):
        return Ignored(said.words, message.raw)
    if isinstance(said, UnreadableError):
        return refused(said.reason, said.detail, message, source)
    event_id = _event_id(message, number)
    body = _ENCODER.encode(
        _Envelope(
            "1.0", event_id, source.name, _TYPE_NAMES[type(said.data)], said.occurred_at, said.data, source.tenant
        )
    )
    answer = decode(body, said.occurred_at)
    if isinstance(answer, Rejection) and answer.reason not in _LEFT_TO_INTAKE:
        return refused(answer.reason, f"{answer.detail} {answer.pointer}".strip(), message, source)
    return CanonicalEvent(body, message.raw)


_ENCODER = msgspec.json.Encoder(decimal_format="string")


def refused(reason: RejectionReason, detail: str, message: TransactionSet, source: Source) -> Rejected:
    where = f"set {message.code} {message.control} of interchange {message.interchange}"
    return Rejected(Rejection(reason, f"{where}: {detail}", source=source.name), message.raw)


def _event_id(message: TransactionSet, number: int) -> str:
    controls = (message.code, message.interchange, message.group, message.control)
    return f"x12.{'.'.join(_ODD.sub('_', part) for part in controls)}.{number}.{message.digest}"
