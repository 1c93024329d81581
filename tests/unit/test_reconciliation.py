"""Snapshots against what is known: only what is news comes out, as the event its owner would have sent."""

from typing import Any

import msgspec
import pytest

from projections.envelope import decode
from projections.event import Event
from projections.order_view import fold as order_fold
from projections.order_view.state import OrderState
from projections.reconciliation.comparing import Compared, Verdict, compare, read
from projections.reconciliation.kinds import KINDS, Kind
from projections.reconciliation.page import PageGarbledError, page_of
from projections.references import SubjectKind, public_id
from projections.shipment_view import fold as shipment_fold
from projections.shipment_view.state import ShipmentState
from projections.sources.adapter import CanonicalEvent, Rejected, Source
from tests import messages, snapshots
from tests.messages import at

INVOICES, SHIPMENTS = KINDS["invoices"], KINDS["shipments"]
ERP, TMS = Source("/erp/main"), Source("/tms/main")
LATER = at(10_000)


def understood(body: bytes) -> Event:
    event = decode(body, LATER)
    assert isinstance(event, Event), event
    return event


def order(*bodies: bytes) -> dict[str, OrderState]:
    """What is known of SO-1 after these events."""
    order_id = public_id(SubjectKind.ORDER, "nordwind", "SO-1")
    state = OrderState(order_id, "nordwind")
    for body in bodies:
        order_fold.fold(state, understood(body))
    return {order_id: state}


def shipment(*bodies: bytes) -> dict[str, ShipmentState]:
    """What is known of S-1 after these events."""
    shipment_id = public_id(SubjectKind.SHIPMENT, "nordwind", "S-1")
    state = ShipmentState(shipment_id, "nordwind")
    for body in bodies:
        shipment_fold.fold(state, understood(body))
    return {shipment_id: state}


def compared(kind: Kind, source: Source, record: Any, states: Any) -> Compared:
    raw = record if isinstance(record, bytes) else msgspec.json.encode(record)
    return compare(read(raw, kind, source), kind, source, states)


def types(found: Compared) -> list[str]:
    return [understood(one.body).type for one in found.takings if isinstance(one, CanonicalEvent)]


def rejection(found: Compared) -> tuple[str, str]:
    assert found.verdict is Verdict.UNREADABLE
    (taking,) = found.takings
    assert isinstance(taking, Rejected)
    return taking.rejection.reason.value, taking.rejection.detail


KNOWN = (messages.order_released(), messages.invoice_posted(hours=10), messages.payment_changed(hours=20))


def test_an_invoice_that_is_known_as_it_is_emits_nothing():
    assert compared(INVOICES, ERP, snapshots.invoice(), order(*KNOWN)) == Compared(Verdict.SAME)


def test_a_payment_that_was_missed_is_emitted_and_the_invoice_is_not():
    found = compared(INVOICES, ERP, snapshots.invoice(status="overdue"), order(*KNOWN))
    assert found.verdict is Verdict.DIFFERENT
    (event,) = [understood(one.body) for one in found.takings if isinstance(one, CanonicalEvent)]
    assert (event.type, event.source, event.tenant) == ("invoice.payment_changed.v1", "/erp/main", "nordwind")
    assert event.occurred_at == at(50)
    assert event.id.startswith("INV-1-")


def test_an_amount_is_compared_by_its_value_and_a_time_by_its_instant():
    same = {"total": {"amount": "120.5", "currency": "EUR"}, "due_at": "2026-04-01T02:00:00+02:00"}
    posted = msgspec.json.decode(messages.invoice_posted(hours=10))
    posted["data"]["due_at"] = "2026-04-01T00:00:00Z"
    known = order(messages.order_released(), msgspec.json.encode(posted), messages.payment_changed(hours=20))
    assert compared(INVOICES, ERP, snapshots.invoice(**same), known).verdict is Verdict.SAME
    other = {"total": {"amount": "120.50", "currency": "USD"}}
    assert types(compared(INVOICES, ERP, snapshots.invoice(**same | other), known)) == ["invoice.posted.v1"]


def test_a_snapshot_older_than_an_event_changes_nothing():
    record = snapshots.invoice(status="open", hours=15)
    assert compared(INVOICES, ERP, record, order(*KNOWN)) == Compared(Verdict.OUTDATED)


def test_an_invoice_of_an_order_that_is_not_known_is_emitted_whole():
    found = compared(INVOICES, ERP, snapshots.invoice(), {})
    assert (found.verdict, types(found)) == (Verdict.UNKNOWN, ["invoice.posted.v1", "invoice.payment_changed.v1"])


def test_the_same_record_makes_the_same_events_and_another_version_others():
    first, again = (compared(INVOICES, ERP, snapshots.invoice(), {}) for _ in range(2))
    assert first == again
    later = compared(INVOICES, ERP, snapshots.invoice(hours=51), {})
    ids = {understood(one.body).id for one in (*first.takings, *later.takings) if isinstance(one, CanonicalEvent)}
    assert len(ids) == 4


def test_what_the_source_took_back_is_not_said_again():
    record = snapshots.invoice(status="overdue")
    (emitted,) = compared(INVOICES, ERP, record, order(*KNOWN)).takings
    assert isinstance(emitted, CanonicalEvent)
    about = {"type": "erp_order", "value": "SO-1"}
    back = messages.retracted(understood(emitted.body).id, about, source="/erp/main")
    assert compared(INVOICES, ERP, record, order(*KNOWN, back)).verdict is Verdict.OUTDATED


