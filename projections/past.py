"""Views of another time, by the projector's own fold over histories that end, or are thinned out, there. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from projections.event import Event
from projections.events import EventRetracted, ShipmentMilestone
from projections.folding import States, Touched, ViewRow, fold_orders, fold_shipments, with_own_events
from projections.registers import Stamp, stamp_of
from projections.retraction import fold_history
from projections.shipment_view.fold import fold
from projections.shipment_view.state import ShipmentState

_NO_TIME = datetime.min.replace(tzinfo=UTC)


def views(histories: Mapping[str, list[Event]], tenants: Mapping[str, str], wanted: set[str]) -> dict[str, ViewRow]:
    """The views of the wanted that there are, folded from whole histories.

    All shipments of the wanted orders must be among the histories. `tenants` says of each subject whose it is.
    """
    subjects, states = touched_by(histories, tenants), States({}, {})
    shipments, touched, shares = fold_shipments(subjects, states, histories)
    touched = with_own_events(subjects, touched)
    orders = {order_id: one for order_id, one in touched.items() if order_id in wanted}
    rows = [*shipments.views, *fold_orders(orders, shares, states, histories).views]
    return {row.subject_id: row for row in rows if row.rendered and row.subject_id in wanted}


def touched_by(histories: Mapping[str, list[Event]], tenants: Mapping[str, str]) -> dict[str, Touched]:
    """Whole histories as if they came in one batch."""
    return {one: Touched(tenants[one], 0, _NO_TIME, events) for one, events in histories.items()}


def happened_by(subject_id: str, tenant: str, events: Sequence[Event], at: datetime) -> list[Event]:
    """What of a subject's history had happened by a time, as all of the history knows it.

    What was taken back or mended since is as it stands now: those say how it was, not that something happened.
    """
    mended = _mended(subject_id, tenant, events)
    return [
        event
        for event in events
        if isinstance(event.data, EventRetracted) or (event.occurred_at <= at and stamp_of(event) not in mended)
    ]


def _mended(subject_id: str, tenant: str, events: Sequence[Event]) -> set[Stamp]:
    """The versions of reports in whose place another stands."""
    versions = {stamp_of(one) for one in events if isinstance(one.data, ShipmentMilestone) and one.data.report}
    if not versions:
        return versions
    state = fold_history(ShipmentState(subject_id, tenant), events, fold)
    return versions - {fact.stamp for fact in state.milestones.values()}
