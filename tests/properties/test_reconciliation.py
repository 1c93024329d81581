"""Whatever is known and whatever a snapshot says: reconciling once is enough, and how it is paged says nothing."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from projections.envelope import decode
from projections.event import Event
from projections.order_view import fold as order_fold
from projections.order_view.state import OrderState
from projections.reconciliation.comparing import Verdict, compare, read
from projections.reconciliation.kinds import KINDS, Kind
from projections.references import public_id
from projections.shipment_view import fold as shipment_fold
from projections.shipment_view.state import ShipmentState
from projections.sources.adapter import CanonicalEvent, Rejected, Source
from tests import messages, snapshots
from tests.messages import at

NUMBERS = st.sampled_from(["1", "2"])
HOURS = st.integers(0, 6)
AMOUNTS = st.sampled_from([{"amount": "10", "currency": "EUR"}, {"amount": "10.00", "currency": "EUR"}])
OTHER = st.just({"amount": "12", "currency": "EUR"})
STATUSES = st.sampled_from(["open", "paid", "blocked"])
CARRIERS = st.sampled_from([{"scac": "ABFS"}, {"scac": "RDFX", "name": "Red"}])
LINES = st.lists(
    st.fixed_dictionaries({"order": st.just("SO-1"), "line": st.integers(1, 2), "quantity": st.integers(0, 2)}),
    max_size=3,
)
NAMES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["bol", "pro"]), "value": NUMBERS, "carrier": st.sampled_from(["ABFS", "RDFX"])}
    ),
    max_size=3,
)
SOURCES = {"invoices": Source("/erp/main"), "shipments": Source("/tms/main")}


def hours(after: int) -> str:
    return at(after).isoformat()


INVOICES = st.builds(
    lambda number, hour, total, status, due: snapshots.invoice(
        f"INV-{number}", hours=hour, total=total, status=status, due_at=due
    ),
    NUMBERS,
    HOURS,
    AMOUNTS | OTHER,
    STATUSES,
    st.none() | HOURS.map(hours),
)
TENDERS = st.fixed_dictionaries(
    {"answer": st.sampled_from(["offered", "accepted", "rejected"]), "carrier": CARRIERS, "at": HOURS.map(hours)}
)
SHIPMENTS = st.builds(
    lambda number, hour, **record: snapshots.shipment(f"S-{number}", hours=hour, **record),
    NUMBERS,
    HOURS,
    promised_at=st.none() | HOURS.map(hours),
    carrier=st.none() | CARRIERS,
    lines=LINES,
    references=NAMES,
    load=st.sampled_from([None, "L-1"]),
    tender=st.none() | TENDERS,
    eta=st.none() | st.fixed_dictionaries({"eta_at": HOURS.map(hours), "at": HOURS.map(hours)}),
    cancelled=st.none() | st.fixed_dictionaries({"at": HOURS.map(hours)}),
)


def said_by_invoices(record: dict[str, Any], source: str) -> list[bytes]:
    """What the events of a record's own system would have said, at its time and under other ids."""
    about = {"type": "erp_order", "value": "SO-1"}
    envelope = {"source": source, "time": record["updated_at"]}
    posted = {"about": about, "invoice": record["number"], "total": record["total"], "due_at": record["due_at"]}
    changed = {"about": about, "invoice": record["number"], "status": record["status"]}
    return [
        messages.message("invoice.posted.v1", posted, **envelope),
        messages.message("invoice.payment_changed.v1", changed, **envelope),
    ]


ORDER = [messages.order_released()]


class Known:
    """What is known after some events, as the projector would have folded them."""

    def __init__(self, kind: Kind, bodies: list[bytes]) -> None:
        self.kind, self.source = kind, SOURCES["invoices" if kind is KINDS["invoices"] else "shipments"]
        self.states: dict[str, Any] = {}
        self.fold(bodies)

    def fold(self, bodies: list[bytes]) -> None:
        for body in bodies:
            event = decode(body, at(10_000))
            assert isinstance(event, Event), event
            value = event.data.about.value  # type: ignore[attr-defined]  # all of these are about something
            subject_id = public_id(self.kind.subject, event.tenant, value)
            if self.kind is KINDS["invoices"]:
                order_fold.fold(self.states.setdefault(subject_id, OrderState(subject_id, "nordwind")), event)
            else:
                shipment_fold.fold(self.states.setdefault(subject_id, ShipmentState(subject_id, "nordwind")), event)

    def emits(self, page: list[dict[str, Any]]) -> list[bytes]:
        found = [
            compare(read(msgspec.json.encode(record), self.kind, self.source), self.kind, self.source, self.states)
            for record in page
        ]
        assert not [one for one in found if one.verdict is Verdict.UNREADABLE], found
        return [taking.body for one in found for taking in one.takings if isinstance(taking, CanonicalEvent)]

    def pull(self, pages: list[list[dict[str, Any]]]) -> None:
        for page in pages:
            self.fold(self.emits(page))

    def values(self) -> Any:
        """All that is known, without who said it when. A state's maps are sorted: they are written as they grew."""
        return msgspec.json.decode(msgspec.json.encode(self.states, order="sorted"))


def one_of_each(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A snapshot: each thing in one version."""
    return list({record["number"]: record for record in records}.values())


@given(st.lists(INVOICES, max_size=4))
def test_a_snapshot_that_says_what_the_events_said_emits_nothing(records):
    snapshot = one_of_each(records)
    known = Known(KINDS["invoices"], ORDER)
    for record in snapshot:
        known.fold(said_by_invoices(record, "/erp/main"))
    assert known.emits(snapshot) == []


@given(st.sampled_from([("invoices", INVOICES), ("shipments", SHIPMENTS)]), st.data())
def test_what_was_emitted_once_is_not_emitted_again(chosen, data):
    name, records = chosen
    known = Known(KINDS[name], [])
    known.pull(data.draw(st.lists(st.lists(records, max_size=3), max_size=3)))
    page = data.draw(st.lists(records, max_size=3))
    known.fold(known.emits(page))
    assert known.emits(page) == []


@given(st.sampled_from([("invoices", INVOICES), ("shipments", SHIPMENTS)]), st.data())
def test_how_a_snapshot_is_paged_and_what_comes_twice_says_nothing(chosen, data):
    name, records = chosen
    before = data.draw(st.lists(records, max_size=4))
    snapshot = one_of_each(data.draw(st.lists(records, max_size=4)))
    straight, odd = Known(KINDS[name], []), Known(KINDS[name], [])
    for known in (straight, odd):
        known.pull([before])
    straight.pull([snapshot])
    again = data.draw(st.lists(st.sampled_from(snapshot), max_size=4)) if snapshot else []
    odd.pull([[record] for record in data.draw(st.permutations(snapshot + again))])
    assert odd.values() == straight.values()


@given(st.sampled_from(["invoices", "shipments"]), st.binary(max_size=60))
def test_any_bytes_are_a_record_or_a_rejection(name, raw):
    assert isinstance(read(raw, KINDS[name], SOURCES[name]), Rejected)
