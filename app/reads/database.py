"""Asking Postgres for what is read: one door, so that an outage is told from a fault in one way."""

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


class ReadsUnavailableError(Exception):
    """No rung could answer: not now, and nothing is said about whether there is such a document."""


async def fetch(pool: Pool, statement: str, *values: object) -> Sequence[Record]:
    """The rows of a statement of `queries.sql`. Raises ReadsUnavailableError when Postgres does not answer.

    A cut connection is no answer: the question is asked once more, over another one.
    """
    try:
        return await _fetch(pool, statement, values)
    except TimeoutError as error:
        raise ReadsUnavailableError from error
    except AWAY:
        pass
    try:
        return await _fetch(pool, statement, values)
    except AWAY as error:
        raise ReadsUnavailableError from error


async def _fetch(pool: Pool, statement: str, values: tuple[object, ...]) -> Sequence[Record]:
    try:
        connection = await pool.acquire()
    except asyncpg.PostgresError as error:
        # Whatever a server says that lets nobody in, it is away to us.
        raise ReadsUnavailableError from error
    try:
        rows: Sequence[Record] = await connection.fetch(SQL[statement], *values)
    finally:
        await pool.release(connection)
    return rows
