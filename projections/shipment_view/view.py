"""What one tenant is shown of a shipment, rendered to ready bytes. Pure.

Nothing here depends on when or in which batch an event was folded: two equal states give equal bytes.
"""

from datetime import datetime

from projections.events import ShipmentPlanned
from projections.references import Reference, SubjectKind, public_id
from projections.registers import Register, Stamp
from projections.sections import measured
from projections.shipment_view.risk import risk_of
from projections.shipment_view.shapes import (
    ExceptionView,
    LineView,
    LoadView,
    MilestoneView,
    OrderPart,
    PackageView,
    ShipmentSummary,
    ShipmentView,
    StopView,
)
from projections.shipment_view.state import MilestoneFact, ShipmentState, Tender
from projections.shipment_view.status import (
    Problem,
    concerning,
    eta_at,
    last_event_at,
    own_stops,
    problems,
    standing_of,
)
from projections.statuses import MILESTONES, OUTLASTS_DELIVERY, PHASE_NAME, Phase, PhaseName, Status
from projections.values import Carrier, Place
from projections.views import ENCODER, OpenException, Rendered, charges_of, documents_of, reason_of
from projections.words import ENGLISH, catalogue


def view_of(state: ShipmentState) -> ShipmentView | None:
    """The shipment as its customer sees it, or None while nothing planned it (its plan was retracted)."""
    if state.plan is None or state.created_at is None:
        return None
    plan, facts = state.plan.value, concerning(state)
    shown, where = tuple(_milestone_view(reports[0]) for reports in happenings(facts)), standing_of(state, facts)
    return ShipmentView(
        id=state.id,
        tenant=state.tenant,
        number=plan.about.value,
        status=where.status,
        phase=PHASE_NAME[where.phase],
        closed_reason=where.closed_reason,
        reason=where.reason,
        carrier=_carrier(state.tender, plan.carrier),
        ship_to=plan.ship_to,
        promised_at=plan.promised_at,
        eta_at=eta_at(state),
        shipped_at=next((one.occurred_at for one in shown if one.phase is PhaseName.IN_TRANSIT), None),
        delivered_at=next((one.occurred_at for one in reversed(shown) if one.phase is PhaseName.DELIVERED), None),
        last_place=next((one.place for one in reversed(shown) if one.place), None),
        created_at=state.created_at,
        last_event_at=last_event_at(state, facts) or state.created_at,
        risk=risk_of(state, where.phase, facts),
        origin=plan.origin,
        service=plan.service,
        mode=plan.mode,
        planned_pickup_at=plan.planned_pickup_at,
        planned_delivery_at=plan.planned_delivery_at,
        has_pod=any(document.value.kind == "pod" for document in state.documents.values()),
        references=_references(state),
        orders=_order_parts(state, plan),
        packages=_packages(state),
        loads=_loads(state),
        milestones=shown,
        exceptions=tuple(_exception_view(problem) for problem in problems(state)),
        documents=documents_of(state.tenant, state.id, state.documents),
        charges=charges_of(state.charges),
    )


def render(view: ShipmentView, sources: tuple[str, ...], expected_since: datetime | None = None) -> Rendered:
    """The view as ready bytes, and the columns lists filter by. `expected_since`: since when its ETA is what it is."""
    return Rendered(
        tenant=view.tenant,
        subject_id=view.id,
        document=ENCODER.encode(view),
        sections=measured(view, ENCODER),
        summary=ENCODER.encode(_summary(view)),
        sources=sources,
        references=view.references,
        status=view.status,
        phase=view.phase,
        created_at=view.created_at,
        eta_at=view.eta_at,
        promised_at=view.promised_at,
        at_risk_from=view.risk.at_risk_from if view.risk else None,
        delivered_at=view.delivered_at,
        carrier=view.carrier.scac if view.carrier else None,
        ship_to=view.ship_to.city,
        ship_to_country=view.ship_to.country,
        origin_city=view.origin.city if view.origin else None,
        origin_country=view.origin.country if view.origin else None,
        has_exception=any(exception.cleared_at is None for exception in view.exceptions),
        order_ids=tuple(part.order_id for part in view.orders),
        open_exceptions=_open_exceptions(view, expected_since),
        documents=view.documents or (),
    )


_THERE = frozenset({PHASE_NAME[Phase.DELIVERED], PHASE_NAME[Phase.CLOSED]})


def _open_exceptions(view: ShipmentView, expected_since: datetime | None) -> tuple[OpenException, ...]:
    """One for each code, by its latest report; and the delay that is for no such reason, but for the ETA.

    Carriers seldom clear what the delivery has settled: it stands no more.
    """
    latest: dict[str, datetime] = {}
    is_there = view.phase in _THERE
    for one in view.exceptions:
        if one.cleared_at is None and (not is_there or one.code in OUTLASTS_DELIVERY):
            latest[one.code] = max(one.raised_at, latest.get(one.code, one.raised_at))
    if view.status is Status.DELAYED and not latest:
        latest[view.reason.code] = expected_since or view.last_event_at
    return tuple(OpenException(code, raised_at) for code, raised_at in sorted(latest.items()))


