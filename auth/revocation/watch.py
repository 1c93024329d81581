"""Hearing of revocations: every worker reads them from Postgres, a few times a second."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from auth.revocation.revoked import GRACE_SECONDS, Revocation, Revoked
from projections.database import DATABASE_UNAVAILABLE, Pool
from projections.pausing import pause
from projections.sql import load

LOOK_SECONDS: Final = 0.3
READ_SECONDS: Final = 2.0

SQL: Final = load("auth.revocation")

_log = structlog.get_logger(__name__)


class RevocationWatch:
    """Keeps `revoked` true and calls `on_new` when there is more of it.

    While Postgres is away nothing can be revoked either; the first look afterwards finds what was missed.
    """

    def __init__(self, pool: Pool, revoked: Revoked, on_new: Callable[[], None]) -> None:
        self._pool = pool
        self._revoked = revoked
        self._on_new = on_new
        self._last = 0
        self._answers = True

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            try:
                await self.look()
            except DATABASE_UNAVAILABLE as error:
                if self._answers:
                    _log.warning("revocations.postgres_away", error=repr(error))
                self._answers = False
            await pause(stop, LOOK_SECONDS)

    async def look(self) -> None:
        """Read what is new; raises one of `DATABASE_UNAVAILABLE` when Postgres is away."""
        # Their writers take turns (migration 0008): what is numbered later is committed later.
        rows = await self._pool.fetch(SQL["revocations"], self._last, GRACE_SECONDS, timeout=READ_SECONDS)
        self._answers = True
        if not rows:
            return
        revocations = [Revocation(**row) for row in rows]
        self._last = max(one.sequence for one in revocations)
        self._revoked.forget(time.time())
        if self._revoked.learn(revocations):
            self._on_new()
