"""The fields of a native JSON message, read one by one: what is missing, of the wrong kind or no time says where."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from projections.checks import EARLIEST, LATEST
from projections.event import Rejection, RejectionReason

# RFC 3339, and the offset without its colon that ISO 8601 also allows.
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?(Z|z|[+-]\d\d:?\d\d)?", re.ASCII)


class RefusedError(Exception):
    """A message cannot be taken: why, and where in it (JSON Pointer)."""

    def __init__(self, reason: RejectionReason, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.rejection = Rejection(reason, detail, pointer)


class Fields:
    """A JSON object within a message, and the JSON Pointer that leads to it.

    Names are tried in the order given: versions of a standard call the same thing by other names. Null is absent.
    """

    def __init__(self, members: dict[str, object], pointer: str = "") -> None:
        self.members = members
        self.pointer = pointer

    def __contains__(self, name: str) -> bool:
        return self.members.get(name) is not None

    def at(self, name: str) -> str:
        return f"{self.pointer}/{name.replace('~', '~0').replace('/', '~1')}"

    def text(self, *names: str) -> str | None:
        """The first of these that is there and not blank. Raises RefusedError when it is no string."""
        for name in names:
            value = self.members.get(name)
            if value is not None and not isinstance(value, str):
                raise RefusedError(RejectionReason.INVALID, f"{name} is not a string", self.at(name))
            if value and (text := value.strip()):
                return text
        return None

    def needed(self, *names: str) -> str:
        """The same, and it has to be there."""
        found = self.text(*names)
        if found is None:
            raise RefusedError(RejectionReason.INVALID, f"{names[0]} is missing", self.at(names[0]))
        return found

    def flag(self, name: str) -> bool | None:
        value = self.members.get(name)
        if value is not None and not isinstance(value, bool):
            raise RefusedError(RejectionReason.INVALID, f"{name} is not true or false", self.at(name))
        return value

    def inner(self, name: str) -> "Fields":
        """An object within; an empty one when it is absent."""
        value = self.members.get(name)
        if value is not None and not isinstance(value, dict):
            raise RefusedError(RejectionReason.INVALID, f"{name} is not an object", self.at(name))
        return Fields(value or {}, self.at(name))

    def each(self, name: str) -> Iterator["Fields"]:
        """The objects of a list; JSON-LD writes a list of one without its brackets."""
        for index, value in enumerate(self._list(name)):
            pointer = f"{self.at(name)}/{index}"
            if not isinstance(value, dict):
                raise RefusedError(RejectionReason.INVALID, f"{name} has an item that is not an object", pointer)
            yield Fields(value, pointer)

    def texts(self, name: str) -> Iterator[tuple[str, str]]:
        """The strings of a list, each with its pointer."""
        for index, value in enumerate(self._list(name)):
            pointer = f"{self.at(name)}/{index}"
            if not isinstance(value, str):
                raise RefusedError(RejectionReason.INVALID, f"{name} has an item that is not a string", pointer)
            yield value.strip(), pointer

    def _list(self, name: str) -> list[object]:
        value = self.members.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def time(self, *names: str) -> datetime | None:
        """A date and time, without a zone when it has no offset. Raises RefusedError when it is not a possible one."""
        for name in names:
            if text := self.text(name):
                return _date_time(text, name, self.at(name))
        return None


def _date_time(text: str, name: str, pointer: str) -> datetime:
    if not _DATE_TIME.fullmatch(text):
        detail = f"{name} {text[:40]!r} is not a date and time as RFC 3339 writes them"
        raise RefusedError(RejectionReason.INVALID, detail, pointer)
    try:
        found = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise RefusedError(RejectionReason.TIME_IMPOSSIBLE, f"there is no {text}", pointer) from None
    if not EARLIEST <= (found if found.tzinfo else found.replace(tzinfo=UTC)) < LATEST:
        detail = f"{name} {text} is out of range (2000 to 2099)"
        raise RefusedError(RejectionReason.TIME_IMPOSSIBLE, detail, pointer)
    return found


def fields_of(raw: bytes) -> Fields:
    """The JSON object these bytes are. Raises RefusedError."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(RejectionReason.MALFORMED, f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise RefusedError(RejectionReason.MALFORMED, "not a JSON object")
    return Fields(value)
