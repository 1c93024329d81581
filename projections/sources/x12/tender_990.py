"""X12 990, response to a load tender: the carrier takes a shipment on, or declines."""

from collections.abc import Iterator
from datetime import datetime

from projections.event import RejectionReason
from projections.events import TenderAccepted, TenderRejected
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.codes.x12_freight import ACCEPTING_ACTIONS, DECLINING_ACTIONS, UNDECIDED_ACTIONS
from projections.sources.x12.naming import MAX_REFERENCES, SHIPPERS_ORDER, Named, best, named, reference, scac
from projections.sources.x12.reading import UnreadableError, at, created_at, free_text, instant
from projections.sources.x12.syntax import Segment, TransactionSet
from projections.sources.x12.taking import Nothing, Said, Statement
from projections.values import Carrier


def tender_990(message: TransactionSet, source: Source) -> Iterator[Said]:
    """The answer, about the shipper's number of the shipment (B1-02), with the carrier's own numbers of it."""
    beginning = next((segment for segment in message.segments if segment[0] == "B1"), None)
    if beginning is None:
        raise UnreadableError("it has no B1")
    carrier = scac(at(beginning, 1), source)
    if carrier is None:
        raise UnreadableError("neither B1-01 nor the source names the carrier")
    action = at(beginning, 4).upper()
    if action in UNDECIDED_ACTIONS:
        yield Nothing(f"B1-04 {action}: {UNDECIDED_ACTIONS[action]}")
        return
    names = list(_names(beginning, message.segments))
    about = best(names, SHIPPERS_ORDER, carrier, source.tenant)
    if about is None:
        detail = "no identifier of a shipment that can be used: the shipper's number (B1-02) needs a tenant"
        raise UnreadableError(detail, RejectionReason.WRONG_REFERENCE)
    answered_at = _answered_at(beginning, message, source)
    if action in ACCEPTING_ACTIONS:
        others = _others(names, about, carrier, source)
        yield Statement(answered_at, TenderAccepted(about=about, references=others, carrier=Carrier(carrier)))
    elif action in DECLINING_ACTIONS:
        reason = _reason(message.segments)
        yield Statement(answered_at, TenderRejected(about=about, carrier=Carrier(carrier), reason=reason))
    else:
        raise UnreadableError(f"B1-04 {action or 'is missing'}: not an answer we know", RejectionReason.UNKNOWN_CODE)


def _names(beginning: Segment, segments: list[Segment]) -> Iterator[Named]:
    if shipment := at(beginning, 2):
        yield ReferenceType.TMS_SHIPMENT, shipment
    yield from named(segments)


def _others(names: list[Named], about: Reference, carrier: str, source: Source) -> tuple[Reference, ...]:
    found = (reference(kind, value, carrier, source.tenant) for kind, value in names)
    return tuple(dict.fromkeys(one for one in found if one is not None and one != about))[:MAX_REFERENCES]


def _reason(segments: list[Segment]) -> str | None:
    return free_text(*(at(segment, position) for segment in segments if segment[0] == "K1" for position in (1, 2)))


def _answered_at(beginning: Segment, message: TransactionSet, source: Source) -> datetime:
    """B1-03, a date alone, with the time the message was made when that is the same day."""
    date = at(beginning, 3)
    made = message.created[0]
    return created_at(message, source) if not date or made.endswith(date) else instant(date, "", "", source)[0]