def _summary(view: ShipmentView) -> ShipmentSummary:
    return ShipmentSummary(**{name: getattr(view, name) for name in ShipmentSummary.__struct_fields__})


def _references(state: ShipmentState) -> tuple[Reference, ...]:
    """Every identifier, once: one without its carrier only while none is known with it."""
    named = {(one.type, one.value) for one in state.references.values() if one.carrier}
    shown = [one for one in state.references.values() if one.carrier or (one.type, one.value) not in named]
    return tuple(sorted(shown, key=_reference_order))


def _reference_order(reference: Reference) -> tuple[str, str, str]:
    return (reference.type, reference.value, reference.carrier or "")


def _carrier(tender: Register[Tender] | None, planned: Carrier | None) -> Carrier | None:
    """The carrier of the last tender that was not declined, else the planned one."""
    if tender is not None and tender.value.answer != "rejected":
        return tender.value.carrier
    return planned


def happenings(facts: list[MilestoneFact]) -> list[list[MilestoneFact]]:
    """What happened that a customer may see, in that order: all reports of each, the one that counts first."""
    reports: dict[tuple[object, ...], list[MilestoneFact]] = {}
    for fact in facts:
        if MILESTONES[fact.code].customer_visible:
            reports.setdefault((fact.code, _whereabouts(fact.place)), []).append(fact)
    for several in reports.values():
        several.sort(key=lambda fact: fact.stamp, reverse=True)
    return sorted(reports.values(), key=_happened)


def _happened(reports: list[MilestoneFact]) -> tuple[datetime, Phase, Stamp]:
    best = reports[0]
    return best.stamp.occurred_at, MILESTONES[best.code].phase, best.stamp


def _whereabouts(place: Place | None) -> tuple[str | None, ...]:
    return (place.city or place.name or place.code, place.country) if place else ()


def _milestone_view(fact: MilestoneFact) -> MilestoneView:
    phase = PHASE_NAME[MILESTONES[fact.code].phase]
    text = catalogue(ENGLISH).milestones[fact.code].text
    return MilestoneView(fact.code, text, phase, fact.stamp.occurred_at, fact.place, fact.stamp.source, fact.tz_source)


def _order_parts(state: ShipmentState, plan: ShipmentPlanned) -> tuple[OrderPart, ...]:
    """Which lines of which orders this shipment carries, as planned and, once confirmed, as shipped."""
    shipped = _shipped_quantities(state)
    orders: dict[str, dict[int, int]] = {}
    for line in plan.lines:
        lines = orders.setdefault(line.order, {})
        lines[line.line] = lines.get(line.line, 0) + line.quantity
    return tuple(
        OrderPart(
            public_id(SubjectKind.ORDER, state.tenant, order),
            order,
            tuple(
                LineView(line, quantity, None if shipped is None else shipped.get((order, line), 0))
                for line, quantity in sorted(lines.items())
            ),
        )
        for order, lines in sorted(orders.items())
    )


def _shipped_quantities(state: ShipmentState) -> dict[tuple[str, int], int] | None:
    """What the ship confirm says left, by order and line; None when there is none, or it names no lines."""
    if state.shipped is None or not state.shipped.value.lines:
        return None
    shipped: dict[tuple[str, int], int] = {}
    for line in state.shipped.value.lines:
        shipped[line.order, line.line] = shipped.get((line.order, line.line), 0) + line.quantity
    return shipped


def _packages(state: ShipmentState) -> tuple[PackageView, ...]:
    packed = [register.value for _, register in sorted(state.packages.items())]
    return tuple(PackageView(one.package, one.tracking_number, one.weight_kg) for one in packed)


def _loads(state: ShipmentState) -> tuple[LoadView, ...]:
    return tuple(LoadView(load, _stops(state, load)) for load in sorted(state.assignments))


def _stops(state: ShipmentState, load: str) -> tuple[StopView, ...]:
    return tuple(StopView(stop.purpose, stop.place, stop.planned_at) for stop in own_stops(state, load))


def _exception_view(problem: Problem) -> ExceptionView:
    raised = problem.raised.value
    reason = reason_of(raised.code)
    return ExceptionView(
        code=raised.code,
        text=reason.text,
        action_required=reason.action_required,
        responsible_party=reason.responsible_party,
        raised_at=problem.raised.stamp.occurred_at,
        cleared_at=problem.cleared_at,
        place=raised.place,
    )
