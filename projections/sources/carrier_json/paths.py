"""Where in a carrier's JSON something stands.

`status.code` is looked up in the event, `^.number` in the object that holds the event's list, `$.account` in the
body's object. A list of events is `parcels[].scans[]`: of each parcel, each scan. Unknown fields are fine.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

_NAME = r"[A-Za-z0-9_@\-]+"
FIELD_PATH = re.compile(rf"([$^]\.)?{_NAME}(\.{_NAME})*")
LIST_PATH = re.compile(rf"{_NAME}(\.{_NAME})*\[\](\.{_NAME}(\.{_NAME})*\[\])*")


class Found(msgspec.Struct, frozen=True):
    """An event with the object around it and the whole body."""

    event: Json
    above: Json
    body: Json

    def value(self, path: str | None) -> Json:
        """What stands at a path; None when nothing does."""
        if path is None:
            return None
        if path.startswith("$."):
            return at(self.body, path[2:])
        return at(self.above, path[2:]) if path.startswith("^.") else at(self.event, path)

    def text(self, path: str | None) -> str | None:
        """The same as text: a number as it was written. None when empty, or not one value."""
        value = self.value(path)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        return str(value).strip() or None


def at(value: Json, path: str) -> Json:
    """What stands at a dotted path of names."""
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


class NoEvents(Exception):  # noqa: N818 -- names the finding, which is an answer and no failure of ours
    """A body has no list where its events should be."""


def events(body: Json, list_path: str | None) -> Iterator[Found]:
    """The events of one object. Raises NoEvents when a list is not where it should be."""
    if list_path is None:
        yield Found(body, body, body)
        return
    yield from _below(body, list_path.removesuffix("[]").split("[]."), body)


def _below(value: Json, steps: list[str], body: Json) -> Iterator[Found]:
    items = at(value, steps[0])
    if not isinstance(items, list):
        raise NoEvents(f"no list stands at {steps[0]}")
    for item in items:
        if len(steps) == 1:
            yield Found(item, value, body)
        else:
            yield from _below(item, steps[1:], body)
