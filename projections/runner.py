"""The projector: from the log to views, batch after batch.

    lease partitions -> read the next batch -> recall states -> fold and render -> write, one transaction
    with the checkpoint -> publish to Redis

While Postgres commits one batch the next is read and folded, and the one before is published. Only
folded states are shared between batches; a failed commit drops all of them and starts again at the
checkpoint, so nothing is folded twice and nothing is left out. A partition of which the store refuses
the content stops alone, at its checkpoint, and is tried again from time to time.
"""

import asyncio
import math
import time
from collections.abc import Sequence

import msgspec
import structlog

from projections import checkpoint, folding, store
from projections.cache import Publication, Publisher
from projections.checkpoint import LEASE_SECONDS, FencedError, Lease, Move
from projections.database import DATABASE_UNAVAILABLE, POISON, Connection, Pool, listening
from projections.folding import States, Work
from projections.log.reader import LogBatch, history, next_batch
from projections.order_view.state import OrderState
from projections.pausing import pause
from projections.shipment_view.state import ShipmentState
from projections.states import StateMemory
from projections.subjects import PARTITION_COUNT, is_shipment, partition_of

BATCH_ROWS = 2_000
# Decoded, a state takes two to three times its bytes; this holds some five thousand of each kind.
REMEMBERED_BYTES = 32 * 1_048_576
IDLE_SECONDS = 0.25
HEARTBEAT_SECONDS = 0.5
RETRY_SECONDS = 1.0
HALTED_SECONDS = 15.0

log = structlog.get_logger()


class Folded(msgspec.Struct, frozen=True):
    """A batch ready to be committed, how far that takes each partition, and which partitions were looked at for it."""

    work: Work
    positions: dict[int, int]
    read: frozenset[int]
    batch: LogBatch


