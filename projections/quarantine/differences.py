"""What two JSON documents differ in, place by place."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

# A JSON value, or UNSET where there is none.
Json: TypeAlias = Any


class Difference(msgspec.Struct, frozen=True):
    """At this place (JSON Pointer, RFC 6901; "" is the whole document): what was there, what is; left out if nothing."""

    pointer: str
    before: Json | UnsetType = UNSET
    after: Json | UnsetType = UNSET


def differences(before: bytes | None, after: bytes | None) -> list[Difference]:
    """The places in which two documents differ; None is no document at all."""
    one, other = (UNSET if document is None else msgspec.json.decode(document) for document in (before, after))
    return list(_compared("", one, other))


def _compared(pointer: str, before: Json, after: Json) -> Iterator[Difference]:
    """Members by name, items by their place in the list: what is put in front moves all that follow."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            token = name.replace("~", "~0").replace("/", "~1")
            yield from _compared(f"{pointer}/{token}", before.get(name, UNSET), after.get(name, UNSET))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            one, other = (items[index] if index < len(items) else UNSET for items in (before, after))
            yield from _compared(f"{pointer}/{index}", one, other)
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield Difference(pointer, before, after)
