"""From bytes to EDIFACT segments (ISO 9735-1, sections 7 and 9), a few at a time.

pydifact is not used here: it wants the whole interchange as one text, decoded, and raises in the middle of it.
"""

from collections.abc import Iterable, Iterator

import msgspec

MAX_SEGMENT_BYTES = 65_536
_WHITESPACE = b" \t\r\n\x1a"
_UNA_BYTES = 9


class Separators(msgspec.Struct, frozen=True):
    """The service characters of an interchange (UNA). A release character of one space means there is none."""

    component: str = ":"
    element: str = "+"
    release: str = "?"
    terminator: str = "'"

    @property
    def usable(self) -> bool:
        """Whether they can be told apart from each other and from data."""
        signs = {self.component, self.element, self.terminator}
        if self.release != " ":
            signs.add(self.release)
        distinct = len(signs) == (3 if self.release == " " else 4)
        return distinct and not any(sign.isalnum() or sign == " " or sign > "\x7f" for sign in signs)


DEFAULT_SEPARATORS = Separators()


class RawSegment(msgspec.Struct, frozen=True):
    """A segment's bytes with its terminator. `fault` says why these bytes are none; `position` counts from 1."""

    raw: bytes
    position: int
    separators: Separators = DEFAULT_SEPARATORS
    fault: str = ""

    @property
    def tag(self) -> str:
        return self.raw[:3].decode("latin-1")


class Segment(msgspec.Struct, frozen=True):
    """A segment taken apart: `elements[0]` is the tag; an element is its components."""

    elements: tuple[tuple[str, ...], ...]
    position: int = 0

    @property
    def tag(self) -> str:
        return self.elements[0][0]

    def get(self, element: int, component: int = 0) -> str:
        """A component's text without surrounding blanks; empty when it is not given."""
        if element >= len(self.elements) or component >= len(self.elements[element]):
            return ""
        return self.elements[element][component].strip()


def parse(segment: RawSegment, encoding: str) -> Segment:
    """Take a segment apart. Line breaks in it are the transport's, not data. Raises UnicodeDecodeError."""
    separators = segment.separators
    raw = segment.raw.removesuffix(separators.terminator.encode())
    text = raw.replace(b"\r", b"").replace(b"\n", b"").decode(encoding)
    if separators.release == " " or separators.release not in text:
        elements = tuple(tuple(part.split(separators.component)) for part in text.split(separators.element))
    else:
        elements = tuple(tuple(components) for components in _released(text, separators))
    return Segment(elements, segment.position)


def _released(text: str, separators: Separators) -> list[list[str]]:
    """The elements of a text in which a release character takes the next one's meaning away."""
    elements = [[""]]
    characters = iter(text)
    for character in characters:
        if character == separators.release:
            elements[-1][-1] += next(characters, "")
        elif character == separators.element:
            elements.append([""])
        elif character == separators.component:
            elements[-1].append("")
        else:
            elements[-1][-1] += character
    return elements


class _Buffer:
    """What was read and not yet used. Holds no more than one segment and one chunk."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.held = bytearray()

    def fill(self) -> bool:
        """Read one chunk more; False at the end."""
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self.held += chunk
        return True

    def skip_whitespace(self) -> bool:
        """Drop the line breaks between segments; False at the end."""
        while True:
            start = next((at for at, byte in enumerate(self.held) if byte not in _WHITESPACE), None)
            if start is not None:
                del self.held[:start]
                return True
            self.held.clear()
            if not self.fill():
                return False

    def starts(self, count: int) -> bytes:
        """The first bytes, fewer only at the end."""
        while len(self.held) < count and self.fill():
            pass
        return bytes(self.held[:count])

    def take(self, count: int) -> bytes:
        taken = bytes(self.held[:count])
        del self.held[:count]
        return taken

    def find_terminator(self, separators: Separators) -> int:
        """Where the first segment ends; -1 when it does not end, or not within `MAX_SEGMENT_BYTES`."""
        terminator, release = ord(separators.terminator), ord(separators.release)
        start = 0
        while True:
            at = self.held.find(terminator, start)
            if at >= 0 and (release == ord(" ") or not _is_released(self.held, at, release)):
                return at
            if at >= 0:
                start = at + 1
                continue
            start = len(self.held)
            if start > MAX_SEGMENT_BYTES or not self.fill():
                return -1


def _is_released(held: bytearray, at: int, release: int) -> bool:
    count = 0
    while at - count > 0 and held[at - count - 1] == release:
        count += 1
    return count % 2 == 1


def raw_segments(chunks: Iterable[bytes]) -> Iterator[RawSegment]:
    """The segments of a file of interchanges. Each interchange has its own service characters: UNA's or the default.

    What ends without a terminator comes last, with a `fault`.
    """
    buffer = _Buffer(chunks)
    separators, announced, position = DEFAULT_SEPARATORS, False, 0
    while buffer.skip_whitespace():
        position += 1
        if buffer.starts(_UNA_BYTES)[:3] == b"UNA":
            separators, announced = _announced(buffer.starts(_UNA_BYTES)), True
            fault = "" if separators.usable else "segment 1 (UNA) gives service characters that cannot be told apart"
            yield RawSegment(buffer.take(_UNA_BYTES), position, separators, fault)
            separators = separators if separators.usable else DEFAULT_SEPARATORS
            continue
        if buffer.starts(3) == b"UNB":
            separators = separators if announced else DEFAULT_SEPARATORS
            announced = False
        end = buffer.find_terminator(separators)
        if end < 0 or end >= MAX_SEGMENT_BYTES:
            yield _unended(buffer, position, separators)
            return
        yield RawSegment(buffer.take(end + 1), position, separators)


def _announced(una: bytes) -> Separators:
    component, element, _decimal, release, _repetition, terminator = list(una[3:].ljust(6).decode("latin-1"))
    return Separators(component, element, release, terminator)


def _unended(buffer: _Buffer, position: int, separators: Separators) -> RawSegment:
    tag = buffer.starts(3).decode("latin-1")
    tag = tag if tag.isalpha() and tag.isascii() else "no tag"
    if len(buffer.held) > MAX_SEGMENT_BYTES:
        fault = f"segment {position} ({tag}) has no end within {MAX_SEGMENT_BYTES} bytes; nothing after it was read"
    else:
        fault = f"truncated: segment {position} ({tag}) does not end"
    return RawSegment(buffer.take(MAX_SEGMENT_BYTES), position, separators, fault)
