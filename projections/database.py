"""The one place that opens connections to Postgres, each pool with one role and no other right."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

# Quoted: the stubs know them as generic, the classes themselves are not.
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
# Whatever runs one statement: a pool and a connection both fit.
Database: TypeAlias = (
    "asyncpg.Pool[asyncpg.Record] | asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
)

# What a call raises when the server is gone, restarting or cut us off. The last is asyncpg finding that out between
# two of its own steps; other errors of the server are here too, because a later try may well succeed.
DATABASE_UNAVAILABLE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

# What a write raises for what it was given to store, rather than for the state of the store: again is of no use.
POISON = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    OverflowError,
)


class DatabaseRole(StrEnum):
    """What a pool is for. None of these may bypass row-level security."""

    APP = "portal_app"
    PROJECTOR = "portal_projector"
    ISSUER = "portal_issuer"
    OPS = "portal_ops"
    ERASER = "portal_eraser"


async def open_pool(dsn: str, role: DatabaseRole, *, connections: int = 4, timeout_seconds: float = 30) -> Pool:
    """A pool whose connections act as `role` from their first statement on.

    The role is a start-up parameter, so it is also what `RESET` returns to (PostgreSQL 18, 20.1.3).
    """
    return await asyncpg.create_pool(
        dsn,
        reset=_nothing_to_reset if role is DatabaseRole.APP else None,
        min_size=1,
        max_size=connections,
        command_timeout=timeout_seconds,
        server_settings={"role": role.value, "search_path": "portal, log", "application_name": role.value},
    )


@asynccontextmanager
async def listening(connection: Connection, channel: str, heard: Callable[..., None]) -> AsyncIterator[None]:
    """Hear a channel's notifications until the block ends. Left by an exception, the connection is closed.

    It may be gone, or in the middle of something; asyncpg then neither takes the listener back nor gives a connection
    that has one back to its pool without complaint.
    """
    await connection.add_listener(channel, heard)
    try:
        yield
    except BaseException:
        # Already given back where its loss was noticed: what ended the block is what is raised.
        with suppress(asyncpg.InterfaceError):
            connection.terminate()
        raise
    await connection.remove_listener(channel, heard)


async def _nothing_to_reset(_: Connection) -> None:
    """Reads leave nothing in their session: the tenant is set within a transaction, by the function that reads.

    Resetting all the same would be a second round trip for each read. `tests/architecture/test_tenancy.py` holds it.
    """
