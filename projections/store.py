"""Loading states and writing a batch's work: one transaction, one statement a table."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import astuple

from projections import checkpoint
from projections.database import POISON, Connection
from projections.folding import KindWork, Remembered, ViewRow, Work, part_of, reference_rows
from projections.order_view import state as order_state
from projections.order_view.state import OrderState
from projections.papers import write_papers
from projections.shipment_view import state as shipment_state
from projections.shipment_view.state import ShipmentState
from projections.sql import load

SHIPMENTS = load("projections.shipment_view")
ORDERS = load("projections.order_view")

# Which problems are new of which shipments, by tenant and id.
Raised = dict[tuple[str, str], list[str]]


async def load_shipments(connection: Connection, ids: Sequence[str]) -> dict[str, Remembered[ShipmentState]]:
    rows = await connection.fetch(SHIPMENTS["load_states"], ids)
    return {row[0]: Remembered(shipment_state.decode(row[3]), row[1], row[2], len(row[3])) for row in rows}


async def load_orders(connection: Connection, ids: Sequence[str]) -> dict[str, Remembered[OrderState]]:
    rows = await connection.fetch(ORDERS["load_states"], ids)
    return {row[0]: Remembered(order_state.decode(row[3]), row[1], row[2], len(row[3])) for row in rows}


async def write(connection: Connection, owner: str, work: Work, moves: Sequence[checkpoint.Move]) -> None:
    """Write a batch and move its checkpoints, all or nothing. Raises FencedError when the leases are not ours."""
    async with connection.transaction():
        # First, so that a fenced projector finds out before it has written anything worth undoing.
        await checkpoint.move(connection, owner, moves)
        await _write_work(connection, work)


async def refused(connection: Connection, work: Work) -> str | None:
    """The subject of which the store refuses what is to be written, found by halves. Nothing is written.

    None when it takes each by itself.
    """
    subjects = sorted({row.subject_id for kind in (work.shipments, work.orders) for row in kind.states})
    while len(subjects) > 1:
        half = len(subjects) // 2
        subjects = subjects[half:] if await _takes(connection, work, subjects[:half]) else subjects[:half]
    return None if await _takes(connection, work, subjects) else subjects[0]


async def _takes(connection: Connection, work: Work, subjects: Sequence[str]) -> bool:
    trial = connection.transaction()
    await trial.start()
    try:
        await _write_work(connection, part_of(work, lambda row: row.subject_id in subjects))
    except POISON:
        return False
    else:
        return True
    finally:
        await trial.rollback()


async def _write_work(connection: Connection, work: Work) -> None:
    await _write_kind(connection, SHIPMENTS, work.shipments)
    await _write_kind(connection, ORDERS, work.orders)
    carried = sorted((row.tenant, row.order_id, row.subject_id) for row in work.shipments.carried)
    if carried:
        await connection.execute(checkpoint.SQL["record_carried"], *zip(*carried, strict=True))
    raised = await _write_exceptions(connection, work.shipments.views)
    await _write_references(connection, [*work.shipments.referenced, *work.orders.referenced])
    await write_papers(connection, [*work.shipments.papered, *work.orders.papered])
    await _write_changes(connection, [*work.shipments.views, *work.orders.views], raised)
    if work.shipments.promises:
        await connection.execute(
            SHIPMENTS["record_promises"], *zip(*map(astuple, work.shipments.promises), strict=True)
        )


async def _write_kind(connection: Connection, sql: dict[str, str], work: KindWork) -> None:
    states = sorted(work.states, key=lambda row: row.subject_id)
    if states:
        columns = zip(
            *((row.subject_id, row.tenant, row.version, row.digest, row.state) for row in states), strict=True
        )
        await connection.execute(sql["save_states"], *columns)
    shown = sorted((row for row in work.views if row.rendered), key=lambda row: (row.tenant, row.subject_id))
    if shown:
        columns_of = _shipment_columns if sql is SHIPMENTS else _view_columns
        await connection.execute(sql["save_views"], *zip(*(columns_of(row) for row in shown), strict=True))
    removed = [row for row in work.views if row.rendered is None]
    if removed:
        await connection.execute(sql["remove_views"], *_keys(removed))


def _view_columns(row: ViewRow) -> tuple[object, ...]:
    view = row.rendered
    if view is None:
        raise ValueError("a view that is gone has no columns")
    return (
        *(row.tenant, row.subject_id, row.version, row.digest, row.changed_at, view.status, view.phase),
        *(view.created_at, view.eta_at, view.promised_at, view.carrier, view.ship_to, view.has_exception),
        *(" ".join(view.order_ids), " ".join(view.sources), view.sections, view.summary, view.document),
    )


def _shipment_columns(row: ViewRow) -> tuple[object, ...]:
    view = row.rendered
    if view is None:
        raise ValueError("a view that is gone has no columns")
    return (
        *(*_view_columns(row), view.at_risk_from, view.delivered_at),
        *(view.origin_city, view.origin_country, view.ship_to_country),
    )


def _keys(rows: Iterable[ViewRow]) -> tuple[list[str], list[str]]:
    pairs = [(row.tenant, row.subject_id) for row in rows]
    return [tenant for tenant, _ in pairs], [subject_id for _, subject_id in pairs]


async def _write_exceptions(connection: Connection, rows: Sequence[ViewRow]) -> Raised:
    """Write what stands open, and say which of it did not before."""
    if not rows:
        return {}
    before = {tuple(row) for row in await connection.fetch(SHIPMENTS["forget_exceptions"], *_keys(rows))}
    records = [
        (row.tenant, row.subject_id, one.code, one.raised_at)
        for row in rows
        for one in (row.rendered.open_exceptions if row.rendered else ())
    ]
    if records:
        await connection.execute(SHIPMENTS["show_exceptions"], *zip(*records, strict=True))
    raised: Raised = {}
    for tenant, subject_id, code, _ in records:
        if (tenant, subject_id, code) not in before:
            raised.setdefault((tenant, subject_id), []).append(code)
    return raised


async def _write_references(connection: Connection, rows: Sequence[ViewRow]) -> None:
    if not rows:
        return
    await connection.execute(checkpoint.SQL["forget_references"], *_keys(rows))
    records = [
        (tenant, one.value, one.type.value, one.carrier or "", subject_id)
        for tenant, one, subject_id in reference_rows(rows)
    ]
    if records:
        await connection.execute(checkpoint.SQL["show_references"], *zip(*records, strict=True))


async def _write_changes(connection: Connection, rows: Sequence[ViewRow], raised: Raised) -> None:
    """Number the changes per tenant: gapless, because only the one projector of the tenant's partition counts."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: row.version)
    counts = Counter(row.tenant for row in ordered)
    taken = await connection.fetch(checkpoint.SQL["take_sequences"], list(counts), list(counts.values()))
    following: dict[str, int] = {tenant: last - counts[tenant] + 1 for tenant, last in taken}
    records: list[tuple[str, int, str, int, str | None, datetime, str]] = []
    for row in ordered:
        status = row.rendered.status.value if row.rendered else None
        codes = " ".join(sorted(raised.get((row.tenant, row.subject_id), ())))
        records.append((row.tenant, following[row.tenant], row.subject_id, row.version, status, row.changed_at, codes))
        following[row.tenant] += 1
    # Not COPY: Postgres refuses it on tables with row-level security.
    await connection.execute(checkpoint.SQL["record_changes"], *zip(*records, strict=True))
