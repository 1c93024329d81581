"""Trials of the risk rule: simulated histories, judged some time before the promise against how they ended."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from unittest.mock import patch

from msgspec.structs import replace

from app.simulator import troubles
from app.simulator.simulation import events
from projections.envelope import decode
from projections.event import Event
from projections.events import EtaChanged, ExceptionRaised, ShipmentPlanned
from projections.intake.correlation import Correlation
from projections.retraction import fold_history
from projections.shipment_view import fold as shipment_fold
from projections.shipment_view.shapes import ShipmentView
from projections.shipment_view.state import ShipmentState
from projections.shipment_view.view import view_of
from projections.statuses import ClosedReason, Status
from projections.subjects import is_shipment

START = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
# Of one event of a history, what reaches us.
Told = Callable[[Event], Event | None]
# Whether a shipment, as it is seen at a time, counts as one whose promise will be missed.
Judge = Callable[[ShipmentView, datetime], bool]


class Trial(NamedTuple):
    """All that was said of one shipment, what of it reached us, and whether the promise was missed."""

    ended: ShipmentView
    promised_at: datetime
    reached: list[Event]
    missed: bool


class Score(NamedTuple):
    """Of the shipments still on their way: how many, how many were missed in the end, how many judged so, how many both."""

    on_their_way: int
    missed: int
    judged: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.judged if self.judged else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.missed if self.missed else 1.0


@lru_cache(maxsize=2)
def histories(seed: int, shipments: int, troubled: float) -> dict[tuple[str, str], list[Event]]:
    """All that is said of so many shipments, of which this share meets with trouble, by id and tenant."""
    correlation = Correlation()
    with patch.object(troubles, "TROUBLED", troubled):
        for body in events(seed, 6, shipments, START):
            event = decode(body, START + timedelta(days=400))
            assert isinstance(event, Event)
            correlation.place(event)
    found: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for subject, event in correlation.placed:
        if is_shipment(subject.id) and subject.tenant:
            found[subject.id, subject.tenant].append(event)
    return found


def trials(said: dict[tuple[str, str], list[Event]], told: Told) -> list[Trial]:
    """The histories whose end says whether a promise was kept."""
    tried = (_trial(seen(*key, history), history, told) for key, history in said.items())
    return [one for one in tried if one is not None]


def _trial(ended: ShipmentView | None, said: list[Event], told: Told) -> Trial | None:
    if ended is None or ended.promised_at is None:
        return None
    if ended.delivered_at is None and ended.closed_reason is not ClosedReason.LOST:
        # Called off or sent back: nobody can say whether it would have come in time.
        return None
    missed = ended.delivered_at is None or ended.delivered_at > ended.promised_at
    reached = [event for event in map(told, said) if event is not None]
    return Trial(ended, ended.promised_at, reached, missed)


def seen(subject_id: str, tenant: str, said: list[Event]) -> ShipmentView | None:
    return view_of(fold_history(ShipmentState(subject_id, tenant), said, shipment_fold.fold))


def score(tried: Iterable[Trial], lead_hours: float, judge: Judge) -> Score:
    """How they were judged so long before the promise."""
    counts = [0, 0, 0, 0]
    for one in tried:
        now = one.promised_at - timedelta(hours=lead_hours)
        known = [event for event in one.reached if event.occurred_at <= now]
        view = seen(one.ended.id, one.ended.tenant, known)
        if view is None or view.delivered_at is not None:
            continue
        judged = judge(view, now)
        for index, counted in enumerate((True, one.missed, judged, judged and one.missed)):
            counts[index] += counted
    return Score(*counts)


def at_risk(view: ShipmentView, now: datetime) -> bool:
    return view.risk is not None and view.risk.at_risk_from <= now


def delayed(view: ShipmentView, _: datetime) -> bool:
    return view.status is Status.DELAYED


def everything(event: Event) -> Event:
    return event


def half_of_carriers(event: Event) -> Event | None:
    """Every second word of a carrier gets lost, whatever it is about."""
    return None if event.source.startswith("/carrier/") and event.key[0] % 2 else event


def without_etas(event: Event) -> Event | None:
    return None if isinstance(event.data, EtaChanged) else event


def milestones_alone(event: Event) -> Event | None:
    """No ETA, no problem told of, and no time in the plan: silence is all there is to go by."""
    if isinstance(event.data, EtaChanged | ExceptionRaised):
        return None
    if isinstance(event.data, ShipmentPlanned):
        return replace(event, data=replace(event.data, planned_delivery_at=None))
    return event
