"""Rounds of reconciliation: every declared source once, or again and again on a schedule."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog

from app.reconcile.report import Report
from app.reconcile.run import Extent, Reconciliation
from app.settings import Settings
from app.upstream.client import Upstream
from app.upstream.policy import Policy
from projections.database import DATABASE_UNAVAILABLE, DatabaseRole, open_pool
from projections.intake.intake import Intake
from projections.sources.declared import DeclaredSource

log = structlog.get_logger()

Rounds = Mapping[str, Reconciliation]


@asynccontextmanager
async def open_rounds(settings: Settings, sources: Mapping[str, DeclaredSource]) -> AsyncIterator[Rounds]:
    """The reconciliations of these sources, which all have an `api`, by key."""
    async with AsyncExitStack() as stack:
        # Each run keeps a connection for its lock while intake takes another.
        pool = await stack.enter_async_context(await open_pool(settings.database_url, DatabaseRole.PROJECTOR))
        intake = Intake(pool, max_event_bytes=settings.max_event_bytes)
        made = {}
        for key, one in sources.items():
            if one.api is not None:
                policy = Policy(
                    attempts=one.api.attempts,
                    timeout_seconds=one.api.timeout_seconds,
                    backoff_seconds=one.api.backoff_seconds,
                )
                upstream = Upstream(one.api.url, policy=policy, token=one.api.token(os.environ))
                await stack.enter_async_context(upstream)
                made[key] = Reconciliation(pool, intake, upstream, key, one.source, one.api)
        yield made


async def once(rounds: Rounds, extent: Extent) -> dict[str, Report]:
    """Each source after the other; one that fails stops no other. Outages of the store are raised."""
    return {key: await one.run(extent) for key, one in rounds.items()}


async def forever(rounds: Rounds, extent: Extent, every: timedelta, told: Callable[[dict[str, Report]], None]) -> None:
    """A round at once and then `every` so long, until cancelled. Failures wait for the next round."""
    while True:
        started = time.monotonic()
        try:
            told(await once(rounds, extent))
        except DATABASE_UNAVAILABLE as error:
            log.warning("reconcile.store_away", error=repr(error))
        await asyncio.sleep(max(0.0, started + every.total_seconds() - time.monotonic()))
