"""What every adapter of a JSON format does: items in, statements made, and each item accounted for."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from projections.sources.adapter import Ignored, Rejected, Source, Taken
from projections.sources.canonical import Statement, canonical
from projections.sources.json_fields import Fields, RefusedError, fields_of
from projections.sources.json_list import Item, Paths, items

# What a message says: statements, or in words why it says nothing to us. Raises RefusedError.
Said: TypeAlias = list[Statement] | str
Reader: TypeAlias = Callable[[Fields, Source], Said]


def taken_from(chunks: Iterable[bytes], source: Source, paths: Paths, read: Reader) -> Iterator[Taken]:
    """Each item as what the reader makes of it; pointers lead into the item's own bytes. Never raises."""
    for piece in items(chunks, paths):
        if isinstance(piece, Item):
            yield from _taken(piece.raw, source, read)
        else:
            yield piece


def _taken(raw: bytes, source: Source, read: Reader) -> Iterator[Taken]:
    try:
        said = read(fields_of(raw), source)
    except RefusedError as refused:
        yield Rejected(refused.rejection, raw)
        return
    if isinstance(said, str):
        yield Ignored(said, raw)
        return
    for statement in said:
        yield canonical(statement, source, raw)
