"""X12 210, freight details and invoice: what carrying a shipment costs.

Charges (L1) stand in LX loops. One whose loop names a shipment is about that; others are about the shipment the
invoice as a whole is for, and where it is for none, as parcel carriers bill an account, they are none of a shipment's.
The total (L3-05, B3-07) is posted where the whole invoice is for one shipment. Amounts have two implied decimals
(type N2) unless they show a point; an invoice without C3 is in US dollars, the standard's home currency.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import msgspec

from projections.event import RejectionReason
from projections.events import ChargePosted
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.codes.x12_freight import CHARGE_KINDS
from projections.sources.x12.naming import CARRIERS_ORDER, Named, best, named, scac
from projections.sources.x12.reading import UnreadableError, at, created_at, free_text, instant, two_decimals
from projections.sources.x12.syntax import Segment, TransactionSet
from projections.sources.x12.taking import Nothing, Said, Statement
from projections.values import Money

MAX_CHARGE = 80
_HOME_CURRENCY = "USD"
_CODE_WIDTH = 4


class _Invoice(msgspec.Struct, frozen=True):
    number: str
    currency: str
    billed_at: datetime
    carrier: str | None
    tenant: str | None

    def posted(self, about: Reference, suffix: str, kind: str, amount: Decimal) -> Statement:
        charge = f"{self.number[:50]}:{suffix}"[:MAX_CHARGE]
        return Statement(
            self.billed_at, ChargePosted(about=about, charge=charge, kind=kind, money=Money(amount, self.currency))
        )


def invoice_210(message: TransactionSet, source: Source) -> Iterator[Said]:
    """A `charge.posted` for each charge of a shipment, and the total."""
    header, loops = _loops(message.segments)
    beginning = next((segment for segment in header if segment[0] == "B3"), None)
    if beginning is None or not at(beginning, 2):
        raise UnreadableError("it has no B3 with an invoice number")
    invoice = _invoice(beginning, header, message, source)
    whole = best(_names(beginning, header), CARRIERS_ORDER, invoice.carrier, invoice.tenant)
    posted = False
    for number, loop in enumerate(loops, start=1):
        about = _about(loop, whole, invoice)
        charges = [segment for segment in loop if segment[0] == "L1"]
        if about is not None:
            posted = posted or bool(charges)
            yield from _charges(invoice, about, number, charges)
        elif charges:
            yield Nothing(f"LX loop {number} names no shipment: its {len(charges)} charges are the account's")
    if whole is not None:
        yield _total(invoice, whole, beginning, message.segments)
    elif not posted:
        detail = f"invoice {invoice.number} names no shipment that can be used"
        raise UnreadableError(detail, RejectionReason.WRONG_REFERENCE)


def _about(loop: list[Segment], whole: Reference | None, invoice: _Invoice) -> Reference | None:
    """The shipment a loop names; where the invoice names one, only a name of the same type is of another."""
    order = CARRIERS_ORDER if whole is None else (whole.type,)
    return best(named(loop), order, invoice.carrier, invoice.tenant) or whole


def _loops(segments: list[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    """What stands before the first LX, and each LX loop."""
    starts = [position for position, segment in enumerate(segments) if segment[0] == "LX"]
    header = segments[: starts[0]] if starts else segments
    return header, [segments[start:end] for start, end in pairwise([*starts, len(segments)])]


def _invoice(beginning: Segment, header: list[Segment], message: TransactionSet, source: Source) -> _Invoice:
    currency = next((at(segment, 1) for segment in header if segment[0] == "C3"), _HOME_CURRENCY)
    billed = at(beginning, 6)
    billed_at = instant(billed, "", "", source)[0] if billed else created_at(message, source)
    return _Invoice(at(beginning, 2), currency, billed_at, scac(at(beginning, 11), source), source.tenant)


def _names(beginning: Segment, header: list[Segment]) -> Iterator[Named]:
    """B3-03 is the shipper's number of the shipment."""
    yield from named(header)
    if shipment := at(beginning, 3):
        yield ReferenceType.TMS_SHIPMENT, shipment


def _charges(invoice: _Invoice, about: Reference, loop: int, charges: list[Segment]) -> Iterator[Said]:
    for position, segment in enumerate(charges, start=1):
        code = at(segment, 8).upper()
        amount = two_decimals(at(segment, 4))
        if amount is None:
            yield UnreadableError(f"charge {position} of LX loop {loop} has no amount (L1-04)")
        else:
            yield invoice.posted(about, f"{loop}.{position}", _kind(code, at(segment, 12)), amount)


def _kind(code: str, description: str) -> str:
    """What it is for. A description of few letters is another code."""
    if len(description) > _CODE_WIDTH and any(character.isalpha() for character in description):
        return free_text(description) or code
    return CHARGE_KINDS.get(code, f"Charge {code}" if code else "Freight")[:100]


def _total(invoice: _Invoice, about: Reference, beginning: Segment, segments: list[Segment]) -> Said:
    closing = next((segment for segment in segments if segment[0] == "L3"), ["L3"])
    amount = two_decimals(at(closing, 5) or at(beginning, 7))
    if amount is None:
        return UnreadableError(f"invoice {invoice.number} has no total (L3-05 or B3-07)")
    return invoice.posted(about, "total", "total", amount)
