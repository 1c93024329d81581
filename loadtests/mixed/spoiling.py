"""Messages that cannot be taken, each made from a good one so that it is broken for certain, not by luck.

Beside the spoilt bytes stands what must be found in quarantine: all of them, or the part an adapter must tell apart.
"""

import re
from collections.abc import Callable
from random import Random

import msgspec

from app.simulator.flaws import flawed
from loadtests.mixed.messages import Sent

# What a spoiler gives: the bytes to send, and those to be found in quarantine.
Broken = tuple[bytes, tuple[bytes, ...]]


class Spoilt(msgspec.Struct, frozen=True):
    sent: Sent
    kept: tuple[bytes, ...]
    flaw: str


def spoilt(sent: Sent, random: Random) -> Spoilt:
    """A broken copy of a message, sent the way the good one is."""
    if sent.format is None:
        flaw, body = flawed(sent.body, random)
        return Spoilt(msgspec.structs.replace(sent, body=body), (body,), f"events: {flaw}")
    family = sent.format.partition(":")[0]
    spoilers = SPOILERS[family]
    spoil = random.choice(spoilers)
    body, kept = spoil(sent.body)
    return Spoilt(msgspec.structs.replace(sent, body=body), kept, f"{family}: {spoil.__name__.strip('_')}")


def _wrong_segment_count(body: bytes) -> Broken:
    broken = re.sub(rb"~SE\*\d+", b"~SE*99", body)
    return broken, (broken,)


def _closed_by_another(body: bytes) -> Broken:
    broken = re.sub(rb"(~SE\*\d+)\*0001", rb"\1*0002", body)
    return broken, (broken,)


def _cut_in_a_set(body: bytes) -> Broken:
    """What is kept of a set stands in envelopes of its own."""
    cut = body[: body.index(b"~SE*")]
    return cut, (cut + body[body.index(b"~GE*") :],)


def _no_iea(body: bytes) -> Broken:
    """What stands before the cut is whole: it is a duplicate of the good message."""
    return body[: body.index(b"~IEA*") + 1], (body[: body.index(b"~") + 1],)


def _unknown_set(body: bytes) -> Broken:
    broken = re.sub(rb"~ST\*\d+", b"~ST*888", body)
    return broken, (broken,)


def _wrong_unt_count(body: bytes) -> Broken:
    broken = re.sub(rb"'UNT\+\d+", b"'UNT+99", body)
    return broken, (broken,)


def _cut_before_unt(body: bytes) -> Broken:
    """The message is broken off, and so is the interchange around it."""
    cut = body[: body.index(b"'UNT+") + 1]
    return cut, (cut + body[body.index(b"UNZ+") :], _unb(body))


def _no_unz(body: bytes) -> Broken:
    return body[: body.index(b"'UNZ+") + 1], (_unb(body),)


def _wrong_message_type(body: bytes) -> Broken:
    broken = body.replace(b"+IFTSTA:", b"+IFTMIN:")
    return broken, (broken,)


def _impossible_time(body: bytes) -> Broken:
    broken = re.sub(rb"DTM\+334:\d+:", b"DTM+334:202502301200:", body)
    return broken, (broken,)


def _unb(body: bytes) -> bytes:
    return body[: body.index(b"'") + 1]


def _cut(body: bytes) -> Broken:
    """No JSON object or array is one without its last bracket."""
    return body[:-1], (body[:-1],)


def _no_utf8(body: bytes) -> Broken:
    """JSON is UTF-8, where no byte is 0xff; the first string gets one."""
    broken = body.replace(b'"', b'"\xff', 1)
    return broken, (broken,)


def _without_time(body: bytes) -> Broken:
    broken = re.sub(rb'"(eventTime|eventDateTime|eventTimeMs|scannedAt|data)":', rb'"no_\1":', body)
    return broken, (broken,)


def _time_in_words(body: bytes) -> Broken:
    pattern = rb'"(eventTime|eventDateTime|eventTimeMs|scannedAt|data)":("[^"]*"|\d+)'
    broken = re.sub(pattern, rb'"\1":"the day before yesterday"', body)
    return broken, (broken,)


def _a_field_too_many(body: bytes) -> Broken:
    broken = body[:-1] + b",extra\n"
    return broken, (broken,)


def _open_quote(body: bytes) -> Broken:
    broken = body[:-1] + b',"never closed\n'
    return broken, (broken,)


def _yesterday(body: bytes) -> Broken:
    broken = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"yesterday", body)
    return broken, (broken,)


_JSON = (_cut, _no_utf8, _without_time, _time_in_words)
SPOILERS: dict[str, tuple[Callable[[bytes], Broken], ...]] = {
    "x12": (_wrong_segment_count, _closed_by_another, _cut_in_a_set, _no_iea, _unknown_set),
    "edifact": (_wrong_unt_count, _cut_before_unt, _no_unz, _wrong_message_type, _impossible_time),
    "dcsa": _JSON,
    "epcis": _JSON,
    "carrier_json": _JSON,
    "csv": (_a_field_too_many, _open_quote, _yesterday),
}
