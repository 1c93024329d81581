"""X12 810: what an order was invoiced for."""

from decimal import Decimal

import pytest

from projections.event import RejectionReason
from projections.events import InvoicePosted, PaymentChanged
from projections.references import Reference, ReferenceType
from projections.sources.adapter import CanonicalEvent, Source
from tests.unit.sources.x12_messages import data_of, events, interchange, rejections, taken, transaction

ERP = Source("/erp/main", tenant="norvik", zone="America/Chicago")
BIG = "BIG*20261101*INV-9*20261020*PO-77"
REST = ("IT1*1*10*EA*12.5**VP*HINGE-40", "IT1*2*4*EA*3", "TDS*14212", "TXI*ST*5.12", "SAC*C*D240***700", "CTT*2")


def bill(*segments, beginning=BIG):
    return interchange(transaction("810", beginning, *segments))


def posted(*segments, beginning=BIG):
    (only,) = data_of(bill(*segments, beginning=beginning), ERP)
    return only


def refused(*segments, beginning=BIG, source=ERP):
    (only,) = rejections(bill(*segments, beginning=beginning), source)
    return only


def test_an_invoice_is_of_the_sellers_order_with_its_total_and_the_customers_number():
    (event,) = events(bill("CUR*SE*CAD", "REF*VN*SO-1", "ITD*01*3***20261211*20261201", *REST), ERP)
    assert isinstance(event.data, InvoicePosted)
    assert event.data.about == Reference(ReferenceType.ERP_ORDER, "SO-1")
    assert event.data.references == (Reference(ReferenceType.CUSTOMER_PO, "PO-77"),)
    assert event.data.invoice == "INV-9"
    assert (event.data.total.amount, event.data.total.currency) == (Decimal("142.12"), "CAD")
    assert event.data.due_at.isoformat() == "2026-12-01T00:00:00-06:00"
    assert event.occurred_at.isoformat() == "2026-11-01T00:00:00-05:00"
    assert event.tenant == "norvik"


def test_without_the_sellers_number_the_order_is_the_one_it_was_ordered_by():
    invoice = posted(*REST)
    assert (invoice.about.value, invoice.references) == ("PO-77", ())
    assert invoice.total.currency == "USD"


def test_an_orders_number_may_stand_with_an_item():
    assert posted("IT1*1*10*EA*12.5", "REF*IL*SO-1", "TDS*100").about.value == "SO-1"


def test_a_total_of_several_orders_is_none_of_theirs():
    rejection = refused("IT1*1*10*EA*12.5", "REF*IL*SO-1", "IT1*2*1*EA*1", "REF*IL*SO-2", "TDS*100")
    assert rejection.reason is RejectionReason.WRONG_REFERENCE
    assert "2 orders" in rejection.detail


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("ITD*01*3***20261111", None),
        ("ITD*01*3*****30", "2026-12-01T00:00:00-06:00"),
        ("ITD*01*2*****30", None),
        ("ITD*01*3*2**10**30", "2026-12-01T00:00:00-06:00"),
    ],
)
def test_when_it_is_due_is_told_where_the_terms_say_so(terms, due):
    due_at = posted(terms, *REST).due_at
    assert (due_at.isoformat() if due_at else None) == due


@pytest.mark.parametrize(("kind", "amount"), [("DI", "142.12"), ("CR", "-142.12"), ("CN", "-142.12"), ("", "142.12")])
def test_a_credit_is_owed_to_the_customer(kind, amount):
    assert posted(*REST, beginning=f"{BIG}***{kind}").total.amount == Decimal(amount)


def test_a_credit_that_shows_its_sign_is_no_debit():
    assert posted("TDS*-14212", beginning=f"{BIG}***CR").total.amount == Decimal("-142.12")


def test_a_total_that_shows_its_point_is_as_it_reads():
    assert posted("TDS*142.12").total.amount == Decimal("142.12")


def test_a_changed_invoice_is_of_when_it_was_changed():
    (event,) = events(bill(*REST, beginning=f"{BIG}****05"), ERP)
    assert event.occurred_at.isoformat() == "2026-11-04T09:15:00-06:00"


def test_an_invoice_taken_back_is_cancelled():
    cancelled = posted(*REST, beginning=f"{BIG}****01")
    assert isinstance(cancelled, PaymentChanged)
    assert (cancelled.invoice, cancelled.status) == ("INV-9", "cancelled")


@pytest.mark.parametrize(
    ("segments", "beginning", "reason"),
    [
        (("TDS*100",), "BIG*20261101", RejectionReason.INVALID),
        ((), BIG, RejectionReason.INVALID),
        (("TDS*x",), BIG, RejectionReason.INVALID),
        (("TDS*100",), "BIG*20261101*INV-9", RejectionReason.WRONG_REFERENCE),
        (("TDS*100",), "BIG*20260230*INV-9**PO-77", RejectionReason.TIME_IMPOSSIBLE),
        (("CUR*SE*EURO", "TDS*100"), BIG, RejectionReason.INVALID),
    ],
)
def test_what_an_invoice_lacks_is_said(segments, beginning, reason):
    assert refused(*segments, beginning=beginning).reason is reason


def test_an_order_is_known_by_its_number_only_within_a_tenant():
    assert refused(*REST, source=Source("/erp/main")).reason is RejectionReason.WRONG_REFERENCE


def test_an_invoice_from_a_carrier_is_left_to_the_intake_which_refuses_it():
    assert isinstance(taken(bill(*REST), Source("/carrier/RDFX", tenant="norvik"))[0], CanonicalEvent)
