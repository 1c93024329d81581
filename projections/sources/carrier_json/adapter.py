"""A carrier's webhook bodies, read by its mapping."""

from collections.abc import Iterable, Iterator

import msgspec

from projections.event import Rejection, RejectionReason
from projections.sources.adapter import Adapter, Ignored, Rejected, Source, Taken
from projections.sources.canonical import canonical
from projections.sources.carrier_json.mapping import Mapping
from projections.sources.carrier_json.paths import Found, Json, NoEvents, events
from projections.sources.carrier_json.statements import statements
from projections.sources.carrier_json.times import Unreadable

MAX_BODY_BYTES = 8_388_608


def carrier_json(mapping: Mapping) -> Adapter:
    """The adapter for one carrier's webhooks.

    A body is one object or an array of them. Each event gives at least one outcome; `raw` is the body when it holds one
    event, else the object with that event only. Never raises for any bytes.
    """

    def adapter(chunks: Iterable[bytes], source: Source) -> Iterator[Taken]:
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                detail = f"the body has more than {MAX_BODY_BYTES} bytes"
                yield _rejected(RejectionReason.OVERSIZED, detail, bytes(body[:65_536]), source)
                return
        yield from _taken(bytes(body), mapping, source)

    return adapter


def _rejected(reason: RejectionReason, detail: str, raw: bytes, source: Source) -> Rejected:
    return Rejected(Rejection(reason, detail, source=source.name), raw)


def _taken(body: bytes, mapping: Mapping, source: Source) -> Iterator[Taken]:
    try:
        decoded: Json = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield _rejected(RejectionReason.MALFORMED, f"not JSON: {error}", body, source)
        return
    objects = decoded if isinstance(decoded, list) else [decoded]
    if not objects:
        yield Ignored("the body is an empty array", body)
    for index, one in enumerate(objects):
        where = f"object {index + 1}" if isinstance(decoded, list) else "the body"
        raw = body if len(objects) == 1 else msgspec.json.encode(one)
        yield from _of_object(one, mapping, source, raw, where)


def _of_object(one: Json, mapping: Mapping, source: Source, raw: bytes, where: str) -> Iterator[Taken]:
    if not isinstance(one, dict):
        yield _rejected(RejectionReason.INVALID, f"{where} is not an object", raw, source)
        return
    try:
        found = list(events(one, mapping.events))
    except NoEvents as problem:
        yield _rejected(RejectionReason.INVALID, f"{where}: {problem}", raw, source)
        return
    if not found:
        yield Ignored(f"{where} has no events", raw)
    for number, each in enumerate(found, 1):
        own = raw if len(found) == 1 else _alone(each, mapping.events or "")
        yield from _of_event(each, mapping, source, own, f"{where}, event {number}")


def _of_event(found: Found, mapping: Mapping, source: Source, raw: bytes, where: str) -> Iterator[Taken]:
    try:
        said = statements(found, mapping, source)
    except Unreadable as problem:
        yield _rejected(problem.reason, f"{where}: {problem.detail}", raw, source)
        return
    if not said:
        yield Ignored(f"{where} says nothing we keep", raw)
    for statement in said:
        yield canonical(statement, source, raw)


def _alone(found: Found, list_path: str) -> bytes:
    """The body's object with one event only, so that it can be read again alone."""
    steps = list_path.removesuffix("[]").split("[].")
    inner = _with(found.above, steps[-1].split("."), [found.event])
    if len(steps) == 1:
        return msgspec.json.encode(inner)
    for step in reversed(steps[1:-1]):
        inner = _with({}, step.split("."), [inner])
    return msgspec.json.encode(_with(found.body, steps[0].split("."), [inner]))


def _with(value: Json, names: list[str], replacement: Json) -> Json:
    """A copy of an object in which another value stands at a path."""
    copied = dict(value) if isinstance(value, dict) else {}
    copied[names[0]] = replacement if len(names) == 1 else _with(copied.get(names[0]), names[1:], replacement)
    return copied
