"""What the derived fields of a shipment follow from, as names of other fields. Pure."""

from collections.abc import Callable, Collection, Iterator, Sequence

from projections.provenance.contests import Contests
from projections.shipment_view.shapes import MilestoneView, ShipmentView
from projections.shipment_view.status import TENDER_PHASE
from projections.statuses import EXCEPTIONS, MILESTONES, PHASE, Phase, PhaseName, Status

_DELAYED_BY = {"eta_past_promise": ("/eta_at", "/promised_at"), "eta_past_plan": ("/eta_at", "timetable")}


def derived_from(view: ShipmentView, contests: Contests, sections: Collection[str]) -> dict[str, tuple[str, ...]]:
    """By field, in the order in which they are shown. Our own checkpoints are among what a phase may follow from, and are not named."""
    phase = tuple(_proofs(view, contests))
    status = phase
    if view.status == Status.DELAYED:
        status = ("/exceptions/0",) if view.reason.code in EXCEPTIONS else _DELAYED_BY[view.reason.code]
    pods: list[str] = []
    if "documents" in sections and view.documents:
        pods = [f"/documents/{index}" for index, one in enumerate(view.documents) if one.kind == "pod"]
    return {
        "status": status,
        "phase": phase,
        "closed_reason": tuple(_endings(view, contests)) if view.closed_reason else (),
        "reason": ("tender",) if view.reason.code == "tender_rejected" else status,
        "shipped_at": _milestone(view.milestones, lambda one: one.phase == PhaseName.IN_TRANSIT),
        "delivered_at": _milestone(view.milestones, lambda one: one.phase == PhaseName.DELIVERED, last=True),
        "last_place": _milestone(view.milestones, lambda one: one.place is not None, last=True),
        "has_pod": tuple(pods),
        "risk": tuple(_risk(view)),
    }


def _milestone(
    milestones: Sequence[MilestoneView], fits: Callable[[MilestoneView], bool], *, last: bool = False
) -> tuple[str, ...]:
    """The first, or the last, milestone that fits."""
    fitting = [f"/milestones/{index}" for index, one in enumerate(milestones) if fits(one)]
    return (fitting[-1 if last else 0],) if fitting else ()


def _proofs(view: ShipmentView, contests: Contests) -> Iterator[str]:
    """All that proves the phase."""
    state, phase = contests.state, PHASE[view.phase]
    yield from (f"/milestones/{index}" for index, one in enumerate(view.milestones) if one.phase == view.phase)
    if state.tender and TENDER_PHASE[state.tender.value.answer] is phase:
        yield "tender"
    if state.shipped and phase is Phase.IN_TRANSIT:
        yield "ship_confirm"
    if phase is Phase.CLOSED:
        yield from _undone(contests)


def _risk(view: ShipmentView) -> Iterator[str]:
    """The promise, and what speaks against it."""
    if view.risk is None:
        return
    yield "/promised_at"
    code = view.risk.reason.code
    if code in ("not_under_way", "out_of_time"):
        yield "/phase"
    else:
        yield "/eta_at" if view.eta_at else "/planned_delivery_at"
    if code == "problem_since_eta":
        yield from (f"/exceptions/{index}" for index, one in enumerate(view.exceptions) if one.cleared_at is None)


def _endings(view: ShipmentView, contests: Contests) -> Iterator[str]:
    """How it ended is for the latest of the closing milestones to say, else for what undid it."""
    closing = [index for index, one in enumerate(view.milestones) if MILESTONES[one.code].closes_as]
    ending = [index for index in closing if MILESTONES[view.milestones[index].code].closes_as == view.closed_reason]
    if closing:
        yield from (f"/milestones/{index}" for index in ending)
    else:
        yield from _undone(contests)


def _undone(contests: Contests) -> Iterator[str]:
    if contests.state.returns_received:
        yield "return"
    if contests.state.cancelled:
        yield "cancellation"
