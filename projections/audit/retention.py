"""How long the audit log is kept: the oldest goes, and what is left still verifies."""

import asyncio

import structlog

from projections.audit import SQL
from projections.database import DATABASE_UNAVAILABLE, Database, Pool
from projections.pausing import pause

PRUNE_SECONDS = 3_600
# They are deleted in one transaction, during which nothing is added.
PRUNED_AT_ONCE = 10_000

log = structlog.get_logger()


async def keep_days(pool: Pool, days: int, stop: asyncio.Event) -> None:
    """Prune at once and then every hour until told to stop, from as many processes as there are."""
    while not stop.is_set():
        try:
            await prune(pool, days)
        except DATABASE_UNAVAILABLE as error:
            log.warning("audit.not_pruned", error=repr(error))
        await pause(stop, PRUNE_SECONDS)


async def prune(database: Database, days: int) -> int:
    """Take away what is older; says how many rows that were."""
    rows = 0
    while pruned := await database.fetchval(SQL["prune"], days, PRUNED_AT_ONCE):
        rows += pruned
    return rows
