"""What some events would change in whose views, by the projector's own fold over the log's history."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from projections.database import Connection
from projections.event import Event
from projections.folding import States, fold_shipments
from projections.log.reader import history
from projections.past import touched_by, views
from projections.quarantine.entries import SQL
from projections.quarantine.errors import BehindError
from projections.store import load_orders
from projections.subjects import Subject, is_order, is_shipment, partition_of

# So many shipments not projected yet are looked through for a share in an order; a projector that works leaves fewer.
MAX_UNFOLDED = 5_000

Histories = dict[str, list[Event]]
Tenants = dict[str, str]


class ViewChange(msgspec.Struct, frozen=True):
    """One thing of one tenant's: the document it is shown now and would be shown; None for none."""

    tenant: str
    subject_id: str
    before: bytes | None
    after: bytes | None


class Preview:
    """The views before and after some events, at one point of the log."""

    def __init__(self, connection: Connection, positions: Mapping[int, int]) -> None:
        self._connection = connection
        self._positions = positions
        self._tenants: Tenants = {}

    async def changes(self, placed: Sequence[tuple[Subject, Event]]) -> list[ViewChange]:
        """Every view these would change, orders whose shipments they touch included. Raises BehindError."""
        added: defaultdict[str, list[Event]] = defaultdict(list)
        for subject, event in placed:
            # Loads have no view of their own.
            if subject.tenant is not None and (is_shipment(subject.id) or is_order(subject.id)):
                added[subject.id].append(event)
                self._tenants[subject.id] = subject.tenant
        before = await self._histories(added)
        orders = {*filter(is_order, added), *self._carried(before), *self._carried(_joined(before, added))}
        before |= await self._histories(await self._all_around(orders) - before.keys())
        affected = {*added, *orders}
        # Beside the loop: folding many histories takes long, and others are served by the loop.
        one = await asyncio.to_thread(documents, before, self._tenants, affected)
        other = await asyncio.to_thread(documents, _joined(before, added), self._tenants, affected)
        return [
            ViewChange(self._tenants[subject_id], subject_id, one.get(subject_id), other.get(subject_id))
            for subject_id in sorted(affected)
            if one.get(subject_id) != other.get(subject_id)
        ]

    def _carried(self, histories: Histories) -> set[str]:
        """The orders these shipments carry lines of."""
        _, orders, _ = fold_shipments(touched_by(histories, self._tenants), States({}, {}), histories)
        self._tenants |= {order_id: touched.tenant for order_id, touched in orders.items()}
        return set(orders)

    async def _all_around(self, orders: set[str]) -> set[str]:
        """The orders, and every shipment that may carry lines of one: those projected so, and those not projected."""
        if not orders:
            return set()
        tenants = sorted({self._tenants[order_id] for order_id in orders})
        partitions = sorted({partition_of(tenant) for tenant in tenants})
        rows = await self._connection.fetch(SQL["unfolded"], partitions, tenants, MAX_UNFOLDED + 1)
        if len(rows) > MAX_UNFOLDED:
            raise BehindError
        # After that question: what is projected meanwhile is among both, what was before is in the states.
        states = await load_orders(self._connection, sorted(orders))
        for remembered in states.values():
            self._tenants |= dict.fromkeys(remembered.state.shares, remembered.state.tenant)
        self._tenants |= {row["subject_id"]: row["tenant"] for row in rows}
        carrying = {shipment_id for remembered in states.values() for shipment_id in remembered.state.shares}
        return {*orders, *carrying, *(row["subject_id"] for row in rows)}

    async def _histories(self, subject_ids: Iterable[str]) -> Histories:
        """Up to our point of the log, whatever came since."""
        up_to = {one: self._positions[partition_of(self._tenants[one])] for one in subject_ids}
        found = await history(self._connection, up_to)
        return {subject_id: found.get(subject_id, []) for subject_id in up_to}


def _joined(histories: Histories, added: Mapping[str, list[Event]]) -> Histories:
    return {subject_id: [*events, *added.get(subject_id, ())] for subject_id, events in histories.items()}


def documents(histories: Histories, tenants: Tenants, wanted: set[str]) -> dict[str, bytes]:
    """The documents of the wanted; all shipments of the wanted orders must be among the histories."""
    rows = views(histories, tenants, wanted)
    return {subject_id: row.rendered.document for subject_id, row in rows.items() if row.rendered}
