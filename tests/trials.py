"""Trials of the risk rule: simulated histories, judged some time before the promise against how they ended."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

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
from projections.statuses import ClosedReason
from projections.subjects import is_shipment

START = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
LEADS_HOURS = (72, 48, 24, 12, 6)
Told = Callable[[Event], Event | None]


class Trial(NamedTuple):
    """All that was said of one shipment, how it is known in the end, and whether the promise was missed."""

    said: list[Event]
    ended: ShipmentView
    missed: bool


class Score(NamedTuple):
    """Of the shipments still on their way: how many, how many were late in the end, how many at risk, how many both."""

    judged: int
    missed: int
    at_risk: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.at_risk if self.at_risk else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.missed if self.missed else 1.0


def trials(seed: int, shipments: int, told: Told) -> list[Trial]:
    """So many simulated shipments told to their end, of what is said only what reaches us."""
    correlation = Correlation()
    for body in events(seed, 6, shipments, START):
        event = decode(body, START + timedelta(days=400))
        assert isinstance(event, Event)
        correlation.place(event)
    histories: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for subject, event in correlation.placed:
        if is_shipment(subject.id) and subject.tenant:
            histories[subject.id, subject.tenant].append(event)
    tried = (_trial(*key, said, told) for key, said in histories.items())
    return [one for one in tried if one is not None]


def _trial(subject_id: str, tenant: str, said: list[Event], told: Told) -> Trial | None:
    ended = _seen(subject_id, tenant, said)
    if ended is None or ended.promised_at is None:
        return None
    if ended.delivered_at is None and ended.closed_reason is not ClosedReason.LOST:
        # Called off or sent back: nobody can say whether it would have come in time.
        return None
    missed = ended.delivered_at is None or ended.delivered_at > ended.promised_at
    reached = [event for event in map(told, said) if event is not None]
    return Trial(sorted(reached, key=lambda event: event.occurred_at), ended, missed)


def _seen(subject_id: str, tenant: str, said: list[Event]) -> ShipmentView | None:
    return view_of(fold_history(ShipmentState(subject_id, tenant), said, shipment_fold.fold))


def score(tried: Iterable[Trial], lead_hours: float) -> Score:
    """How the rule judged them so long before the promise."""
    judged = missed = at_risk = both = 0
    for one in tried:
        if one.ended.promised_at is None:
            continue
        now = one.ended.promised_at - timedelta(hours=lead_hours)
        seen = _seen(one.ended.id, one.ended.tenant, [event for event in one.said if event.occurred_at <= now])
        if seen is None or seen.delivered_at is not None:
            continue
        said = seen.risk is not None and seen.risk.at_risk_from <= now
        judged, missed, at_risk, both = judged + 1, missed + one.missed, at_risk + said, both + (said and one.missed)
    return Score(judged, missed, at_risk, both)


def everything(event: Event) -> Event:
    return event


def without_etas(event: Event) -> Event | None:
    """Carriers that never say when they will come."""
    return None if isinstance(event.data, EtaChanged) else event


def milestones_alone(event: Event) -> Event | None:
    """Nor does the plan say it, and problems are not told of either."""
    if isinstance(event.data, EtaChanged | ExceptionRaised):
        return None
    if isinstance(event.data, ShipmentPlanned):
        return replace(event, data=replace(event.data, planned_delivery_at=None))
    return event


def half_told(event: Event) -> Event | None:
    """Every second word of a carrier gets lost, whatever it is about."""
    return None if event.source.startswith("/carrier/") and event.key[0] % 2 else event
