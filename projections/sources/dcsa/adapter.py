"""The DCSA Track & Trace adapter."""

from collections.abc import Iterable, Iterator

from projections.sources.adapter import Source, Taken
from projections.sources.dcsa.meaning import read
from projections.sources.json_messages import taken_from

_LISTS = frozenset({(), ("events",)})


def dcsa(chunks: Iterable[bytes], source: Source) -> Iterator[Taken]:
    """An array of events, `{"events": […]}`, or one bare event; of 2.2, 3.0.0-Beta and 3.0.0.

    An update of an event has its `eventID` and another CloudEvents id; of estimates the one stamped last wins.
    Memory holds one event of at most `json_list.MAX_ITEM_BYTES`, however long the document is. Never raises.
    """
    return taken_from(chunks, source, _LISTS, read)
