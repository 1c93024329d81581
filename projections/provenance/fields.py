"""The provenance of each field a shipment shows, in the order in which it shows them. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from projections.events import LoadMilestone, LoadPlanned
from projections.log.rows import LogRow
from projections.ownership import OWNERS, role_of
from projections.provenance.contests import Contests, Path, Verdict, latest_first
from projections.provenance.derived import derived_from
from projections.provenance.shapes import FieldProvenance, Lost, Rule, Said, Why
from projections.registers import Register, stamp_of
from projections.shipment_view.shapes import ShipmentView
from projections.shipment_view.status import problems
from projections.shipment_view.view import happenings, view_of
from projections.views import ENCODER

LOST_MAX = 20
PLAN: Path = ("plan", "")
_FROM_PLAN = (
    *("number", "ship_to", "promised_at", "origin", "service", "mode", "planned_pickup_at", "planned_delivery_at"),
    "orders",
)
# Facts a shipment shows only in what follows from them.
_FACTS = {"tender": "tender", "shipped": "ship_confirm", "cancelled": "cancellation", "planned_eta_at": "timetable"}
_NOBODY = Verdict(None, ())

Entry = tuple[str, object, Verdict, tuple[str, ...]]


class Circumstances(msgspec.Struct, frozen=True):
    """What is known beside the events: when which version was first shown, and how sources are declared now."""

    versions: Sequence[tuple[int, datetime]]
    formats: Mapping[str, str]


def provenance_of(
    subject_id: str, tenant: str, rows: Sequence[LogRow], sections: Collection[str], known: Circumstances
) -> tuple[FieldProvenance, ...]:
    """Where each field is from, of those that have a value and that a reader of these sections sees.

    Nothing for a shipment that is not shown at all.
    """
    contests = Contests(subject_id, tenant, rows, sections)
    view = view_of(contests.state)
    if view is None:
        return ()
    entries = _entries(view, contests, sections)
    return tuple(_field(*entry, known) for entry in entries if entry[1] not in (None, ()))


def _entries(view: ShipmentView, contests: Contests, sections: Collection[str]) -> Iterator[Entry]:
    follows = derived_from(view, contests, sections)
    for name, fields in follows.items():
        yield f"/{name}", getattr(view, name), _NOBODY, fields
    for name in _FROM_PLAN:
        yield f"/{name}", getattr(view, name), contests.of(PLAN), ()
    yield "/created_at", view.created_at, contests.first(PLAN, earliest=True), ()
    yield "/last_event_at", view.last_event_at, Verdict(_latest(view, contests), ()), ()
    yield from _expectations(view, contests)
    yield from _facts(contests)
    yield from _parts(view, contests)
    yield from _reports(view, contests)
    for name in ("documents", "charges"):
        if name in sections:
            yield from _in_order(contests, name, getattr(view, name), getattr(contests.state, name))


def _latest(view: ShipmentView, contests: Contests) -> LogRow | None:
    """The event that happened last, if the reader may know of it."""
    concerning = {fact.stamp for fact in contests.facts}
    for row in contests.rows:
        of_load = isinstance(row.event.data, LoadPlanned | LoadMilestone)
        counts = not of_load or stamp_of(row.event) in concerning
        if counts and row.event.occurred_at == view.last_event_at and not contests.is_retracted(row.event):
            return row
    return None


def _expectations(view: ShipmentView, contests: Contests) -> Iterator[Entry]:
    """What one kind of word says until a weightier kind speaks: the carrier, and when it is expected."""
    yield "/carrier", view.carrier, _carrier(contests), ()
    if contests.has(("eta_at", "")):
        timetable = contests.spoke(("planned_eta_at", ""))
        yield "/eta_at", view.eta_at, _beside(contests.of(("eta_at", "")), timetable, "outweighed"), ()
    elif contests.has(("planned_eta_at", "")):
        yield "/eta_at", view.eta_at, contests.of(("planned_eta_at", "")), ()


def _carrier(contests: Contests) -> Verdict:
    tender, plan = contests.state.tender, contests.of(PLAN)
    if tender is None:
        return plan
    named = contests.state.plan is not None and contests.state.plan.value.carrier is not None
    offered = contests.of(("tender", ""))
    if tender.value.answer != "rejected":
        return _beside(offered, contests.spoke(PLAN) if named else (), "outweighed")
    declined = _beside(Verdict(None, plan.lost), [offered.won] if offered.won else (), "declined")
    return Verdict(plan.won, latest_first(iter([*declined.lost, *offered.lost])))


def _beside(verdict: Verdict, others: Sequence[LogRow], why: Why) -> Verdict:
    return Verdict(verdict.won, latest_first(iter([*verdict.lost, *((row, why) for row in others)])))


def _facts(contests: Contests) -> Iterator[Entry]:
    for kind, name in _FACTS.items():
        register: Register[object] | None = getattr(contests.state, kind)
        if register is not None:
            value = register.value if kind in ("tender", "planned_eta_at") else True
            yield name, value, contests.of((kind, "")), ()
    for authorisation in sorted(contests.state.returns_received):
        yield "return", authorisation, contests.of(("returns_received", authorisation)), ()


def _parts(view: ShipmentView, contests: Contests) -> Iterator[Entry]:
    """What it is called, what it is made of, and what it travels on."""
    for index, one in enumerate(view.references):
        path = ("references", f"{one.type} {one.carrier or ''} {one.value}")
        yield f"/references/{index}", one, contests.first(path), ()
    if contests.has(("shipped", "")):
        for index, order in enumerate(view.orders):
            for number, line in enumerate(order.lines):
                name = f"/orders/{index}/lines/{number}/quantity_shipped"
                yield name, line.quantity_shipped, contests.of(("shipped", "")), ()
    for index, (key, package) in enumerate(zip(sorted(contests.state.packages), view.packages, strict=True)):
        yield f"/packages/{index}", package, contests.of(("packages", key)), ()
    for index, load in enumerate(view.loads):
        yield f"/loads/{index}", load, contests.of(("assignments", load.load)), ()
        if load.stops:
            yield f"/loads/{index}/stops", load.stops, contests.of(("load_stops", load.load)), ()


def _reports(view: ShipmentView, contests: Contests) -> Iterator[Entry]:
    """What happened, and what went wrong."""
    for index, (reports, milestone) in enumerate(zip(happenings(contests.facts), view.milestones, strict=True)):
        verdict = contests.of(contests.path("milestones", reports[0].stamp))
        others = [row for row in (contests.row(fact.stamp) for fact in reports[1:]) if row]
        yield f"/milestones/{index}", milestone, _beside(verdict, others, "duplicate_report"), ()
    for index, (problem, shown) in enumerate(zip(problems(contests.state), view.exceptions, strict=True)):
        path = contests.path("raised", problem.raised.stamp)
        yield f"/exceptions/{index}", shown, contests.of(path), ()
        if shown.cleared_at:
            yield f"/exceptions/{index}/cleared_at", shown.cleared_at, contests.of(("cleared", path[1])), ()


def _in_order(
    contests: Contests, name: str, shown: Sequence[object], registers: Mapping[str, Register[object]]
) -> Iterator[Entry]:
    stamps = sorted(register.stamp for register in registers.values())
    for index, (stamp, one) in enumerate(zip(stamps, shown, strict=True)):
        yield f"/{name}/{index}", one, contests.of(contests.path(name, stamp)), ()


def _field(
    name: str, value: object, verdict: Verdict, follows: tuple[str, ...], known: Circumstances
) -> FieldProvenance:
    lost = tuple(Lost(why, _said(row, known)) for row, why in verdict.lost[:LOST_MAX])
    return FieldProvenance(
        field=name,
        value=msgspec.Raw(ENCODER.encode(value)),
        said=_said(verdict.won, known) if verdict.won else None,
        derived_from=follows,
        lost=lost,
        lost_count=len(verdict.lost),
    )


def _said(row: LogRow, known: Circumstances) -> Said:
    event = row.event
    # A load's events are several customers', and what their ids are made of is their sources' affair.
    shared = isinstance(event.data, LoadPlanned | LoadMilestone)
    return Said(
        event_id=None if shared else event.id,
        event_key=event.key.hex(),
        event_type=event.type,
        source=event.source,
        occurred_at=event.occurred_at,
        recorded_at=row.recorded_at,
        folded_at=next((at for version, at in known.versions if version >= row.position), None),
        rule=_rule(row, known.formats),
    )


def _rule(row: LogRow, formats: Mapping[str, str]) -> Rule:
    event = row.event
    weights = sorted(set(OWNERS[event.type].values()), reverse=True)
    return Rule(
        role=str(role_of(event.source) or ""),
        rank=sum(weight > event.authority for weight in weights) + 1,
        ranks=len(weights),
        format=formats.get(event.source),
        raw_code=getattr(event.data, "raw_code", None),
        code=getattr(event.data, "code", None),
        tz_source=getattr(event.data, "tz_source", None),
    )
