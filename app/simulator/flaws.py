"""Messages that are no events: each flaw is made from a good message and known by name."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from projections.event import RejectionReason

Loose = dict[str, Any]


class Flaw(msgspec.Struct, frozen=True):
    """A way to spoil a message and the reason for which it must be refused."""

    reason: RejectionReason
    spoil: Callable[[bytes], bytes]


def _edited(edit: Callable[[Loose], object]) -> Callable[[bytes], bytes]:
    """A spoiler that changes the decoded message. It gets an id of its own: the good message still comes."""

    def spoil(body: bytes) -> bytes:
        loose: Loose = msgspec.json.decode(body)
        loose["id"] += "-flawed"
        edit(loose)
        return msgspec.json.encode(loose)

    return spoil


def _next_century(loose: Loose) -> None:
    loose["time"] = datetime.fromisoformat(loose["time"]) + timedelta(days=36_525)


FLAWS: dict[str, Flaw] = {
    "truncated": Flaw(RejectionReason.MALFORMED, lambda body: body[: len(body) * 2 // 3]),
    "not_json": Flaw(RejectionReason.MALFORMED, lambda body: b"UNB+UNOC:3+" + body[:40]),
    "not_an_object": Flaw(RejectionReason.INVALID, lambda body: b"[" + body + b"]"),
    "no_time": Flaw(RejectionReason.INVALID, _edited(lambda loose: loose.pop("time"))),
    "no_offset": Flaw(RejectionReason.INVALID, _edited(lambda loose: loose.update(time=loose["time"][:19]))),
    "number_for_id": Flaw(RejectionReason.INVALID, _edited(lambda loose: loose.update(id=len(loose["id"])))),
    "data_is_text": Flaw(RejectionReason.INVALID, _edited(lambda loose: loose.update(data="see attachment"))),
    "unknown_field": Flaw(RejectionReason.INVALID, _edited(lambda loose: loose["data"].update(colour="blue"))),
    "unknown_type": Flaw(RejectionReason.UNKNOWN_TYPE, _edited(lambda loose: loose.update(type="forklift.parked.v1"))),
    "unknown_version": Flaw(
        RejectionReason.UNKNOWN_VERSION, _edited(lambda loose: loose.update(type=loose["type"][:-1] + "9"))
    ),
    "wrong_owner": Flaw(
        RejectionReason.NOT_OWNER,
        _edited(lambda loose: loose.update(source="/crm/main", type="order.released.v1")),
    ),
    "unknown_source": Flaw(
        RejectionReason.UNKNOWN_SOURCE, _edited(lambda loose: loose.update(source="/spreadsheet/final-2"))
    ),
    "next_century": Flaw(RejectionReason.TIME_IMPOSSIBLE, _edited(_next_century)),
}


def flawed(body: bytes, random: Random) -> tuple[str, bytes]:
    """A spoilt copy of a message, and the flaw's name."""
    name = random.choice(tuple(FLAWS))
    return name, FLAWS[name].spoil(body)
