"""One batch of the log folded: from states and rows to all that has to be written. Pure but for two loads.

Shipments first, then orders, because an order shows what its shipments do. Each touched document is
rendered once however many rows touched it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Generic, NamedTuple, TypeVar

import msgspec

from projections.event import Event
from projections.events import ShipmentPlanned
from projections.log.rows import LogRow
from projections.order_view import fold as order_fold
from projections.order_view import state as order_state
from projections.order_view import view as order_view
from projections.order_view.state import OrderState, Share
from projections.references import Reference, SubjectKind, public_id
from projections.retraction import fold_history, needs_history
from projections.shipment_view import fold as shipment_fold
from projections.shipment_view import state as shipment_state
from projections.shipment_view import view as shipment_view
from projections.shipment_view.promises import Ledger, PromiseRow
from projections.shipment_view.state import ShipmentState
from projections.shipment_view.status import expected_since, sources_of
from projections.subjects import is_order, is_shipment
from projections.views import Rendered

S = TypeVar("S", ShipmentState, OrderState)

History = Callable[[Mapping[str, int]], Awaitable[Mapping[str, list[Event]]]]


class Remembered(msgspec.Struct, Generic[S]):
    """A state with the position last folded into it, the digest of what was last rendered, and its size when stored."""

    state: S
    version: int = 0
    digest: bytes | None = None
    stored_bytes: int = 0


class States(msgspec.Struct):
    """The states a batch touches, by subject id; what is missing is new."""

    shipments: dict[str, Remembered[ShipmentState]]
    orders: dict[str, Remembered[OrderState]]


class Touched(msgspec.Struct):
    """A subject the batch speaks of: its events, the last row's position and when that was recorded.

    `places` has the position and the time of each event where they are needed: they are not for a dry run.
    """

    tenant: str
    position: int
    recorded_at: datetime
    events: list[Event]
    places: list[tuple[int, datetime]] = []


class StateRow(msgspec.Struct, frozen=True):
    subject_id: str
    tenant: str
    version: int
    digest: bytes | None
    state: bytes


class ViewRow(msgspec.Struct, frozen=True):
    """A view that changed; `rendered` None: there is nothing to show any more."""

    subject_id: str
    tenant: str
    version: int
    digest: bytes
    changed_at: datetime
    rendered: Rendered | None


class Carried(msgspec.Struct, frozen=True):
    """An order that a plan of this shipment, whether or not it stands, gives lines of."""

    subject_id: str
    tenant: str
    order_id: str


class KindWork(msgspec.Struct):
    """All there is to write of one projection."""

    states: list[StateRow]
    views: list[ViewRow]
    # Views whose set of identifiers is another than before.
    referenced: list[ViewRow]
    # Views whose documents or invoices are others than before.
    papered: list[ViewRow]
    carried: list[Carried] = []
    promises: list[PromiseRow] = []


class Work(msgspec.Struct):
    """All there is to write of one batch."""

    shipments: KindWork
    orders: KindWork


Row = StateRow | ViewRow | Carried | PromiseRow


def part_of(work: Work, belongs: Callable[[Row], bool]) -> Work:
    """What of this work is to be written of some subjects."""
    return Work(*(_part_of(kind, belongs) for kind in (work.shipments, work.orders)))


def _part_of(work: KindWork, belongs: Callable[[Row], bool]) -> KindWork:
    return KindWork(
        [row for row in work.states if belongs(row)],
        [row for row in work.views if belongs(row)],
        [row for row in work.referenced if belongs(row)],
        [row for row in work.papered if belongs(row)],
        [row for row in work.carried if belongs(row)],
        [row for row in work.promises if belongs(row)],
    )


NO_VIEW = b""
# What a migration sets where an older release stored a view: all that belongs to it is written with the next event.
OUTDATED = b"\0"


def touched(rows: Sequence[LogRow]) -> dict[str, Touched]:
    """The orders and shipments the rows speak of. Rows of loads and customers change no view by themselves."""
    subjects: dict[str, Touched] = {}
    for row in rows:
        if row.tenant is None or not (is_shipment(row.subject_id) or is_order(row.subject_id)):
            continue
        subject = subjects.get(row.subject_id)
        if subject is None:
            place = (row.position, row.recorded_at)
            subjects[row.subject_id] = Touched(row.tenant, row.position, row.recorded_at, [row.event], [place])
        else:
            subject.events.append(row.event)
            subject.places.append((row.position, row.recorded_at))
            subject.position, subject.recorded_at = row.position, row.recorded_at
    return subjects


def orders_of(state: ShipmentState) -> set[str]:
    """The orders a shipment carries lines of."""
    return set() if state.plan is None else _orders_in(state.plan.value, state.tenant)


def _orders_in(plan: ShipmentPlanned, tenant: str) -> set[str]:
    return {public_id(SubjectKind.ORDER, tenant, number) for number in {line.order for line in plan.lines}}


def fold_shipments(
    subjects: Mapping[str, Touched], states: States, histories: Mapping[str, list[Event]]
) -> tuple[KindWork, dict[str, Touched], dict[str, dict[str, Share | None]]]:
    """Fold what is about shipments. Also says which orders that touches, and with which shares."""
    work = KindWork([], [], [], [])
    orders: dict[str, Touched] = {}
    shares: defaultdict[str, dict[str, Share | None]] = defaultdict(dict)
    for subject_id, subject in subjects.items():
        if not is_shipment(subject_id):
            continue
        remembered = states.shipments.setdefault(subject_id, Remembered(ShipmentState(subject_id, subject.tenant)))
        before, beside = orders_of(remembered.state), _beside(remembered.state)
        planned = (
            _orders_in(one.data, subject.tenant) for one in subject.events if isinstance(one.data, ShipmentPlanned)
        )
        work.carried += [Carried(subject_id, subject.tenant, one) for one in set().union(*planned) - before]
        work.promises += _fold_shipment(remembered, subject, histories.get(subject_id))
        view = shipment_view.view_of(remembered.state)
        sources = sources_of(remembered.state)
        given = order_fold.shares_of(view, sources) if view else {}
        for order_id in before | set(given):
            shares[order_id][subject_id] = given.get(order_id)
            _touch(orders, order_id, subject)
        rendered = shipment_view.render(view, sources, expected_since(remembered.state)) if view else None
        stored = shipment_state.encode
        _note(work, remembered, subject_id, subject, rendered, beside, stored)
    return work, orders, shares


def _fold_shipment(
    remembered: Remembered[ShipmentState], subject: Touched, past: list[Event] | None
) -> list[PromiseRow]:
    """Fold a shipment's events; returns each other ETA or promise that showed after one of them."""
    ledger = Ledger(remembered.state)
    if past is not None:
        fresh = ShipmentState(remembered.state.id, remembered.state.tenant)
        remembered.state = fold_history(fresh, past, shipment_fold.fold)
        ledger.note(remembered.state, subject.position, subject.recorded_at)
        return ledger.rows
    for event, place in zip_longest(subject.events, subject.places):
        shipment_fold.fold(remembered.state, event)
        if place:
            ledger.note(remembered.state, *place)
    return ledger.rows


