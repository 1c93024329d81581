"""How far the log is folded, and who may fold it: leases that fence.

One row a partition. Taking over an expired lease raises its token; every move of the checkpoint names
the token and the position it moves from. Zero rows moved means that somebody else is running: the
whole transaction with it is given up (marten's progression update does the same).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from projections.database import Connection
from projections.sql import load

SQL = load(__package__)
LEASE_SECONDS = 10.0


class FencedError(Exception):
    """Another projector holds a partition this one thought its own."""


class Lease(msgspec.Struct):
    """A partition that is ours to fold: from which position, under which token."""

    partition: int
    token: int
    position: int


class Move(msgspec.Struct, frozen=True):
    """A checkpoint's step. `as_of`: all accepted before it is folded."""

    lease: Lease
    position: int
    as_of: datetime


async def acquire(connection: Connection, owner: str, limit: int) -> list[Lease]:
    """Renew our leases and take over expired ones, up to `limit` in all; what we hold beyond that goes back.

    Nothing of ours may be committing meanwhile: its rows are locked and would be passed over.
    """
    rows = await connection.fetch(SQL["acquire"], owner, LEASE_SECONDS, limit)
    await connection.execute(SQL["release"], owner, [row["partition"] for row in rows])
    return [Lease(row["partition"], row["token"], row["position"]) for row in rows]


async def live_projectors(connection: Connection, owner: str) -> int:
    """Say that we are here, and how many we are: shares are fair by it, also for one that holds nothing yet."""
    await connection.execute(SQL["announce"], owner)
    count: int = await connection.fetchval(SQL["live_projectors"], LEASE_SECONDS)
    return count


async def release(connection: Connection, owner: str) -> None:
    """Give our leases up, so that another need not wait for them to expire."""
    await connection.execute(SQL["release"], owner, [])
    await connection.execute(SQL["leave"], owner)


async def move(connection: Connection, owner: str, moves: Sequence[Move]) -> None:
    """Move checkpoints within the caller's transaction, or raise FencedError."""
    moved = await connection.fetch(
        SQL["move"],
        owner,
        LEASE_SECONDS,
        [step.lease.partition for step in moves],
        [step.lease.token for step in moves],
        [step.lease.position for step in moves],
        [step.position for step in moves],
        [step.as_of for step in moves],
    )
    if len(moved) != len(moves):
        raise FencedError(f"{len(moves) - len(moved)} of {len(moves)} partitions belong to another projector")
