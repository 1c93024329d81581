"""Events of every type for a small world whose things meet often.

Two tenants share loads and a carrier. Every name, number and quantity that is one tenant's bears its tag, so
that a leak can be told from a coincidence. Times are few and collide, also across offsets.

Hypothesis chooses which events there are, so that a failing world shrinks to few; what each says comes from
a seed, which is ten times as fast as drawing every field.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import strategies as st

from projections.events import EVENT_TYPES
from projections.statuses import EXCEPTIONS, MILESTONES

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOW = START + timedelta(days=30)
TENANTS = ("nordwind", "suedwerk")
QUANTITIES = {"nordwind": (1112, 1113), "suedwerk": (7771, 7773)}
LOADS = ("L-1", "L-2")
OWN_STOPS = {"nordwind": (2, 3), "suedwerk": (4, 5)}
SHARED_STOP = 1
OFFSETS = (UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-5)))


class Draft(msgspec.Struct, frozen=True):
    """An event before it has an id. `of`: whose it is, None for what concerns a load as a whole."""

    type: str
    source: str
    tenant: str | None
    data: dict[str, Any]
    time: datetime
    of: str | None = None

    def body(self, event_id: str) -> bytes:
        envelope = {"specversion": "1.0", "id": event_id, "source": self.source, "type": self.type, "time": self.time}
        return msgspec.json.encode(envelope | ({"tenant": self.tenant} if self.tenant else {}) | {"data": self.data})


HOURS = (0, 6)
BEFORE_ALL = (-9, -1)
SEEDS = st.integers(0, 2**32 - 1)


def orders(tenant: str) -> list[str]:
    return [f"SO-{tenant}-1", f"SO-{tenant}-2"]


def shipments(tenant: str) -> list[str]:
    return [f"S-{tenant}-1", f"S-{tenant}-2"]


def place(tenant: str) -> dict[str, str]:
    return {"name": f"{tenant} depot", "city": f"{tenant} city", "country": "DE"}


class Writer:
    """Writes the data of each type for one tenant. `linked`: also under names that only a later link makes known."""

    def __init__(self, chance: random.Random, tenant: str, linked: bool) -> None:
        self.chance, self.tenant, self.linked = chance, tenant, linked

    def one_of(self, *choices: Any) -> Any:
        return self.chance.choice(choices)

    def instant(self, hours: tuple[int, int] = HOURS) -> datetime:
        return (START + timedelta(hours=self.chance.randint(*hours))).astimezone(self.one_of(*OFFSETS))

    def order(self) -> dict[str, Any]:
        return {"about": {"type": "erp_order", "value": self.one_of(*orders(self.tenant))}}

    def shipment(self) -> dict[str, Any]:
        number = self.one_of(*shipments(self.tenant))
        names = [
            {"type": "tms_shipment", "value": number},
            {"type": "pro", "value": f"PRO-{number}", "carrier": "ABFS"},
        ]
        # Named only by a `reference.linked` that may never come, or be taken back.
        late = {"type": "bol", "value": f"BOL-{number}", "carrier": "ABFS"}
        return {"about": self.one_of(*names, *([late] if self.linked else []))}

    def either(self) -> dict[str, Any]:
        return self.one_of(self.order, self.shipment)()

    def load(self) -> dict[str, Any]:
        return {"about": {"type": "load", "value": self.one_of(*LOADS)}}

    def quantity(self) -> int:
        return self.one_of(*QUANTITIES[self.tenant])

    def lines(self) -> list[dict[str, Any]]:
        return [
            {"order": self.one_of(*orders(self.tenant)), "line": self.one_of(1, 2), "quantity": self.quantity()}
            for _ in range(self.one_of(0, 1, 2))
        ]

    def order_lines(self, least: int) -> list[dict[str, Any]]:
        return [
            {"line": self.one_of(1, 2), "sku": f"SKU-{self.tenant}", "quantity": self.quantity()}
            for _ in range(self.one_of(least, 2))
        ]

    def stops(self) -> list[dict[str, Any]]:
        stops: list[dict[str, Any]] = [
            self._stop(SHARED_STOP, "pickup", {"city": "Crossdock", "country": "DE"}, TENANTS)
        ]
        for tenant in TENANTS:
            stops += [self._stop(number, "delivery", place(tenant), (tenant,)) for number in OWN_STOPS[tenant]]
        return stops

    def _stop(self, number: int, purpose: str, where: dict[str, str], tenants: tuple[str, ...]) -> dict[str, Any]:
        served = [{"tenant": tenant, "tms_shipment": self.one_of(*shipments(tenant))} for tenant in tenants]
        return {"stop": number, "purpose": purpose, "place": where, "planned_at": self.instant(), "shipments": served}


def _references(about: dict[str, Any]) -> dict[str, Any]:
    number = about["about"]["value"]
    linked = [
        {"type": "pro", "value": f"PRO-{number}", "carrier": "ABFS"},
        {"type": "customer_po", "value": f"PO-{number}"},
    ]
    return {**about, "references": linked}


def _plan(writer: Writer, number: str) -> dict[str, Any]:
    about = {"about": {"type": "tms_shipment", "value": number}}
    return {
        **_references(about),
        "ship_to": place(writer.tenant),
        "carrier": {"scac": "ABFS"},
        "promised_at": writer.instant(),
        "lines": writer.lines(),
    }


def _release(writer: Writer, number: str) -> dict[str, Any]:
    about = {"about": {"type": "erp_order", "value": number}}
    return {**about, "lines": writer.order_lines(1), "promised_at": writer.instant(), "ship_to": place(writer.tenant)}


def _link(writer: Writer) -> dict[str, Any]:
    number = writer.one_of(*shipments(writer.tenant))
    about = {"about": {"type": "tms_shipment", "value": number}}
    return {**about, "references": [{"type": "bol", "value": f"BOL-{number}", "carrier": "ABFS"}]}


def _invoice(writer: Writer) -> dict[str, Any]:
    order = writer.order()
    number = f"INV-{order['about']['value']}-{writer.one_of(1, 2)}"
    return {**order, "invoice": number, "total": {"amount": str(writer.quantity()), "currency": "EUR"}}


def _payment(writer: Writer) -> dict[str, Any]:
    order = writer.order()
    number = f"INV-{order['about']['value']}-1"
    about = {"about": {"type": "invoice", "value": number}} if writer.linked and writer.one_of(0, 1) else order
    return {**about, "invoice": number, "status": writer.one_of("open", "paid")}


def _load_milestone(writer: Writer) -> dict[str, Any]:
    stop = writer.one_of(None, SHARED_STOP, *OWN_STOPS[writer.tenant])
    own = stop in OWN_STOPS[writer.tenant]
    # Away from its own stops a report may still name one tenant's place: only the town is anybody's to see.
    where = place(writer.tenant) | ({} if own else {"city": "Transit", "country": "DE"})
    codes = [code for code, meaning in MILESTONES.items() if stop or not meaning.at_stop]
    milestone = {**writer.load(), "code": writer.one_of(*codes), "place": where}
    return milestone | ({"stop": stop} if stop else {})


CARRIER = {"scac": "ABFS"}
_ERP, _WMS, _TMS, _CRM = ("/erp/main",), ("/wms/hall1",), ("/tms/main",), ("/crm/desk",)
_WORLD = ("/carrier/abfs", "/tms/main", "/3pl/hub")

# Of each type: who may send it, and what it says.
WRITTEN: dict[str, tuple[tuple[str, ...], Callable[[Writer], dict[str, Any]]]] = {
    "order.released.v1": (_ERP, lambda w: _release(w, w.one_of(*orders(w.tenant)))),
    "order.amended.v1": (_ERP, lambda w: {**w.order(), "lines": w.order_lines(0), "promised_at": w.instant()}),
    "order.cancelled.v1": (_ERP, lambda w: w.order()),
    "order.line_allocated.v1": (_WMS, lambda w: {**w.order(), "line": 1, "quantity": w.quantity()}),
    "order.line_backordered.v1": (
        _WMS,
        lambda w: {**w.order(), "line": 1, "quantity": w.quantity(), "expected_at": w.instant()},
    ),
    "package.packed.v1": (_WMS, lambda w: {**w.shipment(), "package": f"P-{w.tenant}", "weight_kg": w.quantity()}),
    "shipment.planned.v1": (_TMS, lambda w: _plan(w, w.one_of(*shipments(w.tenant)))),
    "shipment.tendered.v1": (_TMS, lambda w: {**w.shipment(), "carrier": CARRIER}),
    "shipment.tender_accepted.v1": (_WORLD[:2], lambda w: {**w.shipment(), "carrier": CARRIER}),
    "shipment.tender_rejected.v1": (_WORLD[:2], lambda w: {**w.shipment(), "carrier": CARRIER}),
    "shipment.shipped.v1": (_WMS, lambda w: {**w.shipment(), "lines": w.lines()}),
    "shipment.milestone.v1": (
        _WORLD,
        lambda w: {**w.shipment(), "code": w.one_of(*MILESTONES), "place": place(w.tenant)},
    ),
    "shipment.eta_changed.v1": (_WORLD, lambda w: {**w.shipment(), "eta_at": w.instant()}),
    "shipment.exception_raised.v1": (
        _WORLD,
        lambda w: {**w.shipment(), "exception": w.one_of("X1", "X2"), "code": w.one_of(*EXCEPTIONS)},
    ),
    "shipment.exception_cleared.v1": (_WORLD, lambda w: {**w.shipment(), "exception": w.one_of("X1", "X2")}),
    "shipment.cancelled.v1": (_TMS, lambda w: w.shipment()),
    "load.planned.v1": (_TMS, lambda w: {**w.load(), "stops": w.stops()}),
    "load.shipment_assigned.v1": (_TMS, lambda w: {**w.shipment(), "load": w.one_of(*LOADS)}),
    "load.milestone.v1": (_WORLD, _load_milestone),
    "document.added.v1": (_WORLD[:2], lambda w: {**w.either(), "document": "D1", "kind": w.one_of("pod", "bol")}),
    "charge.posted.v1": (
        _TMS,
        lambda w: {
            **w.either(),
            "charge": "C1",
            "kind": "freight",
            "money": {"amount": str(w.quantity()), "currency": "EUR"},
        },
    ),
    "invoice.posted.v1": (_ERP, _invoice),
    "invoice.payment_changed.v1": (_ERP, _payment),
    "return.authorised.v1": (_ERP, lambda w: {**w.either(), "authorisation": "R1"}),
    "return.received.v1": (_WMS, lambda w: {**w.either(), "authorisation": "R1"}),
    "case.linked.v1": (_CRM, lambda w: {**w.either(), "case": f"CASE-{w.tenant}"}),
    "reference.linked.v1": (_TMS, _link),
    "customer.changed.v1": (_ERP, lambda w: {"name": f"{w.tenant} ltd"}),
    "event.retracted.v1": (_TMS, lambda w: {**w.either(), "retracts": w.one_of("e1", "e2", "e3")}),
    "source.heartbeat.v1": (_WORLD, lambda _: {}),
}


# Loads tie tenants and shipments together: most can go wrong there.
OFTEN = ("load.milestone.v1",) * 6 + ("load.shipment_assigned.v1", "load.planned.v1") * 2


def write(event_type: str, tenant: str, seed: int, *, linked: bool = True, hours: tuple[int, int] = HOURS) -> Draft:
    """One event of a type."""
    sources, written = WRITTEN[event_type]
    writer = Writer(random.Random(seed), tenant, linked)  # noqa: S311 - repeatable is the point
    data = written(writer)
    shared_milestone = event_type == "load.milestone.v1" and data.get("stop") in (None, SHARED_STOP)
    owner = None if shared_milestone or event_type == "load.planned.v1" else tenant
    return Draft(event_type, writer.one_of(*sources), tenant, data, writer.instant(hours), owner)


def drafts(event_type: str, *, linked: bool = True, hours: tuple[int, int] = HOURS) -> st.SearchStrategy[Draft]:
    return st.builds(
        lambda tenant, seed: write(event_type, tenant, seed, linked=linked, hours=hours),
        st.sampled_from(TENANTS),
        SEEDS,
    )


def any_draft(*, linked: bool = True) -> st.SearchStrategy[Draft]:
    types = st.sampled_from([*EVENT_TYPES, *OFTEN])
    return st.builds(
        lambda name, tenant, seed: write(name, tenant, seed, linked=linked), types, st.sampled_from(TENANTS), SEEDS
    )


def retraction(draft: Draft, event_id: str, time: datetime) -> Draft:
    """Its source takes an event back."""
    about = draft.data.get("about") or {"type": "erp_order", "value": orders(draft.tenant or TENANTS[0])[0]}
    return Draft(
        "event.retracted.v1", draft.source, draft.tenant, {"about": about, "retracts": event_id}, time, draft.of
    )


def _first_words(seed: int) -> list[Draft]:
    first: list[Draft] = []
    for tenant in TENANTS:
        writer = Writer(random.Random(f"{seed} {tenant}"), tenant, linked=False)  # noqa: S311 - as above
        said = [("order.released.v1", "/erp/main", _release(writer, number)) for number in orders(tenant)]
        for number in shipments(tenant):
            said.append(("shipment.planned.v1", "/tms/main", _plan(writer, number)))
            assigned = {"about": {"type": "tms_shipment", "value": number}, "load": LOADS[0]}
            said.append(("load.shipment_assigned.v1", "/tms/main", assigned))
        first += [Draft(name, source, tenant, data, writer.instant(), tenant) for name, source, data in said]
    plan = {"about": {"type": "load", "value": LOADS[0]}, "stops": writer.stops()}
    return [*first, Draft("load.planned.v1", "/tms/main", None, plan, writer.instant())]


def creating() -> st.SearchStrategy[list[Draft]]:
    """The first words of most orders and shipments, the assignment of most shipments and the plan of a load."""
    dropped = st.sets(st.integers(0, 12), max_size=3)
    return st.builds(
        lambda seed, missing: [draft for index, draft in enumerate(_first_words(seed)) if index not in missing],
        SEEDS,
        dropped,
    )


Named = list[tuple[str, Draft]]


def _named(first: list[Draft], more: list[Draft], taken_back: set[int]) -> Named:
    named = [(f"e{index}", draft) for index, draft in enumerate(first + more)]
    chosen = sorted({index % len(named) for index in taken_back})
    return named + [(f"r{index}", retraction(named[index][1], f"e{index}", START)) for index in chosen]


def worlds(*, linked: bool = True, retractions: bool = True, most: int = 16) -> st.SearchStrategy[Named]:
    """The events of a small world, under their ids; some of them taken back."""
    more = st.lists(any_draft(linked=linked), max_size=most)
    if not retractions:
        more = more.map(lambda drafts: [draft for draft in drafts if draft.type != "event.retracted.v1"])
    taken_back = st.sets(st.integers(0, 40), max_size=4 if retractions else 0)
    return st.builds(_named, creating(), more, taken_back)
