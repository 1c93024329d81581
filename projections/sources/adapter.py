"""What every adapter is given and gives back."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from projections.event import Rejection

TzSource = Literal["carrier", "location", "source", "assumed"]


class Source(msgspec.Struct, frozen=True):
    """A source as it was declared: who speaks, for whom, and what it leaves unsaid.

    `tenant` and `carrier` are those its messages are about when they do not say so themselves; `zone` is the IANA
    time zone of its times when they have no offset.
    """

    name: str
    tenant: str | None = None
    carrier: str | None = None
    zone: str | None = None


class CanonicalEvent(msgspec.Struct, frozen=True):
    """An event in our words, as CloudEvents JSON, with the native message it was made from."""

    body: bytes
    raw: bytes


class Rejected(msgspec.Struct, frozen=True):
    """A native message, or a part of one, that cannot be taken: why and where, and its bytes."""

    rejection: Rejection
    raw: bytes


class Ignored(msgspec.Struct, frozen=True):
    """A native message that was understood and says nothing we keep."""

    words: str
    raw: bytes


Taken: TypeAlias = CanonicalEvent | Rejected | Ignored
Adapter: TypeAlias = Callable[[Iterable[bytes], Source], Iterator[Taken]]


def placed_in_time(
    local: datetime, source: Source, *, offset: tzinfo | None = None, place_zone: str | None = None
) -> tuple[datetime, TzSource | None]:
    """A time with an offset, and where the offset is from: None when the message gave it itself.

    A time without one takes the zone of the place it happened at, else the one declared for the source, else UTC,
    which is a guess and says so.
    """
    if local.tzinfo is not None:
        return local, None
    if offset is not None:
        return local.replace(tzinfo=offset), None
    if place_zone is not None:
        return local.replace(tzinfo=ZoneInfo(place_zone)), "location"
    if source.zone is not None:
        return local.replace(tzinfo=ZoneInfo(source.zone)), "source"
    return local.replace(tzinfo=UTC), "assumed"
