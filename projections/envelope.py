"""CloudEvents 1.0 in JSON: from a source's bytes to an event, or to the reason it is none.

Pure. Two steps, because CloudEvents keeps the type beside the data: the envelope first, then the data
with the decoder its type names (CloudEvents JSON format 1.0, section 3).
"""

import re
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from projections.checks import problems
from projections.event import Event, Rejection, RejectionReason
from projections.events import EVENT_TYPES, EventData
from projections.ownership import authority_of, role_of
from projections.values import Code, Instant


class Envelope(msgspec.Struct, frozen=True):
    """The CloudEvents attributes we read; extension attributes we do not know are let through, as the standard asks."""

    specversion: Literal["1.0"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$(?!\n)")]
    source: Annotated[
        str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^/?[A-Za-z0-9][A-Za-z0-9_.:/\-]*$(?!\n)")
    ]
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    time: Instant
    data: msgspec.Raw
    tenant: Code | None = None
    datacontenttype: Literal["application/json"] | None = None


_ENVELOPE = msgspec.json.Decoder(Envelope)
_DATA = {name: msgspec.json.Decoder(data_type) for name, data_type in EVENT_TYPES.items()}
_FAMILIES = {name.rsplit(".", 1)[0] for name in EVENT_TYPES}
_PATH = re.compile(r" - at `\$(.*)`$")


def decode(body: bytes, now: datetime) -> Event | Rejection:
    """Understand one CloudEvent, or say what is wrong with it and where. Never raises."""
    try:
        envelope = _ENVELOPE.decode(body)
    except msgspec.ValidationError as error:
        detail, pointer = _located(error, "")
        source, event_id = _identity(body)
        return Rejection(RejectionReason.INVALID, detail, pointer, source, event_id)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Rejection(RejectionReason.MALFORMED, f"not a JSON object: {error}")
    return _from_envelope(envelope, body, now)


def decode_stored(body: bytes, authority: int) -> Event:
    """An event of the log: it was understood once, so only what the fold needs is done again."""
    envelope = _ENVELOPE.decode(body)
    return _event(envelope, _DATA[envelope.type].decode(envelope.data), authority, body)


def _from_envelope(envelope: Envelope, body: bytes, now: datetime) -> Event | Rejection:
    def rejected(reason: RejectionReason, detail: str, pointer: str) -> Rejection:
        return Rejection(reason, detail, pointer, envelope.source, envelope.id, envelope.type)

    decoder = _DATA.get(envelope.type)
    if decoder is None:
        return rejected(*_unknown_type(envelope.type), "/type")
    role = role_of(envelope.source)
    if role is None:
        return rejected(RejectionReason.UNKNOWN_SOURCE, f"no role is known for source {envelope.source}", "/source")
    authority = authority_of(envelope.type, role)
    if authority is None:
        return rejected(RejectionReason.NOT_OWNER, f"{role} does not own what {envelope.type} sets", "/type")
    try:
        data = decoder.decode(envelope.data)
    except msgspec.ValidationError as error:
        return rejected(RejectionReason.INVALID, *_located(error, "/data"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return rejected(RejectionReason.MALFORMED, str(error), "/data")
    event = _event(envelope, data, authority, body)
    problem = next(problems(event, now), None)
    return rejected(problem.reason, problem.detail, problem.pointer) if problem else event


def _event(envelope: Envelope, data: EventData, authority: int, body: bytes) -> Event:
    return Event(envelope.id, envelope.source, envelope.type, envelope.time, envelope.tenant, authority, data, body)


def _unknown_type(name: str) -> tuple[RejectionReason, str]:
    family, _, version = name.rpartition(".")
    if family in _FAMILIES:
        return RejectionReason.UNKNOWN_VERSION, f"{family} is known, its version {version} is not"
    return RejectionReason.UNKNOWN_TYPE, f"no event type is called {name}"


def _located(error: msgspec.ValidationError, prefix: str) -> tuple[str, str]:
    """Split msgspec's message into words and a JSON Pointer."""
    words = str(error)
    match = _PATH.search(words)
    if not match:
        return words, prefix
    path = re.sub(r"\[(\.\.\.|\d+)\]", r"/\1", match[1].replace(".", "/").replace("[///]", "/-"))
    return words[: match.start()], prefix + path


def _identity(body: bytes) -> tuple[str | None, str | None]:
    """The source and id of an envelope that is otherwise wrong, so that the quarantine can say whose it is."""
    try:
        loose = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, None
    if not isinstance(loose, dict):
        return None, None
    source, event_id = (loose.get(name) for name in ("source", "id"))
    return (source if isinstance(source, str) else None, event_id if isinstance(event_id, str) else None)
