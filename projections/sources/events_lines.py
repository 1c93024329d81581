"""CloudEvents as they are, one JSON object a line (NDJSON)."""

from collections.abc import Iterable, Iterator

from projections.event import Rejection, RejectionReason
from projections.sources.adapter import CanonicalEvent, Rejected, Source, Taken

# No installation may allow larger events.
MAX_LINE_BYTES = 16_777_216
_KEPT_BYTES = 65_536


def events_lines(chunks: Iterable[bytes], source: Source) -> Iterator[Taken]:  # noqa: ARG001 - events name their own
    """Each line that is not blank is a message; whether it is an event, intake says. Memory holds one line."""
    for number, line in enumerate(_lines(chunks), 1):
        if len(line) > MAX_LINE_BYTES:
            detail = f"line {number} has more than {MAX_LINE_BYTES} bytes; the rest of it was passed over"
            yield Rejected(Rejection(RejectionReason.OVERSIZED, detail), line[:_KEPT_BYTES])
        elif line.strip():
            yield CanonicalEvent(line, line)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends; one that is too long is cut just past the limit."""
    line = bytearray()
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        line += first[: MAX_LINE_BYTES + 1 - len(line)]
        for other in others:
            yield bytes(line)
            line = bytearray(other)
    yield bytes(line)
