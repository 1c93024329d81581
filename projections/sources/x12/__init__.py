"""X12: carrier status (214), ship notice (856), invoices (210, 810), load tender (204) and its answer (990)."""

from collections.abc import Callable, Iterable, Iterator

from projections.event import Rejection, RejectionReason
from projections.sources.adapter import Ignored, Rejected, Source, Taken
from projections.sources.x12.invoice_210 import invoice_210
from projections.sources.x12.invoice_810 import invoice_810
from projections.sources.x12.reading import UnreadableError
from projections.sources.x12.ship_notice_856 import ship_notice_856
from projections.sources.x12.status_214 import status_214
from projections.sources.x12.syntax import Acknowledgement, Broken, Part, TransactionSet, transaction_sets
from projections.sources.x12.taking import Said, refused, taken
from projections.sources.x12.tender_204 import tender_204
from projections.sources.x12.tender_990 import tender_990

_READERS: dict[str, Callable[[TransactionSet, Source], Iterator[Said]]] = {
    "204": tender_204,
    "210": invoice_210,
    "214": status_214,
    "810": invoice_810,
    "856": ship_notice_856,
    "990": tender_990,
}
_ACKNOWLEDGEMENTS = frozenset({"824", "997", "999"})


def x12(chunks: Iterable[bytes], source: Source) -> Iterator[Taken]:
    """What the transaction sets of one or more interchanges say, in order. Never raises, whatever the bytes.

    Each set gives one `Taken` or more; a broken envelope or set gives a `Rejected` at its place.
    """
    for part in transaction_sets(chunks):
        yield from _taken(part, source)


def _taken(part: Part, source: Source) -> Iterator[Taken]:
    if isinstance(part, Broken):
        yield Rejected(Rejection(part.reason, part.detail, source=source.name), part.raw)
    elif isinstance(part, Acknowledgement):
        yield Ignored("TA1: an acknowledgement of an interchange", part.raw)
    elif part.code in _ACKNOWLEDGEMENTS:
        yield Ignored(f"{part.code}: an acknowledgement", part.raw)
    elif part.code not in _READERS:
        yield refused(RejectionReason.UNKNOWN_TYPE, f"transaction set {part.code} is not one we read", part, source)
    else:
        yield from _read(_READERS[part.code], part, source)


def _read(
    reader: Callable[[TransactionSet, Source], Iterator[Said]], part: TransactionSet, source: Source
) -> Iterator[Taken]:
    number = 0
    try:
        for number, said in enumerate(reader(part, source), start=1):
            yield taken(said, number, part, source)
    except UnreadableError as error:
        yield refused(error.reason, error.detail, part, source)
        return
    if number == 0:
        yield Ignored(f"{part.code}: it says nothing of a shipment", part.raw)
