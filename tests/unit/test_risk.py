"""From when on a promise is at risk, and why: the rule, case by case."""

from datetime import datetime
from typing import Any

import pytest

from projections.envelope import decode
from projections.event import Event
from projections.retraction import fold_history
from projections.shipment_view import fold as shipment_fold
from projections.shipment_view.remaining import ETA_ERROR_HOURS, REMAINING_HOURS, STAGES, Stage
from projections.shipment_view.state import ShipmentState
from projections.shipment_view.view import view_of
from projections.statuses import MILESTONES, Phase
from tests.messages import at, eta_changed, message, milestone, pro, tms_shipment

PROMISE = 96


def planned(hours: float = 0, **plan: Any) -> bytes:
    """Promised 96 hours after the start, by road, planned at the start."""
    data = {
        "about": tms_shipment(),
        "ship_to": {"city": "Kiel"},
        "promised_at": at(PROMISE),
        "lines": [],
        "mode": "road",
    }
    return message("shipment.planned.v1", data | plan, hours=hours)


def raised(said: float) -> bytes:
    data = {"about": pro(), "exception": "X-1", "code": "weather"}
    return message("shipment.exception_raised.v1", data, source="/carrier/ABFS", tenant=None, hours=said)


def cleared(said: float) -> bytes:
    data = {"about": pro(), "exception": "X-1"}
    return message("shipment.exception_cleared.v1", data, source="/carrier/ABFS", tenant=None, hours=said)


def risk_after(*bodies: bytes) -> tuple[datetime, str] | None:
    events = [event for event in (decode(body, at(1_000)) for body in bodies) if isinstance(event, Event)]
    assert len(events) == len(bodies)
    view = view_of(fold_history(ShipmentState("shp_1", "nordwind"), events, shipment_fold.fold))
    assert view
    return (view.risk.at_risk_from, view.risk.reason.code) if view.risk else None


def left(stage: Stage, mode: str = "road") -> datetime:
    """When, of the 96 hours, only those are left that a stage takes at least."""
    return at(PROMISE - REMAINING_HOURS[mode][stage])  # type: ignore[index]  # a mode by its name


def test_what_has_no_promise_is_at_no_risk():
    assert risk_after(planned(promised_at=None), eta_changed(900, hours=2)) is None


def test_what_is_not_under_way_is_at_risk_once_too_little_time_is_left():
    assert risk_after(planned()) == (left(Stage.NOT_UNDER_WAY), "not_under_way")
    assert risk_after(planned(mode="rail")) == (left(Stage.NOT_UNDER_WAY, "rail"), "not_under_way")


def test_a_promise_too_short_from_the_beginning_is_at_risk_from_then_on():
    assert risk_after(planned(promised_at=at(3))) == (at(0), "not_under_way")


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("picked_up", Stage.COLLECTED),
        ("arrived_at_terminal", Stage.COLLECTED),
        ("departed_terminal", Stage.MOVING),
        ("customs_cleared", Stage.ARRIVING),
        ("out_for_delivery", Stage.AT_THE_DOOR),
    ],
)
def test_the_further_it_is_the_later_it_is_at_risk(code: str, stage: Stage):
    assert risk_after(planned(), milestone(code=code, hours=5)) == (left(stage), "out_of_time")


def test_a_late_report_of_an_earlier_step_brings_no_risk_back():
    told = (planned(), milestone(code="out_for_delivery", hours=40), milestone(code="picked_up", hours=80))
    assert risk_after(*told) == (left(Stage.AT_THE_DOOR), "out_of_time")


def test_an_eta_past_the_promise_is_a_risk_as_soon_as_it_is_said():
    assert risk_after(planned(), milestone(hours=5), eta_changed(97, hours=6)) == (at(6), "eta_past_promise")


def test_an_eta_closer_to_the_promise_than_etas_are_good_is_a_risk_too():
    close = PROMISE - ETA_ERROR_HOURS["road"] / 2
    assert risk_after(planned(), milestone(hours=5), eta_changed(close, hours=6)) == (at(6), "eta_close_to_promise")
    good = PROMISE - ETA_ERROR_HOURS["road"]
    assert risk_after(planned(), milestone(hours=5), eta_changed(good, hours=6)) == (left(Stage.MOVING), "out_of_time")


def test_a_better_eta_takes_the_risk_away():
    told = (planned(), milestone(hours=5), eta_changed(97, hours=6), eta_changed(80, hours=30))
    assert risk_after(*told) == (left(Stage.MOVING), "out_of_time")


def test_a_shorter_promise_is_a_risk_from_when_it_was_made():
    sooner = planned(10, promised_at=at(70))
    assert risk_after(planned(), eta_changed(80, hours=6), sooner) == (at(10), "eta_past_promise")


def test_the_plan_counts_until_a_carrier_says_better():
    late = planned(planned_delivery_at=at(100))
    assert risk_after(late) == (at(0), "plan_past_promise")
    assert risk_after(late, milestone(hours=5), eta_changed(80, hours=6)) == (left(Stage.MOVING), "out_of_time")


def test_an_estimate_made_before_an_open_problem_is_not_trusted():
    told = (planned(), milestone(hours=5), eta_changed(90, hours=6), raised(20))
    assert risk_after(*told) == (at(20), "problem_since_eta")
    assert risk_after(*told, eta_changed(92, hours=21)) == (left(Stage.MOVING), "out_of_time")
    assert risk_after(*told, cleared(30)) == (left(Stage.MOVING), "out_of_time")


def test_there_is_time_enough_for_a_problem_long_before_the_promise():
    told = (planned(), milestone(hours=5), eta_changed(40, hours=6), raised(20))
    assert risk_after(*told) == (left(Stage.MOVING), "out_of_time")


@pytest.mark.parametrize("code", [code for code, one in MILESTONES.items() if one.phase >= Phase.DELIVERED])
def test_what_is_delivered_or_closed_is_at_no_risk(code: str):
    assert risk_after(planned(), eta_changed(97, hours=6), milestone(code=code, hours=120)) is None


def test_every_stage_is_a_milestones_and_less_remains_the_further_it_is():
    assert STAGES.keys() <= MILESTONES.keys()
    for hours in REMAINING_HOURS.values():
        assert len(hours) == len(Stage)
        assert list(hours) == sorted(hours, reverse=True)
