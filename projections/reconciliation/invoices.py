"""An ERP's invoice beside what we know of its order: the invoice itself, and how far it is paid."""

from collections.abc import Iterator

from projections.events import InvoicePosted, PaymentChanged
from projections.order_view.state import OrderState
from projections.reconciliation.claims import Claim, stamp
from projections.reconciliation.records import InvoiceRecord
from projections.references import Reference, ReferenceType


def claims(record: InvoiceRecord, state: OrderState | None) -> Iterator[Claim]:
    about = Reference(ReferenceType.ERP_ORDER, record.order)
    invoice = state.invoices.get(record.number) if state else None
    payment = state.payments.get(record.number) if state else None
    posted = InvoicePosted(about=about, invoice=record.number, total=record.total, due_at=record.due_at)
    same = invoice is not None and (invoice.value.total, invoice.value.due_at) == (posted.total, posted.due_at)
    yield Claim(posted, record.updated_at, same, stamp(invoice))
    changed = PaymentChanged(about=about, invoice=record.number, status=record.status)
    same = payment is not None and payment.value.status == changed.status
    yield Claim(changed, record.updated_at, same, stamp(payment))
