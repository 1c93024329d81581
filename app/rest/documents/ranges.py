"""Ranges of bytes, as asked for and as answered: RFC 9110, section 14. Pure."""

import re
from typing import Final

import msgspec

_ONE: Final = re.compile(r"bytes[ \t]*=[ \t,]*(\d*)-(\d*)[ \t,]*", re.IGNORECASE)
# Longer numbers are past the end of anything.
_DIGITS_MAX: Final = 18


class Range(msgspec.Struct, frozen=True):
    """Bytes from `start` up to `stop`, of `size` in all."""

    start: int
    stop: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


class NotSatisfiableError(Exception):
    """A good range of which there is no byte (416)."""


def range_of(header: str | None, size: int) -> Range | None:
    """What is asked for of `size` bytes; None, and so all of them, when it is several ranges or none we know (14.2).

    Raises NotSatisfiableError.
    """
    match = _ONE.fullmatch(header.strip()) if header else None
    if match is None or match[1] == match[2] == "":
        return None
    first, last = (int(digits[:_DIGITS_MAX]) if digits else None for digits in match.groups())
    if first is None:
        # The last so many bytes.
        if not last:
            raise NotSatisfiableError
        return Range(max(0, size - last), size, size)
    if last is not None and last < first:
        return None
    if first >= size:
        raise NotSatisfiableError
    return Range(first, size if last is None else min(last + 1, size), size)
