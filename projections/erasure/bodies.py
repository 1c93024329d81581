"""Events and messages without a person. Pure.

An understood event is written anew from what was understood: values of personal fields (`projections.personal`) that
speak of the person become the marker, and what nobody understood, such as unknown attributes, is left out.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from projections.erasure.person import MARKER, Person
from projections.event import Event
from projections.events import EventData
from projections.personal import PERSONAL
from projections.values import Stop

_ENCODER = msgspec.json.Encoder(decimal_format="string")
_NO_FIELDS: frozenset[str] = frozenset()


def encoded(event: Event) -> bytes:
    """An event as a CloudEvent, with all that was understood of it."""
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.occurred_at,
        "data": event.data,
    }
    return _ENCODER.encode(attributes | ({"tenant": event.tenant} if event.tenant else {}))


def mentions(body: bytes, person: Person) -> int:
    """How many texts of a JSON document speak of the person, names of members included; 0 for what is no JSON."""
    try:
        return sum(person.in_text(text) for text in _texts(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _texts(item)


def event_without(event: Event, person: Person, tenant: str) -> bytes:
    """The event's bytes without the person; what it says of other customers' stops stays."""
    return encoded(replace(event, data=data_without(event.data, person, tenant)))


def data_without(data: EventData, person: Person, tenant: str) -> EventData:
    changed: EventData = _without(data, person, tenant)
    return changed


def _without(value: Any, person: Person, tenant: str) -> Any:  # noqa: ANN401 - any part of an event
    if isinstance(value, tuple):
        return tuple(_without(item, person, tenant) for item in value)
    if not isinstance(value, msgspec.Struct) or (isinstance(value, Stop) and not _serves(value, tenant)):
        return value
    personal = PERSONAL.get(type(value), _NO_FIELDS)
    changed = {}
    for name in value.__struct_fields__:
        old = getattr(value, name)
        if isinstance(old, str):
            new = MARKER if name in personal and person.in_text(old) else old
        else:
            new = _without(old, person, tenant)
        if new is not old and new != old:
            changed[name] = new
    return replace(value, **changed) if changed else value


def _serves(stop: Stop, tenant: str) -> bool:
    return not stop.shipments or any(one.tenant == tenant for one in stop.shipments)


def message_without(body: bytes, person: Person) -> bytes:
    """Bytes nobody understood, without the person: struck out as text, in any of two encodings, or dropped whole."""
    for encoding in ("utf-8", "latin-1"):
        # What is not UTF-8 stays as it is.
        body = person.struck(body.decode(encoding, "surrogateescape")).encode(encoding, "surrogateescape")
    # JSON may spell the same letters in other ways.
    return MARKER.encode() if mentions(body, person) else body
