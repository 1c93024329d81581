"""Interchanges, groups and messages (ISO 9735-1, section 8): whether each ends as it began and holds what it counts."""

from collections.abc import Iterable, Iterator

import msgspec

from projections.event import RejectionReason
from projections.sources.edifact.segments import RawSegment, Segment, parse, raw_segments

MAX_MESSAGE_BYTES = 16_777_216
_MAX_STRAY_BYTES = 65_536

# UNB S001 0001: the character repertoire of what follows. UNOY and UNOW are ISO 10646, in practice as UTF-8.
ENCODINGS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with an interchange or with one message of it, and its bytes."""

    detail: str
    raw: bytes
    reason: RejectionReason = RejectionReason.MALFORMED


class Message(msgspec.Struct, frozen=True):
    """A whole message, UNH to UNT. `raw` is an interchange of this one message, so that it can be read again alone."""

    type: str
    reference: str
    repertoire: str
    is_test: bool
    segments: tuple[RawSegment, ...]
    raw: bytes


class _Open:
    """An interchange, group or message that began and has not ended."""

    def __init__(self, header: RawSegment, reference_at: int) -> None:
        self.header = header
        self.parsed = parse(header, "latin-1")
        self.reference = self.parsed.get(reference_at)
        self.count = 0

    def fault(self, trailer: Segment, counted: str) -> str:
        """Why a trailer does not fit, in words; empty when it does."""
        where = f"segment {trailer.position} ({trailer.tag})"
        if trailer.get(1).lstrip("0") != str(self.count).lstrip("0"):
            return f"{where} counts {trailer.get(1) or 'no'} {counted}, there are {self.count}"
        if trailer.get(2) != self.reference:
            return f"{where} closes {trailer.get(2) or 'no reference'}, but {self.reference} was opened"
        return ""


class EnvelopeReader:
    """Feed it segments in order with `take`, then `close`: each message and each fault comes out once."""

    def __init__(self) -> None:
        self._announced = b""
        self._una = b""
        self._interchange: _Open | None = None
        self._group: _Open | None = None
        self._message: _Open | None = None
        self._segments: list[RawSegment] = []
        self._bytes = 0
        self._stray = bytearray()
        self._stray_position = 0
        self._groups = 0
        self._steps = {"UNB": self._unb, "UNG": self._ung, "UNH": self._unh, "UNT": self._unt}
        self._steps |= {"UNE": self._une, "UNZ": self._unz}

    def take(self, segment: RawSegment) -> Iterator[Message | Fault]:
        if segment.fault:
            yield from self._faulty(segment)
            return
        step = self._steps.get(segment.tag)
        if segment.tag == "UNA":
            yield from self._end_interchange("UNA")
            self._announced = segment.raw
        elif step is not None:
            yield from self._flush_stray()
            yield from step(segment)
        elif self._message is not None:
            self._add(segment)
        else:
            self._add_stray(segment)

    def close(self) -> Iterator[Fault]:
        """The end of input: what is still open was cut off."""
        yield from self._flush_stray()
        yield from self._end_interchange("the end of input")

    def _faulty(self, segment: RawSegment) -> Iterator[Fault]:
        if self._message is None:
            yield from self._flush_stray()
            yield Fault(segment.fault, segment.raw)
            return
        self._segments.append(segment)
        yield self._broken(segment.fault)

    def _add(self, segment: RawSegment) -> None:
        self._bytes += len(segment.raw)
        if self._message is not None:
            self._message.count += 1
        if self._bytes <= MAX_MESSAGE_BYTES:
            self._segments.append(segment)

    def _broken(self, detail: str, reason: RejectionReason = RejectionReason.MALFORMED) -> Fault:
        """Give up the open message."""
        reference = self._message.reference if self._message else ""
        fault = Fault(f"message {reference or 'without reference'}: {detail}", self._raw(), reason)
        self._message, self._segments, self._bytes = None, [], 0
        return fault

    def _raw(self) -> bytes:
        """The open message as an interchange of its own, with the envelope it came in."""
        parts = [self._una]
        ends = []
        for level, trailer in ((self._interchange, "UNZ"), (self._group, "UNE")):
            if level is not None:
                separators = level.header.separators
                reference = level.parsed.elements[5][0] if len(level.parsed.elements) > 5 else ""  # noqa: PLR2004 -- 0020, 0048
                parts.append(level.header.raw)
                ends.append(f"{trailer}{separators.element}1{separators.element}{reference}{separators.terminator}")
        parts.extend(segment.raw for segment in self._segments)
        return b"".join(parts) + "".join(reversed(ends)).encode("latin-1")

    def _add_stray(self, segment: RawSegment) -> None:
        if not self._stray:
            self._stray_position = segment.position
        if len(self._stray) < _MAX_STRAY_BYTES:
            self._stray += segment.raw

    def _flush_stray(self) -> Iterator[Fault]:
        """Segments that belong to no message: one fault for all in a row."""
        if self._stray:
            inside = "outside a message" if self._interchange else "before any UNB"
            yield Fault(f"segment {self._stray_position} stands {inside}", bytes(self._stray))
            self._stray.clear()

    def _unb(self, segment: RawSegment) -> Iterator[Fault]:
        yield from self._end_interchange("UNB")
        self._interchange = _Open(segment, 5)
        self._una, self._announced = self._announced, b""
        self._groups = 0

    def _ung(self, segment: RawSegment) -> Iterator[Fault]:
        yield from self._end_group("UNG")
        if self._interchange is None:
            self._add_stray(segment)
            return
        self._group = _Open(segment, 5)
        self._groups += 1

    def _unh(self, segment: RawSegment) -> Iterator[Fault]:
        yield from self._end_message("UNH")
        for level in (self._interchange, self._group):
            if level is not None:
                level.count += 1
        self._message = _Open(segment, 1)
        self._add(segment)

    def _unt(self, segment: RawSegment) -> Iterator[Message | Fault]:
        message = self._message
        if message is None:
            yield Fault(f"segment {segment.position} (UNT) ends no message", segment.raw)
            return
        self._add(segment)
        fault = message.fault(parse(segment, "latin-1"), "segments")
        if self._interchange is None:
            yield self._broken(f"segment {message.header.position} (UNH) stands outside an interchange: no UNB")
        elif self._bytes > MAX_MESSAGE_BYTES:
            detail = f"{self._bytes} bytes, more than {MAX_MESSAGE_BYTES}"
            yield self._broken(detail, RejectionReason.OVERSIZED)
        elif fault:
            yield self._broken(fault)
        else:
            yield self._whole(message, self._interchange.parsed)

    def _whole(self, message: _Open, unb: Segment) -> Message:
        whole = Message(
            message.parsed.get(2),
            message.reference,
            unb.get(1),
            unb.get(11) == "1",
            tuple(self._segments),
            self._raw(),
        )
        self._message, self._segments, self._bytes = None, [], 0
        return whole

    def _une(self, segment: RawSegment) -> Iterator[Fault]:
        yield from self._end_message("UNE")
        detail = f"segment {segment.position} (UNE) ends no group"
        if self._group is not None:
            detail = self._group.fault(parse(segment, "latin-1"), "messages")
        if detail:
            yield Fault(detail, segment.raw)
        self._group = None

    def _unz(self, segment: RawSegment) -> Iterator[Fault]:
        yield from self._end_group("UNZ")
        detail = f"segment {segment.position} (UNZ) ends no interchange"
        if self._interchange is not None:
            if self._groups:
                self._interchange.count = self._groups
            detail = self._interchange.fault(parse(segment, "latin-1"), "groups" if self._groups else "messages")
        if detail:
            yield Fault(detail, segment.raw)
        self._interchange = None

    def _end_message(self, found: str) -> Iterator[Fault]:
        if self._message is not None:
            yield self._broken(f"truncated: {found} comes before its UNT")

    def _end_group(self, found: str) -> Iterator[Fault]:
        yield from self._end_message(found)
        if self._group is not None:
            detail = f"truncated: {found} comes before the UNE of group {self._group.reference}"
            yield Fault(detail, self._group.header.raw)
            self._group = None

    def _end_interchange(self, found: str) -> Iterator[Fault]:
        yield from self._end_group(found)
        if self._interchange is not None:
            detail = f"truncated: {found} comes before the UNZ of interchange {self._interchange.reference}"
            yield Fault(detail, self._interchange.header.raw)
        self._interchange = None


def messages(chunks: Iterable[bytes]) -> Iterator[Message | Fault]:
    """Every message of a file, or what is wrong with it, in order."""
    reader = EnvelopeReader()
    position = 0
    for segment in raw_segments(chunks):
        position = segment.position
        yield from reader.take(segment)
    if not position:
        yield Fault("the file is empty", b"")
    yield from reader.close()
