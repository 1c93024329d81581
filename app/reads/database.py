"""Asking Postgres for what is read: one door, so that an outage is told from a fault in one way.

A server that is gone says so in no time. One that hangs costs a deadline: whoever meets it first pays it, and from
then on nobody asks until a look from beside the requests (`probe`) finds that it answers again.
"""

import asyncio
from collections.abc import Sequence

import asyncpg
from asyncpg import Record

from projections.database import Pool
from projections.sql import load

SQL = load(__package__)
# The server is gone, going, full or cut us off. An error about a statement or its values is not among these: that is ours.
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


# A document by its key takes a few milliseconds; a page of a list may take a hundred times that.
DOCUMENT_SECONDS = 1.5
LIST_SECONDS = 5.0
PROBE_SECONDS = 2.0
# Pools whose server hangs.
_HANGING: set[Pool] = set()


class ReadsUnavailableError(Exception):
    """No rung could answer: not now, and nothing is said about whether there is such a document."""


async def fetch(pool: Pool, statement: str, *values: object, within_seconds: float = LIST_SECONDS) -> Sequence[Record]:
    """The rows of a statement of `queries.sql`. Raises ReadsUnavailableError when Postgres does not answer in time.

    A cut connection is no answer: the question is asked once more, over another one.
    """
    if pool in _HANGING:
        raise ReadsUnavailableError("Postgres hangs, and is not asked until it answers again")
    try:
        async with asyncio.timeout(within_seconds):
            return await _fetch_again(pool, statement, values)
    except TimeoutError as error:
        _HANGING.add(pool)
        raise ReadsUnavailableError from error
    except AWAY as error:
        raise ReadsUnavailableError from error


async def probe(pool: Pool, statement: str) -> Sequence[Record]:
    """The rows of a statement, asked for even while Postgres hangs: an answer is what ends that. Raises AWAY, PostgresError."""
    async with asyncio.timeout(PROBE_SECONDS):
        rows = await _fetch(pool, statement, ())
    _HANGING.discard(pool)
    return rows


async def _fetch_again(pool: Pool, statement: str, values: tuple[object, ...]) -> Sequence[Record]:
    try:
        return await _fetch(pool, statement, values)
    except TimeoutError:
        raise
    except AWAY:
        return await _fetch(pool, statement, values)


async def _fetch(pool: Pool, statement: str, values: tuple[object, ...]) -> Sequence[Record]:
    try:
        connection = await pool.acquire()
    except asyncpg.PostgresError as error:
        # Whatever a server says that lets nobody in, it is away to us.
        raise ReadsUnavailableError from error
    try:
        rows: Sequence[Record] = await connection.fetch(SQL[statement], *values)
    except asyncio.CancelledError:
        # Its answer may never come, and giving it back would wait for that.
        connection.terminate()
        raise
    finally:
        await pool.release(connection)
    return rows