def _touch(orders: dict[str, Touched], order_id: str, by: Touched) -> None:
    known = orders.get(order_id)
    if known is None:
        orders[order_id] = Touched(by.tenant, by.position, by.recorded_at, [])
    elif by.position > known.position:
        known.position, known.recorded_at = by.position, by.recorded_at


def with_own_events(subjects: Mapping[str, Touched], orders: dict[str, Touched]) -> dict[str, Touched]:
    """The orders touched by their shipments, and those the batch speaks of directly."""
    for subject_id, subject in subjects.items():
        if is_order(subject_id):
            _touch(orders, subject_id, subject)
            orders[subject_id].events = subject.events
    return orders


def fold_orders(
    orders: Mapping[str, Touched],
    shares: Mapping[str, Mapping[str, Share | None]],
    states: States,
    histories: Mapping[str, list[Event]],
) -> KindWork:
    """Fold what is about orders, and what their shipments now do for them."""
    work = KindWork([], [], [], [])
    for order_id, subject in orders.items():
        remembered = states.orders.setdefault(order_id, Remembered(OrderState(order_id, subject.tenant)))
        beside = _beside(remembered.state)
        _fold_order(remembered, subject, histories.get(order_id))
        for shipment_id, share in shares.get(order_id, {}).items():
            order_fold.take_share(remembered.state, shipment_id, share)
        view = order_view.view_of(remembered.state)
        rendered = order_view.render(view, order_view.sources_of(remembered.state)) if view else None
        stored = order_state.encode
        _note(work, remembered, order_id, subject, rendered, beside, stored)
    return work