@pytest.mark.parametrize(
    ("record", "reason", "words"),
    [
        (b"{", "malformed", "not JSON"),
        (b'{"number": "\xff"}', "malformed", "not JSON"),
        (b"5", "invalid", "Expected `object`"),
        (snapshots.invoice(status="lost"), "invalid", "$.status"),
        (snapshots.invoice(updated_at="yesterday"), "invalid", "$.updated_at"),
        (snapshots.invoice(updated_at="2026-03-02T08:00:00"), "invalid", "$.updated_at"),
        (snapshots.invoice(tenant=None), "invalid", "whose it is"),
        (snapshots.invoice(total={"amount": "1e400", "currency": "EUR"}), "invalid", "no amount"),
        (snapshots.invoice(updated_at="1999-01-01T00:00:00Z"), "time_impossible", "1999"),
    ],
)
def test_a_record_that_makes_no_sense_says_why(record: Any, reason: str, words: str):
    found = rejection(compared(INVOICES, ERP, record, {}))
    assert found[0] == reason
    assert words.replace("no amount", "not an amount") in found[1]


def test_a_source_declared_for_a_tenant_need_not_name_it():
    found = compared(INVOICES, Source("/erp/main", tenant="nordwind"), snapshots.invoice(tenant=None), order(*KNOWN))
    assert found.verdict is Verdict.SAME


PLANNED = messages.shipment_planned()


def test_a_shipment_that_is_known_as_it_is_emits_nothing():
    assert compared(SHIPMENTS, TMS, snapshots.shipment(), shipment(PLANNED)) == Compared(Verdict.SAME)


def test_a_shipment_that_is_not_known_becomes_known():
    found = compared(SHIPMENTS, TMS, snapshots.shipment(), {})
    assert (found.verdict, types(found)) == (Verdict.UNKNOWN, ["shipment.planned.v1", "reference.linked.v1"])


@pytest.mark.parametrize(
    ("change", "emitted"),
    [
        ({"promised_at": at(120).isoformat()}, ["shipment.planned.v1"]),
        ({"promised_at": None}, ["shipment.planned.v1"]),
        ({"lines": []}, ["shipment.planned.v1"]),
        ({"references": [{"type": "bol", "value": "B-1", "carrier": "ABFS"}]}, ["reference.linked.v1"]),
        ({"references": [{"type": "tms_shipment", "value": "S-1"}]}, []),
        ({"load": "L-1"}, ["load.shipment_assigned.v1"]),
        ({"tender": {"answer": "offered", "carrier": {"scac": "ABFS"}, "at": at(30)}}, ["shipment.tendered.v1"]),
        (
            {"tender": {"answer": "accepted", "carrier": {"scac": "ABFS"}, "at": at(30)}},
            ["shipment.tender_accepted.v1"],
        ),
        (
            {"tender": {"answer": "rejected", "carrier": {"scac": "ABFS"}, "at": at(30)}},
            ["shipment.tender_rejected.v1"],
        ),
        ({"eta": {"eta_at": at(99), "at": at(30)}}, ["shipment.eta_changed.v1"]),
        ({"cancelled": {"at": at(40), "reason": "Called off"}}, ["shipment.cancelled.v1"]),
        ({"some_day": "another member"}, []),
    ],
)
def test_each_thing_a_tms_owns_is_emitted_when_it_differs_and_not_again(change: dict[str, Any], emitted: list[str]):
    record = snapshots.shipment(**change)
    found = compared(SHIPMENTS, TMS, record, shipment(PLANNED))
    assert types(found) == emitted
    bodies = [one.body for one in found.takings if isinstance(one, CanonicalEvent)]
    assert compared(SHIPMENTS, TMS, record, shipment(PLANNED, *bodies)) == Compared(Verdict.SAME)


def test_a_carriers_later_answer_stands_against_a_record_that_was_updated_for_another_reason():
    accepted = messages.message(
        "shipment.tender_accepted.v1",
        {"about": messages.pro(), "carrier": {"scac": "ABFS"}},
        source="/carrier/ABFS",
        tenant=None,
        hours=31,
    )
    offered = {"answer": "offered", "carrier": {"scac": "ABFS"}, "at": at(30)}
    found = compared(SHIPMENTS, TMS, snapshots.shipment(tender=offered, hours=60), shipment(PLANNED, accepted))
    assert found == Compared(Verdict.OUTDATED)


def test_a_carriers_eta_weighs_more_than_the_tms_however_late_that_speaks():
    eta = messages.message(
        "shipment.eta_changed.v1", {"about": messages.pro(), "eta_at": at(80)}, source="/carrier/ABFS", tenant=None
    )
    record = snapshots.shipment(eta={"eta_at": at(99), "at": at(60)})
    assert compared(SHIPMENTS, TMS, record, shipment(PLANNED, eta)).verdict is Verdict.OUTDATED


def test_in_which_order_lines_are_listed_says_nothing():
    lines = [{"order": "SO-1", "line": line, "quantity": 1} for line in (1, 2)]
    plan = msgspec.json.decode(messages.shipment_planned())
    plan["data"]["lines"] = lines
    record = snapshots.shipment(lines=lines[::-1])
    assert compared(SHIPMENTS, TMS, record, shipment(msgspec.json.encode(plan))).verdict is Verdict.SAME


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>", "not JSON"),
        (b"", "not JSON"),
        (b'{"items": [{"number":', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b"[]", "no page"),
        (b'{"invoices": []}', "no page"),
        (b'{"items": 5}', "no page"),
        (b'{"items": [], "next_cursor": 5}', "no page"),
        (b'{"items": [], "next_cursor": ""}', "no page"),
    ],
)
def test_what_is_no_page_says_what_it_is(body: bytes, words: str):
    with pytest.raises(PageGarbledError, match=words):
        page_of(body)
