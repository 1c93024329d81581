"""Bytes as they come, cut into segments at a terminator that each interchange chooses for itself."""

import re
from collections.abc import Iterable, Iterator

BLOCK_BYTES = 1 << 16
MAX_SEGMENT_BYTES = 1 << 16
MAX_HEADER_BYTES = 512

# ISA is the one segment whose delimiters are found by position (X12.5): the byte after the tag separates elements,
# the one after ISA16 ends segments. Widths are not insisted on, since senders pad badly; the date and time are.
HEADER = re.compile(
    rb"ISA([^A-Za-z0-9\s])(?:(?:(?!\1).){0,40}\1){8}\d{6,8}\1\d{4,6}\1(?:(?:(?!\1).){0,40}\1){5}.([^A-Za-z0-9 ])",
    re.DOTALL,
)


class Scanner:
    """Reads chunks of any size in bounded memory."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._blocks = _blocks(chunks)
        self._buffer = b""
        self._at = 0

    def until(self, terminator: bytes) -> tuple[bytes, bool]:
        """The bytes before the next terminator, which is passed over, and whether there was one.

        False: the input ended, or no terminator came within `MAX_SEGMENT_BYTES`.
        """
        searched = self._at
        while (end := self._buffer.find(terminator, searched)) < 0:
            held = len(self._buffer) - self._at
            if held >= MAX_SEGMENT_BYTES or not self._more():
                return self._pass(min(held, MAX_SEGMENT_BYTES)), False
            searched = held
        found = self._buffer[self._at : end]
        self._at = end + 1
        return found, True

    def back(self, count: int) -> None:
        """Give back the last bytes that were read; they must have come from the last call of `until`."""
        self._at -= count

    def header(self) -> tuple[bytes, int, bytes | None]:
        """What stands before the next ISA (its beginning, and how many bytes in all), and the ISA segment if any."""
        before, skipped = b"", 0
        while True:
            found = self._buffer.find(b"ISA", self._at)
            end = found if found >= 0 else max(self._at, len(self._buffer) - 2)
            passed = self._pass(end - self._at)
            before, skipped = before + passed[: MAX_SEGMENT_BYTES - len(before)], skipped + len(passed)
            while len(self._buffer) - self._at < MAX_HEADER_BYTES and self._more():
                pass
            if match := HEADER.match(self._buffer, self._at):
                return before, skipped, self._pass(match.end() - match.start())
            if self._at >= len(self._buffer):
                return before, skipped, None
            passed = self._pass(1)
            before, skipped = before + passed[: MAX_SEGMENT_BYTES - len(before)], skipped + 1

    @property
    def ended(self) -> bool:
        return self._at >= len(self._buffer) and not self._more()

    def _pass(self, count: int) -> bytes:
        passed = self._buffer[self._at : self._at + count]
        self._at += count
        return passed

    def _more(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._buffer, self._at = self._buffer[self._at :] + block, 0
        return True


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size: neither a byte at a time nor a whole file at once."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK_BYTES):
            waiting.append(chunk[start : start + BLOCK_BYTES])
            size += len(waiting[-1])
            if size >= BLOCK_BYTES:
                yield b"".join(waiting)
                waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