def _fold_order(remembered: Remembered[OrderState], subject: Touched, past: list[Event] | None) -> None:
    if past is not None:
        fresh = OrderState(remembered.state.id, remembered.state.tenant, shares=remembered.state.shares)
        remembered.state = fold_history(fresh, past, order_fold.fold)
        return
    for event in subject.events:
        order_fold.fold(remembered.state, event)


class _Beside(NamedTuple):
    """What tables beside a view follow: its identifiers; its documents, invoices and payments."""

    references: frozenset[str]
    papers: tuple[object, ...]


_NO_PAPERS: tuple[object, ...] = (frozenset(), {}, {})


def _beside(state: ShipmentState | OrderState) -> _Beside:
    invoices, payments = (state.invoices, state.payments) if isinstance(state, OrderState) else ({}, {})
    return _Beside(frozenset(state.references), (frozenset(state.documents), dict(invoices), dict(payments)))


def _note(
    work: KindWork,
    remembered: Remembered[S],
    subject_id: str,
    subject: Touched,
    rendered: Rendered | None,
    beside: _Beside,
    encode: Callable[[S], bytes],
) -> None:
    """Note what has to be written: the state always, the view when it shows something else than before."""
    digest = _digest(rendered)
    remembered.version = subject.position
    row = ViewRow(subject_id, subject.tenant, subject.position, digest, subject.recorded_at, rendered)
    appeared = (remembered.digest or NO_VIEW) in (NO_VIEW, OUTDATED)
    if digest != (remembered.digest or NO_VIEW):
        work.views.append(row)
        now = _beside(remembered.state)
        if appeared or rendered is None or beside.references != now.references:
            work.referenced.append(row)
        if (_NO_PAPERS if appeared else beside.papers) != (now.papers if rendered else _NO_PAPERS):
            work.papered.append(row)
    remembered.digest = digest
    stored = encode(remembered.state)
    remembered.stored_bytes = len(stored)
    work.states.append(StateRow(subject_id, subject.tenant, subject.position, digest, stored))


def _digest(rendered: Rendered | None) -> bytes:
    if rendered is None:
        return NO_VIEW
    said = hashlib.blake2b(rendered.document, digest_size=8)
    said.update(" ".join(rendered.sources).encode())
    for one in rendered.open_exceptions:
        # Listed with a time that need not be in the document.
        said.update(f"{one.code}{one.raised_at.timestamp()}".encode())
    return said.digest()


def retracting(subjects: Mapping[str, Touched]) -> dict[str, int]:
    """The subjects that must be folded anew from their history, and up to which position."""
    return {subject_id: subject.position for subject_id, subject in subjects.items() if needs_history(subject.events)}


def reference_rows(rows: Sequence[ViewRow]) -> list[tuple[str, Reference, str]]:
    """Tenant, reference and subject of every identifier these views show."""
    return [(row.tenant, one, row.subject_id) for row in rows if row.rendered for one in row.rendered.references]
