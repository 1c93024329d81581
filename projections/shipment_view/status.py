"""Phase, status and reason of a shipment, derived from its state: design.md section 5."""

from datetime import datetime

import msgspec

from projections.events import ExceptionRaised
from projections.registers import Register, later
from projections.shipment_view.state import ExceptionFact, MilestoneFact, ShipmentState
from projections.statuses import MILESTONES, PHASE_NAME, ClosedReason, Phase, Status
from projections.values import Stop
from projections.views import Reason, reason_of

TENDER_PHASE = {"offered": Phase.TENDERED, "accepted": Phase.ACCEPTED, "rejected": Phase.PLANNED}


class Standing(msgspec.Struct, frozen=True):
    """Where a shipment stands: how far it is, what is shown, why, and how it ended."""

    phase: Phase
    status: Status
    reason: Reason
    closed_reason: ClosedReason | None


def own_stops(state: ShipmentState, load: str) -> tuple[Stop, ...]:
    """The stops of a load that serve this very shipment."""
    plan = state.load_stops.get(load)
    if plan is None or state.plan is None:
        return ()
    number = state.plan.value.about.value
    return tuple(stop for stop in plan.value if any(served.tms_shipment == number for served in stop.shipments))


def concerning(state: ShipmentState) -> list[MilestoneFact]:
    """The milestone reports that are about this shipment: its own, and its loads' where they reach it.

    A load's report reaches a shipment assigned to the load; one made at a stop only what that stop serves.
    """
    stops = {load: {stop.stop: stop for stop in own_stops(state, load)} for load in state.assignments}
    reached = (_reached(fact, stops) for fact in state.milestones.values())
    return [fact for fact in reached if fact is not None]


def _reached(fact: MilestoneFact, stops: dict[str, dict[int, Stop]]) -> MilestoneFact | None:
    """The fact as this shipment knows it, or None when it is another's."""
    if fact.load is None:
        return fact
    if fact.load not in stops or fact.stop is None:
        return fact if fact.load in stops else None
    stop = stops[fact.load].get(fact.stop)
    return MilestoneFact(fact.stamp, fact.code, stop.place, fact.load, fact.stop, fact.tz_source) if stop else None


def last_event_at(state: ShipmentState, facts: list[MilestoneFact]) -> datetime | None:
    """When the latest of all that concerns the shipment happened; in UTC, as `later` says why."""
    latest = state.last_event_at
    for fact in facts:
        if fact.load is not None:
            latest = later(latest, fact.stamp.occurred_at)
    return latest


def sources_of(state: ShipmentState) -> tuple[str, ...]:
    """All sources that contributed to what is shown."""
    return tuple(sorted({*state.sources, *(fact.stamp.source for fact in concerning(state) if fact.load is not None)}))


class Problem(msgspec.Struct, frozen=True):
    """A problem that was raised; open while `cleared_at` is None."""

    raised: Register[ExceptionRaised]
    cleared_at: datetime | None


def problems(state: ShipmentState) -> list[Problem]:
    """All problems raised: the open ones first, then the latest first."""
    raised = [_problem(fact.raised, fact) for fact in state.exceptions.values() if fact.raised is not None]
    raised.sort(key=lambda problem: problem.raised.stamp, reverse=True)
    raised.sort(key=lambda problem: problem.cleared_at is not None)
    return raised


def _problem(raised: Register[ExceptionRaised], fact: ExceptionFact) -> Problem:
    cleared_at = fact.cleared.stamp.occurred_at if fact.cleared else None
    # Cleared before it was raised (again): it stands.
    return Problem(raised, cleared_at if cleared_at and cleared_at >= raised.stamp.occurred_at else None)


def promised_at(state: ShipmentState) -> datetime | None:
    return state.plan.value.promised_at if state.plan else None


def standing_of(state: ShipmentState, facts: list[MilestoneFact]) -> Standing:
    phase = _phase(state, facts)
    closed_reason = _closed_reason(state, facts) if phase is Phase.CLOSED else None
    if closed_reason is not None:
        return Standing(phase, Status.CLOSED, reason_of(closed_reason), closed_reason)
    delay = _delay(state) if phase < Phase.DELIVERED else None
    if delay is not None:
        return Standing(phase, Status.DELAYED, delay, None)
    return Standing(phase, Status(PHASE_NAME[phase]), _calm_reason(state, phase), None)


def _phase(state: ShipmentState, facts: list[MilestoneFact]) -> Phase:
    """The furthest any fact reaches: a late report of an earlier step cannot pull it back."""
    if state.cancelled or state.returns_received:
        return Phase.CLOSED
    reached = [MILESTONES[fact.code].phase for fact in facts]
    if state.tender:
        reached.append(TENDER_PHASE[state.tender.value.answer])
    if state.shipped:
        # The warehouse confirms what left (EPCIS: shipping, which ends with departing).
        reached.append(Phase.IN_TRANSIT)
    return max(reached, default=Phase.PLANNED)


def _closed_reason(state: ShipmentState, facts: list[MilestoneFact]) -> ClosedReason:
    """How it ended. Where facts disagree the latest closing report counts; a cancellation comes last."""
    closing = [fact for fact in facts if MILESTONES[fact.code].closes_as]
    if closing:
        return MILESTONES[max(closing, key=lambda fact: fact.stamp).code].closes_as or ClosedReason.COMPLETED
    return ClosedReason.RETURNED if state.returns_received else ClosedReason.CANCELLED


def eta_at(state: ShipmentState) -> datetime | None:
    """When it is expected: by the last forecast, else by the carrier's timetable."""
    expected = state.eta_at or state.planned_eta_at
    return expected.value if expected else None


def expected_since(state: ShipmentState) -> datetime | None:
    """Since when that is expected: when it was said."""
    expected = state.eta_at or state.planned_eta_at
    return expected.stamp.occurred_at if expected else None


def _delay(state: ShipmentState) -> Reason | None:
    first = next(iter(problems(state)), None)
    if first is not None and first.cleared_at is None:
        return reason_of(first.raised.value.code)
    promise, expected = promised_at(state), eta_at(state)
    if promise is not None and expected is not None and expected > promise:
        return reason_of("eta_past_promise")
    # Where nothing was promised, what the carrier's own timetable says is all there is to be late for.
    if promise is None and state.planned_eta_at and expected and expected > state.planned_eta_at.value:
        return reason_of("eta_past_plan")
    return None


def _calm_reason(state: ShipmentState, phase: Phase) -> Reason:
    if phase is Phase.PLANNED and state.tender and state.tender.value.answer == "rejected":
        return reason_of("tender_rejected")
    return reason_of(PHASE_NAME[phase])
