"""What a DCSA shipment event, which is about a document, says of the shipment."""

from collections.abc import Iterator

from projections.events import (
    DocumentAdded,
    EventData,
    ShipmentTendered,
    TenderAccepted,
    TenderRejected,
)
from projections.references import Reference
from projections.sources.codes import dcsa as codes
from projections.sources.dcsa.event import DcsaEvent
from projections.sources.dcsa.words import exception_cleared, exception_raised, milestone
from projections.values import Carrier

_MAX_NUMBER = 80
_MAX_TEXT = 500


def of_document(event: DcsaEvent, about: Reference) -> Iterator[EventData]:
    """Nothing for most: they are the paperwork's own progress."""
    kind, number = event.document or ("", "")
    if event.code not in codes.SHIPMENT_CODES:
        yield milestone(event, about, "unmapped")
    elif event.code == codes.HOLD:
        yield exception_raised(event, about, _hold(kind, number), "customs_hold" if kind == codes.CUSTOMS else "held")
    elif kind in codes.BOOKINGS:
        yield from _of_booking(event, about)
    elif kind == codes.CUSTOMS and event.code in codes.CLEARED:
        yield milestone(event, about, "customs_cleared")
    elif kind == codes.PROOF_OF_DELIVERY and event.code in codes.PROVEN:
        yield milestone(event, about, "delivered")
        yield DocumentAdded(about=about, document=number[:_MAX_NUMBER], kind="pod")
    elif kind == codes.TRANSPORT_DOCUMENT and event.code == codes.ISSUED:
        yield DocumentAdded(about=about, document=number[:_MAX_NUMBER], kind="bol")
    if event.code == codes.RELEASE or (kind == codes.CUSTOMS and event.code in codes.CLEARED):
        yield exception_cleared(about, _hold(kind, number))


def _hold(kind: str, number: str) -> str:
    return f"hold {kind} {number}"


def _of_booking(event: DcsaEvent, about: Reference) -> Iterator[EventData]:
    """A booking is a tender to the carrier."""
    carrier = Carrier(about.carrier or "")
    if event.code in codes.TENDERED:
        yield ShipmentTendered(about=about, carrier=carrier)
    elif event.code in codes.ACCEPTED:
        yield TenderAccepted(about=about, carrier=carrier)
    elif event.code in codes.DECLINED:
        yield TenderRejected(about=about, carrier=carrier, reason=event.remark[:_MAX_TEXT] if event.remark else None)
    elif event.code in codes.CANCELLED:
        yield milestone(event, about, "cancelled")
    elif event.code == codes.COMPLETED:
        yield milestone(event, about, "completed")
