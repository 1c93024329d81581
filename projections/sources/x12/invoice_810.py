"""X12 810, invoice: what an order was invoiced for.

The order is the seller's own number (REF VN, IL or OQ, in the header or with an item), else the number it was ordered
by (BIG-04), as in a ship notice. TDS-01 is the total of it all, so items (IT1), allowances and charges (SAC) and
taxes (TXI) are in it and are not added up; that none was lost on the way the SE's count says. A credit (BIG-07) is
an invoice of a negative amount, whichever sign it comes with.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from projections.event import RejectionReason
from projections.events import InvoicePosted, PaymentChanged
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.codes.x12 import SELLER_ORDER_QUALIFIERS
from projections.sources.codes.x12_freight import CANCELLING_PURPOSES, CHANGING_PURPOSES, CREDITS, FROM_THE_INVOICE
from projections.sources.x12.naming import MAX_VALUE, reference
from projections.sources.x12.reading import (
    UnreadableError,
    at,
    created_at,
    instant,
    two_decimals,
    whole_number,
)
from projections.sources.x12.syntax import Segment, TransactionSet
from projections.sources.x12.taking import Said, Statement
from projections.values import Money

MAX_TERMS_DAYS = 3_650
_HOME_CURRENCY = "USD"


class _Invoice(msgspec.Struct, frozen=True):
    beginning: Segment
    segments: list[Segment]
    source: Source
    made_at: datetime

    @property
    def number(self) -> str:
        return at(self.beginning, 2)

    @property
    def purpose(self) -> str:
        return at(self.beginning, 8)

    def all(self, tag: str) -> list[Segment]:
        return [segment for segment in self.segments if segment[0] == tag]


def invoice_810(message: TransactionSet, source: Source) -> Iterator[Said]:
    """The `invoice.posted`; of one taken back (BIG-08) that it is cancelled."""
    beginning = next((segment for segment in message.segments if segment[0] == "BIG"), None)
    if beginning is None or not 0 < len(at(beginning, 2)) <= MAX_VALUE:
        raise UnreadableError("it has no BIG with an invoice number (BIG-02)")
    invoice = _Invoice(beginning, message.segments, source, created_at(message, source))
    about = _about(invoice)
    if invoice.purpose in CANCELLING_PURPOSES:
        yield Statement(invoice.made_at, PaymentChanged(about=about, invoice=invoice.number, status="cancelled"))
        return
    posted = InvoicePosted(
        about=about,
        references=_purchase_order(invoice, about),
        invoice=invoice.number,
        total=_total(invoice),
        due_at=_due_at(invoice),
    )
    yield Statement(_posted_at(invoice), posted)


def _about(invoice: _Invoice) -> Reference:
    if invoice.source.tenant is None:
        raise UnreadableError("an order's number names it only with a tenant", RejectionReason.WRONG_REFERENCE)
    given = [(at(segment, 1), at(segment, 2)) for segment in invoice.all("REF")]
    for qualifier in SELLER_ORDER_QUALIFIERS:
        numbers = {number for kind, number in given if kind == qualifier and number}
        if len(numbers) > 1:
            detail = f"it is for {len(numbers)} orders (REF {qualifier}), and its total is of none of them alone"
            raise UnreadableError(detail, RejectionReason.WRONG_REFERENCE)
        if numbers:
            return _order(invoice, numbers.pop())
    return _order(invoice, at(invoice.beginning, 4))


def _order(invoice: _Invoice, number: str) -> Reference:
    found = reference(ReferenceType.ERP_ORDER, number, None, invoice.source.tenant)
    if found is None:
        detail = "it names no order that can be used: neither REF VN, IL or OQ nor BIG-04"
        raise UnreadableError(detail, RejectionReason.WRONG_REFERENCE)
    return found


def _purchase_order(invoice: _Invoice, about: Reference) -> tuple[Reference, ...]:
    number = at(invoice.beginning, 4)
    found = reference(ReferenceType.CUSTOMER_PO, number, None, invoice.source.tenant)
    return (found,) if found is not None and number != about.value else ()


def _posted_at(invoice: _Invoice) -> datetime:
    """BIG-01; when it changes an invoice, or is of the day the message was made, when that was made."""
    date = at(invoice.beginning, 1)
    billed_at = instant(date, "", "", invoice.source)[0] if date else invoice.made_at
    is_today = billed_at.date() == invoice.made_at.date()
    return invoice.made_at if is_today or invoice.purpose in CHANGING_PURPOSES else billed_at


def _total(invoice: _Invoice) -> Money:
    found = next((two_decimals(at(segment, 1)) for segment in invoice.all("TDS")), None)
    if found is None:
        raise UnreadableError(f"invoice {invoice.number} has no total (TDS-01)")
    if at(invoice.beginning, 7).upper() in CREDITS:
        found = Decimal(0) if found.is_zero() else -abs(found)
    currency = next((at(segment, 2) for segment in invoice.all("CUR") if at(segment, 2)), _HOME_CURRENCY)
    return Money(found, currency.upper())


def _due_at(invoice: _Invoice) -> datetime | None:
    """The net due date (ITD-06), else so many days (ITD-07) after the invoice where they count from it (ITD-02)."""
    terms = invoice.all("ITD")
    for one in terms:
        if date := at(one, 6):
            return instant(date, "", "", invoice.source)[0]
    for one in terms:
        days = whole_number(at(one, 7))
        date = at(invoice.beginning, 1)
        if date and days is not None and 0 <= days <= MAX_TERMS_DAYS and at(one, 2) in FROM_THE_INVOICE:
            # By the calendar: midnight stays midnight when the clocks change.
            return instant(date, "", "", invoice.source)[0] + timedelta(days=days)
    return None
