"""The items of a list inside a JSON document, one by one, without holding the document.

No streaming JSON parser is among our libraries, and one that stops at the first mistake would lose what comes after
it. This reads only brackets, commas and strings; whether an item is JSON its decoder says. So a document of any
length takes the memory of its longest item, a broken item harms none beside it, and what comes before a cut is kept.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from projections.event import Rejection, RejectionReason
from projections.sources.adapter import Ignored, Rejected

MAX_ITEM_BYTES = 4_194_304
# Of what is too long or was cut off, so much goes into quarantine.
KEPT_BYTES = 65_536
# Bytes with more brackets astray than this are no JSON.
_MOST_STRAYS = 100
_BOM = b"\xef\xbb\xbf"

# A string that is not closed ends with its line: JSON has no line breaks in strings, and the next item may be sound.
_STRING = rb'"(?:[^"\\\n]++|\\.)*+["\n]'
_TOKEN = re.compile(rb'[^"{}\[\],:]*+(' + _STRING + rb"|[{}\[\],:])", re.DOTALL)
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+([{}\[\]])", re.DOTALL)
_OPENER = {b"}": b"{", b"]": b"["}

Paths: TypeAlias = frozenset[tuple[str, ...]]


class Item(msgspec.Struct, frozen=True):
    """One item as it stands in its document, or a document that has no list."""

    raw: bytes


Piece: TypeAlias = Item | Rejected | Ignored


def items(chunks: Iterable[bytes], paths: Paths, max_item_bytes: int = MAX_ITEM_BYTES) -> Iterator[Piece]:
    """The items of the lists found under these paths of member names, `()` being a list at the top.

    A document without such a list is one item; documents may follow each other. An item longer than
    `max_item_bytes` is rejected and passed over; so is what a mistake between items leaves unreadable. Never raises.
    """
    cutter = _Cutter(paths, max_item_bytes)
    for chunk in chunks:
        if cutter.fed(chunk):
            yield from cutter.cut()
        if cutter.given_up:
            return
    yield from cutter.cut()
    if not cutter.given_up:
        yield from cutter.ended()


def _malformed(detail: str, raw: bytes) -> Rejected:
    return Rejected(Rejection(RejectionReason.MALFORMED, detail), raw[:KEPT_BYTES])


class _Cutter:
    """Where in the document we are. `start` is where the piece being read begins, `at` how far it was read."""

    def __init__(self, paths: Paths, max_item_bytes: int) -> None:
        self.given_up = False
        self._buffer = bytearray()
        self._paths, self._limit = paths, max_item_bytes
        self._start = self._at = self._awaited = self._count = self._documents = self._strays = 0
        self._in_list = self._had_list = self._too_long = False
        # The member names that lead to where we are, and the brackets open: around the list, and in its item.
        self._names: list[str] = []
        self._around: list[bytes] = []
        self._within: list[bytes] = []
        self._string, self._name = b"", ""

    def fed(self, chunk: bytes) -> bool:
        """Take more bytes; True when they are worth another look.

        A long string is looked through from its start each time: only when it has doubled, or the sum would be square.
        """
        self._buffer += chunk
        return len(self._buffer) - self._at >= self._awaited

    def cut(self) -> Iterator[Piece]:
        """The pieces that are complete by now."""
        while match := (_BRACKET if self._within else _TOKEN).match(self._buffer, self._at):
            self._at = match.end()
            yield from self._in_item(match[1]) if self._in_list else self._outside(match[1])
            if self.given_up:
                return
        yield from self._measured()
        del self._buffer[: self._start]
        self._at -= self._start
        self._start = 0
        self._awaited = 2 * (len(self._buffer) - self._at)

    def ended(self) -> Iterator[Piece]:
        """What the end of the bytes leaves: nothing, when the document was whole."""
        rest = bytes(self._buffer[self._start :]).removeprefix(_BOM).strip()
        if self._in_list:
            if rest and not self._within and not self._too_long:
                yield Item(rest)
            yield _malformed(f"cut off: the document ends in its list, after item {self._count}", rest or b"[")
        elif self._around:
            yield _malformed("cut off: the document ends before its brackets are closed", rest)
        elif rest:
            yield Item(rest)
        elif not self._documents:
            yield _malformed("there is nothing in it", rest)

    def _measured(self) -> Iterator[Piece]:
        """Mind the memory: note what has become too long, and forget it as far as it was read."""
        if len(self._buffer) - self._start <= self._limit:
            return
        if self._in_list and not self._too_long:
            yield self._oversized(f"item {self._count + 1}")
        self._too_long = True
        if len(self._buffer) - self._at > self._limit:
            # Not even a bracket in so many bytes: nothing says where to go on.
            self.given_up = True
            yield self._oversized("what is left")
        self._start = self._at

    def _oversized(self, what: str) -> Rejected:
        detail = f"{what} is longer than {self._limit} bytes; the first {KEPT_BYTES} are kept"
        kept = bytes(self._buffer[self._start : self._start + KEPT_BYTES])
        return Rejected(Rejection(RejectionReason.OVERSIZED, detail), kept)

    def _outside(self, token: bytes) -> Iterator[Piece]:
        """Around the lists: keep the path, and see where a list begins or the document ends."""
        match token:
            case b":":
                self._name = _unquoted(self._string)
            case b",":
                self._name = ""
            case b"{" | b"[":
                self._open(token)
            case b"}" | b"]":
                yield from self._close(token)
            case _:
                self._string = token

    def _open(self, token: bytes) -> None:
        if self._around:
            self._names.append(self._name)
        self._around.append(token)
        self._name = ""
        if token == b"[" and tuple(self._names) in self._paths:
            self._in_list = self._had_list = True
            self._too_long = False
            self._start = self._at

    def _close(self, token: bytes) -> Iterator[Piece]:
        if not self._around or self._around.pop() != _OPENER[token]:
            yield self._lost(token)
        elif self._around:
            self._names.pop()
        else:
            yield from self._document_ended()

    def _lost(self, token: bytes) -> Rejected:
        """A bracket that closes nothing: what it ends is no document, what comes after it may be."""
        self._strays += 1
        self.given_up = self._strays == _MOST_STRAYS
        words = "nothing after it was read" if self.given_up else "read on after it"
        lost = _malformed(f"{token.decode()} closes nothing; {words}", bytes(self._buffer[self._start : self._at]))
        self._around.clear()
        self._begin_anew()
        return lost

    def _begin_anew(self) -> None:
        self._names.clear()
        self._start, self._documents = self._at, self._documents + 1
        self._had_list = self._too_long = False
        self._count = 0

    def _document_ended(self) -> Iterator[Piece]:
        # After a list that was broken off, items stand there as documents with commas between them.
        raw = bytes(self._buffer[self._start : self._at]).removeprefix(_BOM).strip(b", \t\r\n")
        if self._too_long:
            yield self._oversized("the document")
        elif not self._had_list:
            yield Item(raw)
        elif not self._count:
            yield Ignored("an empty list", raw)
        self._begin_anew()

    def _in_item(self, token: bytes) -> Iterator[Piece]:
        match token:
            case b"{" | b"[":
                self._within.append(token)
            case b"}" | b"]":
                if _OPENER[token] in self._within:
                    # An inner bracket left open does not keep its item from ending.
                    while self._within.pop() != _OPENER[token]:
                        pass
                elif token == b"]":
                    yield from self._list_ended()
            case b",":
                yield from self._item(self._at - 1)

    def _list_ended(self) -> Iterator[Piece]:
        self._within.clear()
        if self._count or bytes(self._buffer[self._start : self._at - 1]).strip():
            yield from self._item(self._at - 1)
        self._in_list = False
        yield from self._close(b"]")

    def _item(self, end: int) -> Iterator[Piece]:
        raw = bytes(self._buffer[self._start : end]).strip()
        self._start, self._count = self._at, self._count + 1
        too_long, self._too_long = self._too_long, False
        if not too_long:
            yield Item(raw) if raw else _malformed(f"there is nothing where item {self._count} should be", b",")


def _unquoted(string: bytes) -> str:
    """A member's name; one that is no JSON string leads nowhere we look."""
    try:
        return msgspec.json.decode(string, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
