"""Intake and projector without their stores: the same pure parts, told what a store would tell them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from projections import folding
from projections.envelope import decode
from projections.event import Event
from projections.folding import Remembered, States, ViewRow
from projections.intake.correlation import Correlation
from projections.log.rows import LogRow
from projections.order_view import state as order_state
from projections.shipment_view import state as shipment_state
from projections.shipment_view.promises import PromiseRow
from projections.subjects import Subject
from tests.properties.strategies import NOW, START, Draft
from tests.refold import Shown, Views, fold_from_scratch, shown

Placed = list[tuple[Subject, Event]]


def understood(named: Iterable[tuple[str, Draft]]) -> list[Event]:
    events = [decode(draft.body(name), NOW) for name, draft in named]
    refused = [event for event in events if not isinstance(event, Event)]
    assert not refused
    return [event for event in events if isinstance(event, Event)]


def place(events: Sequence[Event]) -> Placed:
    """Events as intake would write them to the log, a repeated one once."""
    correlation, seen = Correlation(), set()
    for event in events:
        if event.key not in seen:
            seen.add(event.key)
            correlation.place(event)
    assert not correlation.conflicts
    return correlation.placed


def views_of(events: Sequence[Event]) -> Views:
    """The views of these events, folded from scratch."""
    return fold_from_scratch((subject.id, subject.tenant, event) for subject, event in place(events))


class FoldedLog:
    """A log folded batch by batch, its states put away and taken out again as bytes in between."""

    def __init__(self, placed: Placed) -> None:
        self._rows = [
            LogRow(0, position, START, subject.id, subject.tenant, event)
            for position, (subject, event) in enumerate(placed, start=1)
        ]
        self.states: dict[str, tuple[bytes, int, bytes | None]] = {}
        self.views: Views = {}
        self.promises: list[PromiseRow] = []

    def fold(self, cuts: Iterable[int]) -> Views:
        """Fold in batches that end at these rows and at the log's end."""
        size = len(self._rows)
        ends = sorted({0, size, *(cut % (size + 1) for cut in cuts)})
        for start, end in pairwise(ends):
            self._fold_batch(self._rows[start:end])
        return self.views

    def _fold_batch(self, rows: Sequence[LogRow]) -> None:
        touched = folding.touched(rows)
        histories = {
            subject_id: [row.event for row in self._rows if row.subject_id == subject_id and row.position <= position]
            for subject_id, position in folding.retracting(touched).items()
        }
        states = States(self._recall(shipment_state.decode, "shp_"), self._recall(order_state.decode, "ord_"))
        shipments, orders, shares = folding.fold_shipments(touched, states, histories)
        order_work = folding.fold_orders(folding.with_own_events(touched, orders), shares, states, histories)
        self.promises += shipments.promises
        for row in (*shipments.states, *order_work.states):
            self.states[row.subject_id] = (row.state, row.version, row.digest)
        for view in (*shipments.views, *order_work.views):
            self._show(view)

    def _recall(self, decode_state, prefix):
        return {
            subject_id: Remembered(decode_state(state), version, digest)
            for subject_id, (state, version, digest) in self.states.items()
            if subject_id.startswith(prefix)
        }

    def _show(self, row: ViewRow) -> None:
        if row.rendered is None:
            self.views.pop((row.tenant, row.subject_id), None)
        else:
            self.views[row.tenant, row.subject_id] = shown(row.rendered)


__all__ = ["FoldedLog", "Placed", "Shown", "Views", "place", "understood", "views_of"]
