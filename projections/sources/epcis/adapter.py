"""The EPCIS 2.0 adapter."""

from collections.abc import Iterable, Iterator

from projections.sources.adapter import Source, Taken
from projections.sources.epcis.meaning import read
from projections.sources.json_messages import taken_from

# Where documents, query results and arrays of events have their events (EPCIS 2.0, section 10.3).
_LISTS = frozenset(
    {(), ("eventList",), ("epcisBody", "eventList"), ("epcisBody", "queryResults", "resultsBody", "eventList")}
)


def epcis(chunks: Iterable[bytes], source: Source) -> Iterator[Taken]:
    """EPCISDocument, EPCISQueryDocument, an array of events, or one bare event; any number one after another.

    Memory holds one event of at most `json_list.MAX_ITEM_BYTES`, however long the document is. Never raises.
    """
    return taken_from(chunks, source, _LISTS, read)
