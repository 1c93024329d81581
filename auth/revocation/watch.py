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
# Sequence numbers are given before the commit, which may come out of order: what is this young is read again.
AGAIN_SECONDS: Final = 30.0

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
        # Read from here on; and from where on once `AGAIN_SECONDS` have passed.
        self._floor = self._next_floor = 0
        self._raised_at = time.monotonic()
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
        rows = await self._pool.fetch(SQL["revocations"], self._floor, GRACE_SECONDS, timeout=READ_SECONDS)
        self._answers = True
        revocations = [Revocation(**row) for row in rows]
        if self._revoked.learn(revocations):
            self._on_new()
        self._last = max([self._last, *(one.sequence for one in revocations)])
        if time.monotonic() - self._raised_at > AGAIN_SECONDS:
            self._raised_at = time.monotonic()
            self._floor, self._next_floor = self._next_floor, self._last
            self._revoked.forget(time.time())
