"""X12 interchange syntax (X12.5, X12.6): from bytes to transaction sets, with every envelope, count and end checked.

Not pyx12: its reader takes versions 00401 and 00501 only, stops in silence at a blank segment or a cut-off end, and
raises on a bad ISA. Sets come out one by one as their SE is read; what is wrong comes out as `Broken` at its place,
and the sets around it stay. Never raises, whatever the bytes.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import msgspec

from projections.event import RejectionReason
from projections.sources.x12.scanner import HEADER, MAX_SEGMENT_BYTES, Scanner

MAX_SET_BYTES = 8 << 20
MAX_SET_SEGMENTS = 250_000
_WHITE = b" \t\r\n\0"

Segment: TypeAlias = list[str]


class TransactionSet(msgspec.Struct, frozen=True):
    """One message, ST to SE, with what its envelopes say of it. `digest` is of its content, line breaks aside.

    `raw` is an interchange of this one set, so that it can be read again alone.
    """

    code: str
    control: str
    group: str
    interchange: str
    created: tuple[str, str]
    version: str
    segments: list[Segment]
    digest: str
    raw: bytes


class Broken(msgspec.Struct, frozen=True):
    """Bytes that are no sound transaction set or envelope, and why."""

    detail: str
    raw: bytes
    reason: RejectionReason = RejectionReason.MALFORMED


class Acknowledgement(msgspec.Struct, frozen=True):
    """A TA1: an answer to an interchange, beside the messages."""

    raw: bytes


Part: TypeAlias = TransactionSet | Broken | Acknowledgement


def transaction_sets(chunks: Iterable[bytes]) -> Iterator[Part]:
    """Every transaction set of one or more interchanges, and everything that is none."""
    scanner = Scanner(chunks)
    found = False
    while True:
        before, skipped, header = scanner.header()
        if before.strip(_WHITE + b"\xef\xbb\xbf"):
            yield Broken(f"{skipped} bytes are no X12 interchange: no ISA segment begins here", before)
        elif header is None and not found:
            yield Broken("empty: there is no X12 interchange in it", before)
        if header is None:
            return
        found = True
        yield from _Interchange(header).read(scanner)


class _Group:
    """A functional group under way."""

    def __init__(self, elements: Segment, raw: bytes) -> None:
        self.raw = raw
        self.control = _at(elements, 6)
        self.created = (_at(elements, 4), _at(elements, 5))
        self.version = _at(elements, 8)
        self.sets = 0


class _Interchange:
    """One interchange under way: what is open, what was counted."""

    def __init__(self, header: bytes) -> None:
        self._header = header
        self._separator, self._terminator = header[3:4], header[-1:]
        self._elements = self._split(header[:-1])
        self._control = _at(self._elements, 13)
        self._group: _Group | None = None
        self._groups = 0
        self._open: list[bytes] = []
        self._in_set = self._skipping = self._closed = False
        self._size = 0
        self._steps: dict[bytes, Callable[[bytes, bytes], Iterable[Part]]] = {
            b"GS": self._gs,
            b"ST": self._st,
            b"SE": self._se,
            b"GE": self._ge,
            b"IEA": self._iea,
        }

    def read(self, scanner: Scanner) -> Iterator[Part]:
        """Its parts, up to its IEA, the next interchange or the end of the input."""
        while True:
            raw, terminated = scanner.until(self._terminator)
            following = HEADER.search(raw + self._terminator) if b"ISA" in raw else None
            if following is not None:
                scanner.back(len(raw) + terminated - following.start())
                raw = raw[: following.start()]
            yield from self._take(raw)
            if self._closed:
                return
            if following is not None:
                yield from self._cut_off("a new interchange begins before its end")
                return
            if not terminated:
                yield from self._cut_off("the input ends" if scanner.ended else "a segment has no end")
                return

    def _take(self, raw: bytes) -> Iterable[Part]:
        segment = raw.strip(_WHITE)
        if not segment:
            return ()
        step = self._steps.get(segment.partition(self._separator)[0], self._inside)
        return step(segment, raw)

    def _inside(self, segment: bytes, raw: bytes) -> Iterable[Part]:
        if self._skipping:
            return ()
        if not self._in_set and segment.startswith(b"TA1"):
            return (Acknowledgement(raw),)
        self._open.append(raw)
        self._size += len(raw)
        if self._size <= MAX_SET_BYTES and len(self._open) <= MAX_SET_SEGMENTS:
            return ()
        self._skipping = True
        detail = f"{self._where()} is larger than {MAX_SET_BYTES} bytes or {MAX_SET_SEGMENTS} segments"
        return (Broken(detail, self._taken()[:MAX_SEGMENT_BYTES], RejectionReason.OVERSIZED),)

    def _gs(self, segment: bytes, raw: bytes) -> Iterator[Part]:
        yield from self._unclosed("GS")
        if self._group is not None:
            yield Broken(f"group {self._group.control} has no GE before the next GS", raw)
        self._group = _Group(self._split(segment), segment)
        self._groups += 1

    def _st(self, _segment: bytes, raw: bytes) -> Iterator[Part]:
        yield from self._unclosed("the next ST")
        self._in_set, self._skipping = True, False
        if self._group is not None:
            self._group.sets += 1
        self._open, self._size = [raw], len(raw)

    def _se(self, segment: bytes, raw: bytes) -> Iterator[Part]:
        if not self._skipping:
            where, pieces = self._where(), [*self._open, raw]
            self._open = pieces
            whole = self._taken()
            if not self._in_set:
                yield Broken(f"SE without an ST before it, in interchange {self._control}", whole)
            elif self._group is None:
                yield Broken(f"{where} stands in no functional group", whole)
            else:
                yield self._checked(pieces, self._split(segment), self._group, whole)
        self._in_set = self._skipping = False

    def _checked(self, pieces: list[bytes], trailer: Segment, group: _Group, whole: bytes) -> Part:
        stripped = [piece for piece in (raw.strip(_WHITE) for raw in pieces) if piece]
        joined = self._terminator.join(stripped)
        segments = self._segments(joined)
        code, control = _at(segments[0], 1), _at(segments[0], 2)
        where = f"set {code} {control} of interchange {self._control}"
        if _number(_at(trailer, 1)) != len(segments):
            return Broken(f"{where} has {len(segments)} segments, its SE says {_at(trailer, 1) or 'none'}", whole)
        if not _same(_at(trailer, 2), control):
            return Broken(f"{where} is closed by the SE of set {_at(trailer, 2) or 'none'}", whole)
        digest = hashlib.blake2b(joined, digest_size=8).hexdigest()
        created = group.created if group.created[0] else (_at(self._elements, 9), _at(self._elements, 10))
        return TransactionSet(
            code, control, group.control, self._control, created, group.version, segments, digest, whole
        )

    def _ge(self, segment: bytes, raw: bytes) -> Iterator[Part]:
        yield from self._unclosed("the GE")
        trailer, group, self._group = self._split(segment), self._group, None
        if group is None:
            yield Broken(f"GE without a GS before it, in interchange {self._control}", raw)
        elif _number(_at(trailer, 1)) != group.sets:
            said = _at(trailer, 1) or "none"
            yield Broken(f"group {group.control} has {group.sets} transaction sets, its GE says {said}", raw)
        elif not _same(_at(trailer, 2), group.control):
            yield Broken(f"group {group.control} is closed by the GE of group {_at(trailer, 2) or 'none'}", raw)

    def _iea(self, segment: bytes, raw: bytes) -> Iterator[Part]:
        yield from self._unclosed("the IEA")
        trailer, self._closed = self._split(segment), True
        if self._group is not None:
            yield Broken(f"group {self._group.control} has no GE before the IEA", raw)
        elif _number(_at(trailer, 1)) != self._groups:
            said = _at(trailer, 1) or "none"
            yield Broken(f"interchange {self._control} has {self._groups} groups, its IEA says {said}", raw)
        elif not _same(_at(trailer, 2), self._control):
            said = _at(trailer, 2) or "none"
            yield Broken(f"interchange {self._control} is closed by the IEA of interchange {said}", raw)

    def _unclosed(self, by: str) -> Iterator[Part]:
        """What was collected and not closed by an SE, when something comes that cannot come before it."""
        if self._open:
            where = self._where()
            yield Broken(f"{where} has no SE before {by}", self._taken())
        self._in_set = self._skipping = False

    def _cut_off(self, why: str) -> Iterator[Part]:
        where, position = self._where(), len(self._open)
        if self._open:
            yield Broken(f"{where} is cut off at segment {position}: {why}", self._taken())
        else:
            yield Broken(f"interchange {self._control} is cut off, no IEA: {why}", self._header)

    def _where(self) -> str:
        if not self._open or not self._in_set:
            return f"segments outside a transaction set of interchange {self._control}"
        opening = self._split(self._open[0].strip(_WHITE))
        return f"set {_at(opening, 1)} {_at(opening, 2)} of interchange {self._control}"

    def _taken(self) -> bytes:
        whole = self._terminator.join(self._open).lstrip(_WHITE) + self._terminator
        self._open, self._size = [], 0
        return self._alone(whole, self._group) if self._in_set and self._group else whole

    def _alone(self, whole: bytes, group: _Group) -> bytes:
        """A set as an interchange of its own, in the envelopes it came in, so that it can be read again alone."""
        trailers = (("GE", "1", group.control), ("IEA", "1", self._control))
        ends = [self._separator.join(part.encode("latin-1") for part in trailer) for trailer in trailers]
        parts = (group.raw, whole.removesuffix(self._terminator), *ends, b"")
        return self._header + self._terminator.join(parts)

    def _split(self, segment: bytes) -> Segment:
        return segment.decode("latin-1").split(self._separator.decode("latin-1"))

    def _segments(self, joined: bytes) -> list[Segment]:
        """Text in UTF-8, as most send it now, else Latin-1, which any bytes are."""
        try:
            text = joined.decode()
        except UnicodeDecodeError:
            text = joined.decode("latin-1")
        separator = self._separator.decode("latin-1")
        return [segment.split(separator) for segment in text.split(self._terminator.decode("latin-1"))]


def _at(elements: Segment, position: int) -> str:
    return elements[position].strip()[:40] if position < len(elements) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _same(one: str, other: str) -> bool:
    """Control numbers are numbers to some senders, who drop the zeros before them, and text to others."""
    return one == other or (_number(one) is not None and _number(one) == _number(other))
