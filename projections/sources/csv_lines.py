"""From bytes to the rows of a CSV file (RFC 4180), one at a time, with the bytes of each."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

MAX_LINE_BYTES = 1_048_576
MAX_ROW_LINES = 50
DELIMITERS = ",;\t|"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Row(msgspec.Struct, frozen=True):
    """A row's fields and bytes; `number` counts from 1 as a spreadsheet does. `fault` says why there are no fields."""

    number: int
    fields: tuple[str, ...]
    raw: bytes
    fault: str = ""


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their ends, whichever they are. One longer than `MAX_LINE_BYTES` comes in pieces."""
    held = b""
    for chunk in chunks:
        # A carriage return at the end of a chunk may be half of a line end.
        *whole, held = (held + chunk).splitlines(keepends=True) or [b""]
        yield from whole
        if held.endswith(b"\n") or len(held) > MAX_LINE_BYTES:
            yield held
            held = b""
    if held:
        yield held


def sniffed(header: str) -> str:
    """The delimiter a header line uses most; a comma where it uses none."""
    return max(DELIMITERS, key=header.count)


class RowReader:
    """Gives the rows of some lines. A quote that never closes costs its own line, not those after it."""

    def __init__(self, source: Iterator[bytes], delimiter: str | None, fallback: str | None) -> None:
        self._source = source
        self._again: deque[bytes] = deque()
        self._fallback = fallback
        self.delimiter = delimiter
        self.number = 0

    def __iter__(self) -> Iterator[Row]:
        while (line := self._line()) is not None:
            self.number += 1
            if self.number == 1:
                line = line.removeprefix(_UTF8_BOM)
                if line.startswith(_UTF16_BOMS):
                    yield Row(1, (), line, "the file is UTF-16; UTF-8 is read here")
                    return
                if line.lower().startswith(b"sep=") and len(line.rstrip()) == len("sep=,"):
                    self.delimiter, self.number = line[4:5].decode("latin-1"), 0
                    continue
            yield self._row(line)

    def _line(self) -> bytes | None:
        return self._again.popleft() if self._again else next(self._source, None)

    def _row(self, first: bytes) -> Row:
        taken = [first]
        while True:
            try:
                texts = [self._decoded(line) for line in taken]
                self.delimiter = self.delimiter or sniffed(texts[0])
                fields = next(csv.reader(texts, delimiter=self.delimiter, strict=True), [])
            except UnicodeDecodeError as error:
                return self._broken(taken, f"byte {error.start + 1} is not UTF-8")
            except csv.Error as error:
                # Only an open quote can be closed by a further line.
                line = self._line() if "unexpected end" in str(error) and len(taken) < MAX_ROW_LINES else None
                if line is None:
                    return self._broken(taken, f"{error}")
                taken.append(line)
            else:
                return Row(self.number, tuple(field.strip() for field in fields), b"".join(taken))

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            if self._fallback is None:
                raise
            return line.decode(self._fallback)

    def _broken(self, taken: list[bytes], fault: str) -> Row:
        self._again.extendleft(reversed(taken[1:]))
        return Row(self.number, (), taken[0], fault)