class Projector:
    """Folds the partitions it can lease. Run as many as there are cores; each partition has one at a time."""

    def __init__(
        self,
        pool: Pool,
        publisher: Publisher,
        *,
        owner: str,
        batch_rows: int = BATCH_ROWS,
        remembered_bytes: int = REMEMBERED_BYTES,
        halted_seconds: float = HALTED_SECONDS,
    ) -> None:
        self._pool = pool
        self._publisher = publisher
        self._owner = owner
        self._batch_rows = batch_rows
        self._leases: dict[int, Lease] = {}
        self._positions: dict[int, int] = {}
        self._halted_seconds = halted_seconds
        # Partitions not to be read for now, and until when.
        self._halted: dict[int, float] = {}
        self._shipments: StateMemory[ShipmentState] = StateMemory(remembered_bytes)
        self._orders: StateMemory[OrderState] = StateMemory(remembered_bytes)
        self._committing: asyncio.Task[bool] | None = None
        self._publishing: asyncio.Task[bool] | None = None
        self._leased_at = -math.inf
        self._heard_at = -math.inf
        self._woken = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Project until told to stop. Outages and lost leases are waited out from the last checkpoint."""
        while not stop.is_set():
            try:
                await self._project(stop)
            except (FencedError, *DATABASE_UNAVAILABLE) as error:
                log.warning("projector.restarting", error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                await self._abandon()

    async def catch_up(self) -> int:
        """Fold all that is in the log now and return how many rows that took: for rebuilds, tests and measurements."""
        async with self._pool.acquire() as reader:
            folded = 0
            while rows := await self._step(reader):
                folded += rows
            await self._finish()
            return folded

    async def _project(self, stop: asyncio.Event) -> None:
        async with self._pool.acquire() as reader, listening(reader, "portal_log", self._wake):
            while not stop.is_set():
                self._woken.clear()
                if not await self._step(reader):
                    await pause(self._woken, IDLE_SECONDS)
            await self._finish()
            await checkpoint.release(reader, self._owner)

    async def _step(self, reader: Connection) -> int:
        """Read, fold and start to commit one batch; returns its rows."""
        await self._lease(reader)
        turn = self._turn()
        batch = await next_batch(reader, turn, self._batch_rows)
        if not batch.rows and time.monotonic() - self._heard_at < HEARTBEAT_SECONDS:
            return 0
        folded = await self._fold(reader, batch, frozenset(turn))
        if not await self._commit_previous():
            # Folded onto what is not committed: it is read again.
            return 1
        self._committing = asyncio.create_task(self._commit(folded))
        return len(batch.rows)

    def _turn(self) -> dict[int, int]:
        """Where to read on, another partition first each time, so that a busy one cannot starve the rest."""
        now = time.monotonic()
        order = [partition for partition in self._positions if self._halted.get(partition, now) <= now]
        start = int(now * 1_000) % max(1, len(order))
        return {partition: self._positions[partition] for partition in (*order[start:], *order[:start])}

    async def _fold(self, reader: Connection, batch: LogBatch, read: frozenset[int]) -> Folded:
        touched = folding.touched(batch.rows)
        histories = await history(reader, folding.retracting(touched))
        shipment_ids = [subject_id for subject_id in touched if is_shipment(subject_id)]
        shipments = await self._shipments.recall(shipment_ids, lambda ids: store.load_shipments(reader, ids))
        states = States(shipments, {})
        shipment_work, orders, shares = folding.fold_shipments(touched, states, histories)
        orders = folding.with_own_events(touched, orders)
        states.orders = await self._orders.recall(orders, lambda ids: store.load_orders(reader, ids))
        order_work = folding.fold_orders(orders, shares, states, histories)
        self._shipments.keep(states.shipments)
        self._orders.keep(states.orders)
        ends = {row.partition: row.position for row in batch.rows}
        self._positions.update(ends)
        return Folded(Work(shipment_work, order_work), ends, read, batch)

    async def _commit(self, folded: Folded) -> bool:
        """Commit a batch and start to publish it; False when some partition's part of it was refused."""
        work, moves = folded.work, self._moves(folded)
        try:
            async with self._pool.acquire() as connection:
                await store.write(connection, self._owner, work, moves)
            committed = moves
        except POISON:
            committed = [step for step in moves if await self._commit_alone(_work_of(work, [step]), step)]
            work = _work_of(work, committed)
        for step in committed:
            step.lease.position = step.position
            self._halted.pop(step.lease.partition, None)
        if self._publishing is not None:
            (await _ended(self._publishing)).result()
        self._publishing = asyncio.create_task(self._publish(work, committed))
        return committed == moves

    async def _commit_alone(self, work: Work, step: Move) -> bool:
        """Commit one partition's part of a batch; one that is refused halts, for what comes after builds on it."""
        async with self._pool.acquire() as connection:
            try:
                await store.write(connection, self._owner, work, [step])
            except POISON as error:
                partition, after = step.lease.partition, step.lease.position
                subject = await store.refused(connection, work)
                # What the store says of the content tells all; where we were when it said so tells nothing.
                log.error("projector.halted", partition=partition, after=after, subject=subject, error=repr(error))  # noqa: TRY400
                self._halted[partition] = time.monotonic() + self._halted_seconds
                return False
        return True

    def _moves(self, folded: Folded) -> list[Move]:
        """How each checkpoint steps on. Read to its end, a partition is complete as of before the read."""
        if folded.batch.exhausted:
            self._heard_at = time.monotonic()
            as_of = folded.batch.read_at
            ends = {partition: self._leases[partition].position for partition in folded.read} | folded.positions
            return [Move(self._leases[partition], ends[partition], as_of) for partition in sorted(ends)]
        recorded = {row.partition: row.recorded_at for row in folded.batch.rows}
        return [
            Move(self._leases[partition], position, recorded[partition])
            for partition, position in sorted(folded.positions.items())
        ]

    async def _publish(self, work: Work, moves: Sequence[Move]) -> bool:
        rows = [(partition_of(row.tenant), row) for row in (*work.shipments.views, *work.orders.views)]
        progress = [Publication(step.lease.partition, step.lease.token, step.position, step.as_of) for step in moves]
        published = await self._publisher.publish(rows, progress)
        if not published:
            log.warning("projector.not_published", documents=len(rows))
        return published

    async def _lease(self, reader: Connection) -> None:
        """Renew in good time. When what we hold changes, what we remember may be another's: forget it all."""
        if time.monotonic() - self._leased_at < LEASE_SECONDS / 4:
            return
        # A commit under way locks its checkpoints, which `acquire` would take for another's; and what is still
        # being published belongs to the leases as they are.
        await self._finish()
        share = math.ceil(PARTITION_COUNT / await checkpoint.live_projectors(reader, self._owner))
        leases = {lease.partition: lease for lease in await checkpoint.acquire(reader, self._owner, share)}
        self._leased_at = time.monotonic()
        if {p: lease.token for p, lease in leases.items()} == {p: lease.token for p, lease in self._leases.items()}:
            return
        self._forget()
        self._leases = leases
        self._positions = {partition: lease.position for partition, lease in leases.items()}
        await self._publisher.adopt(self._positions)
        log.info("projector.leased", partitions=sorted(self._leases))

    async def _commit_previous(self) -> bool:
        """Wait for the commit under way. False: some of it was refused, and all goes on from the checkpoints."""
        if self._committing is None:
            return True
        committing = await _ended(self._committing)
        self._committing = None
        if committing.result():
            return True
        self._forget()
        self._positions = {partition: lease.position for partition, lease in self._leases.items()}
        return False

    async def _finish(self) -> None:
        await self._commit_previous()
        if self._publishing is not None:
            publishing = await _ended(self._publishing)
            self._publishing = None
            publishing.result()

    async def _abandon(self) -> None:
        """Let go of whatever is under way; the log and the checkpoint are all a new start needs."""
        for task in (self._committing, self._publishing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._committing = self._publishing = None
        self._leases, self._positions, self._leased_at = {}, {}, -math.inf
        self._forget()

    def _forget(self) -> None:
        self._shipments.clear()
        self._orders.clear()

    def _wake(self, *_: object) -> None:
        self._woken.set()


async def _ended(task: asyncio.Task[bool]) -> asyncio.Task[bool]:
    """The task, once it has ended. Awaited itself, it would be given our cancellation, and could keep it."""
    await asyncio.wait([task])
    return task


def _work_of(work: Work, moves: Sequence[Move]) -> Work:
    """What of a batch's work belongs to these partitions."""
    partitions = {step.lease.partition for step in moves}
    return folding.part_of(work, lambda row: partition_of(row.tenant) in partitions)
