"""From which lag on a document is called delayed or stale: by what its sources speak for. Pure.

A customer misses a milestone within seconds and an order's header within minutes. So each attribute group has
thresholds, and a document is judged by the strictest of those its sources may set: only slow ones, and it may lag longer.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Self

import msgspec

from projections.ownership import GROUPS, AttributeGroup, role_of

_ONE = re.compile(r"(?P<group>[a-z_]+)=(?P<live>\d+(?:\.\d+)?)/(?P<stale>\d+(?:\.\d+)?)")


class Threshold(msgspec.Struct, frozen=True):
    """Up to `live_seconds` of lag live, past `stale_seconds` stale, delayed between."""

    live_seconds: float
    stale_seconds: float

    def stricter(self, other: Self) -> Self:
        """What both demand."""
        return type(self)(min(self.live_seconds, other.live_seconds), min(self.stale_seconds, other.stale_seconds))


class Thresholds:
    """The thresholds of each attribute group; `usual` for those without their own."""

    def __init__(self, usual: Threshold, groups: Mapping[AttributeGroup, Threshold] | None = None) -> None:
        self._usual = usual
        self._groups = groups or {}

    def of(self, sources: Iterable[str]) -> Threshold:
        """What a document is held to in which these sources have a part; `usual` when they speak for no group."""
        strictest: Threshold | None = None
        for source in sources:
            role = role_of(source)
            for group in GROUPS[role] if role else ():
                own = self._groups.get(group, self._usual)
                strictest = own if strictest is None else strictest.stricter(own)
        return strictest or self._usual


def groups_of(words: str) -> dict[AttributeGroup, Threshold]:
    """Thresholds as settings say them, `order=60/600 case=300/3600`. Raises ValueError that says what is wrong."""
    groups: dict[AttributeGroup, Threshold] = {}
    for word in words.split():
        match = _ONE.fullmatch(word)
        if match is None or match["group"] not in AttributeGroup.__members__.values():
            raise ValueError(f"{word} is none of {', '.join(AttributeGroup)} with =LIVE/STALE seconds")
        own = Threshold(float(match["live"]), float(match["stale"]))
        if own.stale_seconds < own.live_seconds:
            raise ValueError(f"{word}: stale would begin before delayed")
        groups[AttributeGroup(match["group"])] = own
    return groups
