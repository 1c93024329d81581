"""From when on a promise is unlikely to be kept, and why: one rule, docs/risk.md. Pure, and so without a clock.

Nothing here says "now": the rule gives the instant from which the promise is unlikely should nothing more be
heard. Whoever serves the view compares it with the time.
"""

from datetime import UTC, datetime, timedelta

from projections.events import ShipmentPlanned
from projections.registers import Register
from projections.shipment_view.remaining import (
    ETA_ERROR_HOURS,
    PROBLEM_HOURS,
    REMAINING_HOURS,
    STAGES,
    Mode,
    Stage,
)
from projections.shipment_view.shapes import Risk
from projections.shipment_view.state import MilestoneFact, ShipmentState
from projections.shipment_view.status import problems
from projections.statuses import Phase
from projections.views import reason_of

_Since = tuple[datetime, str]


def risk_of(state: ShipmentState, phase: Phase, facts: list[MilestoneFact]) -> Risk | None:
    """None where nothing was promised, and once it is delivered or closed."""
    plan = state.plan
    if plan is None or plan.value.promised_at is None or phase >= Phase.DELIVERED:
        return None
    promise, mode = plan.value.promised_at, plan.value.mode or "road"
    known_late = _expected_late(state, plan, promise, mode)
    since, code = min(filter(None, (known_late, _out_of_time(plan, promise, mode, _stage(phase, facts)))))
    return Risk(since, reason_of(code))


def _stage(phase: Phase, facts: list[MilestoneFact]) -> Stage:
    least = Stage.COLLECTED if phase >= Phase.IN_TRANSIT else Stage.NOT_UNDER_WAY
    return max((STAGES.get(fact.code, least) for fact in facts), default=least)


def _expected_late(
    state: ShipmentState, plan: Register[ShipmentPlanned], promise: datetime, mode: Mode
) -> _Since | None:
    """Since when it is expected too late, by the last word on when it will arrive."""
    said_at, expected, code = plan.stamp.occurred_at, plan.value.planned_delivery_at, "plan_past_promise"
    eta = state.eta_at or state.planned_eta_at
    if eta is not None:
        code = "eta_past_promise" if eta.value > promise else "eta_close_to_promise"
        expected = eta.value + timedelta(hours=ETA_ERROR_HOURS[mode])
        said_at = max(said_at, eta.stamp.occurred_at)
    if expected is None:
        return None
    if expected <= promise:
        unknown = [one.raised.stamp.occurred_at for one in problems(state) if one.cleared_at is None]
        raised_at = max(unknown, default=said_at)
        if raised_at <= said_at or expected + timedelta(hours=PROBLEM_HOURS) <= promise:
            return None
        said_at, code = raised_at, "problem_since_eta"
    return said_at.astimezone(UTC), code


def _out_of_time(plan: Register[ShipmentPlanned], promise: datetime, mode: Mode, stage: Stage) -> _Since:
    """From when on what still has to happen takes longer than there is time, if it gets no further."""
    since = promise - timedelta(hours=REMAINING_HOURS[mode][stage])
    code = "not_under_way" if stage is Stage.NOT_UNDER_WAY else "out_of_time"
    # Never before it was known of.
    return max(since, plan.stamp.occurred_at).astimezone(UTC), code
