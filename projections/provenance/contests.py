"""Who spoke of what, and who won: told by the fold itself. Pure.

What an event speaks of is what is set when it alone is folded into an empty state; who won is in the state that all
of them are folded into. No precedence is written down here a second time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import msgspec

from projections.event import Event
from projections.events import (
    ChargePosted,
    DocumentAdded,
    EventData,
    EventRetracted,
    LoadMilestone,
    LoadPlanned,
    ShipmentMilestone,
)
from projections.log.rows import LogRow
from projections.provenance.shapes import Why
from projections.registers import Register, Stamp, stamp_of
from projections.retraction import fold_history, note_retraction
from projections.shipment_view.fold import fold
from projections.shipment_view.state import ShipmentState
from projections.shipment_view.status import concerning
from projections.statuses import MILESTONES

# What of the state an event can set: which of its fields, and which entry of that.
Path = tuple[str, str]

_ONE = ("plan", "tender", "shipped", "eta_at", "planned_eta_at", "cancelled")
_MANY = ("packages", "documents", "charges", "assignments", "load_stops", "returns_received")
_GUARDED: dict[type[EventData], str] = {DocumentAdded: "documents", ChargePosted: "charges"}


class Verdict(msgspec.Struct, frozen=True):
    """The row whose word counts, None when it is not for the reader, and the rows that lost, the latest first."""

    won: LogRow | None
    lost: Sequence[tuple[LogRow, Why]]


class Contests:
    """Of one shipment: its state, and for each path of it who spoke."""

    def __init__(self, subject_id: str, tenant: str, rows: Sequence[LogRow], sections: Collection[str]) -> None:
        self.state = fold_history(ShipmentState(subject_id, tenant), [row.event for row in rows], fold)
        self.rows = [row for row in _once(rows) if _is_for(row.event.data, sections)]
        self.facts = concerning(self.state)
        self._won = dict(_registers(self.state))
        self._paths = {(path[0], stamp): path for path, stamp in self._won.items()}
        self._spoke: defaultdict[Path, list[LogRow]] = defaultdict(list)
        for row in self.rows:
            for path in _spoken(row.event, self.state):
                self._spoke[path].append(row)
        self._by_stamp = {stamp_of(row.event): row for row in self.rows}

    def path(self, kind: str, stamp: Stamp) -> Path:
        """Where the word with this stamp stands in the state."""
        return self._paths[kind, stamp]

    def has(self, path: Path) -> bool:
        return path in self._won

    def row(self, stamp: Stamp) -> LogRow | None:
        """The event with this stamp, if the reader may know of it."""
        return self._by_stamp.get(stamp)

    def spoke(self, path: Path) -> Sequence[LogRow]:
        """Who spoke of it and was not taken back."""
        return [row for row in self._spoke[path] if not self.is_retracted(row.event)]

    def is_retracted(self, event: Event) -> bool:
        return note_retraction(self.state, event)

    def of(self, path: Path) -> Verdict:
        """Who won a register."""
        stamp = self._won[path]
        won = self._first_alike(path, self._by_stamp.get(stamp))
        rest = [row for row in self._spoke[path] if row is not won]
        return Verdict(won, latest_first((row, self._why(row, won, path)) for row in rest))

    def first(self, path: Path, *, earliest: bool = False) -> Verdict:
        """Of those who said one thing the first counts: the first who said so, or the one of whom it is true first."""
        standing = self.spoke(path)
        won = min(standing, key=lambda row: row.event.occurred_at if earliest else row.position, default=None)
        why: Why = "later" if earliest else "repeated"
        rest = [row for row in self._spoke[path] if row is not won]
        return Verdict(won, latest_first((row, "retracted" if self.is_retracted(row.event) else why) for row in rest))

    def _first_alike(self, path: Path, won: LogRow | None) -> LogRow | None:
        """A load is planned anew for others' sake as well: of plans that leave our part as it was the first counts."""
        if won is None or path[0] != "load_stops":
            return won
        stops = _own_stops(won.event, self.state, path)
        alike = [row for row in self.spoke(path) if _own_stops(row.event, self.state, path) == stops]
        self._spoke[path] = [row for row in self._spoke[path] if row not in alike or row is alike[0]]
        return alike[0]

    def _why(self, row: LogRow, won: LogRow | None, path: Path) -> Why:
        if self.is_retracted(row.event):
            return "retracted"
        if isinstance(row.event.data, ShipmentMilestone) and row.event.data.report and path[0] == "milestones":
            return "superseded_report"
        return weaker(row, self._won[path], won.position if won else None)


def weaker(row: LogRow, won: Stamp, won_position: int | None) -> Why:
    """Why a stamp is less than the one that won."""
    mine = stamp_of(row.event)
    if mine.authority != won.authority:
        return "lower_authority"
    if mine.occurred_at == won.occurred_at:
        return "tie"
    return "late" if won_position is not None and row.position > won_position else "older"


def latest_first(lost: Iterator[tuple[LogRow, Why]]) -> list[tuple[LogRow, Why]]:
    return sorted(lost, key=lambda one: one[0].position, reverse=True)


def _once(rows: Sequence[LogRow]) -> Iterator[LogRow]:
    seen = set()
    for row in sorted(rows, key=lambda row: row.position):
        if row.event.key not in seen:
            seen.add(row.event.key)
            yield row


def _is_for(data: EventData, sections: Collection[str]) -> bool:
    """Whether the reader may know of it: neither our own affair nor of a section that is not theirs."""
    if isinstance(data, ShipmentMilestone | LoadMilestone):
        return MILESTONES[data.code].customer_visible
    return type(data) not in _GUARDED or _GUARDED[type(data)] in sections


def _alone(event: Event, state: ShipmentState) -> ShipmentState:
    alone = ShipmentState(state.id, state.tenant)
    fold(alone, event)
    return alone


def _spoken(event: Event, state: ShipmentState) -> Iterator[Path]:
    if isinstance(event.data, EventRetracted):
        return
    alone = _alone(event, state)
    for path, _ in _registers(alone):
        # A plan of a load that has no stop of ours says nothing of ours.
        if path[0] != "load_stops" or alone.load_stops[path[1]].value:
            yield path
    yield from (("references", key) for key in alone.references)


def _own_stops(event: Event, state: ShipmentState, path: Path) -> object:
    return _alone(event, state).load_stops[path[1]].value if isinstance(event.data, LoadPlanned) else None


def _registers(state: ShipmentState) -> Iterator[tuple[Path, Stamp]]:
    """Every register of a state, and the stamp of what it holds."""
    for name in _ONE:
        register: Register[object] | None = getattr(state, name)
        if register is not None:
            yield (name, ""), register.stamp
    for name in _MANY:
        registers: dict[str, Register[object]] = getattr(state, name)
        yield from (((name, key), register.stamp) for key, register in registers.items())
    yield from ((("milestones", key), fact.stamp) for key, fact in state.milestones.items())
    for key, problem in state.exceptions.items():
        for side in ("raised", "cleared"):
            said: Register[object] | None = getattr(problem, side)
            if said is not None:
                yield (side, key), said.stamp
