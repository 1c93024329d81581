"""Rate limits by slowapi, shared by all workers through Redis, and spent without asking it each time."""

import asyncio
import time
import zlib
from collections.abc import Callable
from typing import Any, Final, cast

import structlog
from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded

from auth.limits.breaker import Breaker
from auth.limits.lease import Lease
from auth.principal import Principal
from projections.redis import UNAVAILABLE, Redis, ResponseError

DEADLINE_SECONDS: Final = 0.1
LEASES_KEPT: Final = 10_000

_log = structlog.get_logger(__name__)


def client_and_tenant(principal: Principal) -> str:
    """Whose limit it is. The length keeps "a/b" of "c" apart from "a" of "b/c"."""
    return f"{len(principal.client_id)}/{principal.client_id}/{principal.tenant or ''}"


class SharedLimiter(Limiter):
    """slowapi's limiter, with its grammar, key function, refusal and memory fallback, for asynchronous workers.

    Each worker borrows some of a client's limit ahead of need and spends it locally: see `Lease`. Only with
    nothing borrowed does a request wait for Redis, and never longer than `DEADLINE_SECONDS`. With Redis away a worker
    borrows from its own memory, so that each counts for itself until Redis is back.
    """

    def __init__(self, limit: str, redis: Redis, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(client_and_tenant, [limit], in_memory_fallback_enabled=True)
        (self._limit,) = self._default_limits[0]
        self._item: RateLimitItem = self._limit.limit
        self.amount: int = self._item.amount
        self.window_seconds: int = self._item.get_expiry()
        self._clock = clock
        # Typed for what can stand in a URL. The pool brings its own time-outs: see `projections.redis`.
        pool = cast("bool", redis.connection_pool)
        self._shared = RedisStorage(
            "async+redis://", implementation="redispy", key_prefix="portal:limit", connection_pool=pool
        )
        self._breaker = Breaker()
        self._leases: dict[tuple[str, str | None], Lease] = {}
        self._sweep_at = LEASES_KEPT
        self._borrowing: dict[str, asyncio.Task[None]] = {}

    def get_app_config(self, key: str, default_value: Any = None) -> Any:  # noqa: ANN401, ARG002 - slowapi's call
        """What slowapi would take from `.env` and `RATELIMIT_*`: nothing but the settings of this service decides."""
        return default_value

    def lease_of(self, principal: Principal) -> Lease:
        """What this worker holds of a client's limit."""
        lease = self._leases.get((principal.client_id, principal.tenant))
        return lease if lease is not None else self._new_lease(principal)

    def take(self, principal: Principal, cost: int, now: float) -> Lease | None:
        """Spend what was borrowed before; None when more has to be borrowed first. Never waits.

        For the hot path: a look-up and some arithmetic.
        """
        lease = self._leases.get((principal.client_id, principal.tenant))
        if lease is None or not lease.take(cost, now):
            return None
        # Half of what it would borrow is gone.
        if lease.left < lease.low:
            self._borrow(lease, self._key_func(principal), cost)
        return lease

    def holds(self, principal: Principal, cost: int, now: float) -> bool:
        """Whether `take` would spend it. Spends nothing."""
        lease = self._leases.get((principal.client_id, principal.tenant))
        return lease is not None and lease.holds(cost, now)

    async def hit(self, principal: Principal, cost: int) -> Lease:
        """Spend, borrowing first; `RateLimitExceeded` when the limit has been reached."""
        lease = self.lease_of(principal)
        cost = min(cost, self.amount)
        while not lease.take(cost, self._clock()):
            lease.window(self._clock())
            if not lease.shared:
                raise RateLimitExceeded(self._limit)
            # Shielded: others wait for the same answer.
            await asyncio.shield(self._borrow(lease, self._key_func(principal), cost))
        return lease

    async def close(self) -> None:
        """Wait for the questions under way, which end soon."""
        await asyncio.gather(*self._borrowing.values())

    def _new_lease(self, principal: Principal) -> Lease:
        if len(self._leases) >= self._sweep_at:
            now = self._clock()
            self._leases = {key: lease for key, lease in self._leases.items() if lease.ends_at > now}
            self._sweep_at = max(LEASES_KEPT, 2 * len(self._leases))
        # Windows of different clients end at different times, the same on every worker.
        phase = zlib.crc32(self._key_func(principal).encode()) % self.window_seconds
        lease = self._leases[principal.client_id, principal.tenant] = Lease(self.amount, self.window_seconds, phase)
        return lease

    def _borrow(self, lease: Lease, key: str, cost: int) -> asyncio.Task[None]:
        """One question a client at a time, whoever waits for it."""
        task = self._borrowing.get(key)
        if task is None:
            task = self._borrowing[key] = asyncio.create_task(self._ask(lease, key, cost))
        return task

    async def _ask(self, lease: Lease, key: str, cost: int) -> None:
        window = lease.window(self._clock())
        asked = lease.ask(cost)
        try:
            counted = await self._count(self._item.key_for(key, str(window)), asked)
            lease.grant(window, asked, counted)
        finally:
            # Here and not in a callback, which comes later: who asks in between would be given this answer for ever,
            # without once letting the loop go on.
            self._borrowing.pop(key, None)

    async def _count(self, key: str, asked: int) -> int:
        """Add to what all workers have borrowed, or this one alone while Redis is away, and say how much that is."""
        # Kept for two windows, as another host's clock may have begun this one early.
        kept_seconds = 2 * self.window_seconds
        if self._breaker.allows():
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    counted = await self._shared.incr(key, kept_seconds, asked)
            except (*UNAVAILABLE, ResponseError, TimeoutError) as error:
                if self._breaker.failed():
                    _log.warning("limits.redis_away", error=repr(error))
            else:
                self._breaker.worked()
                return counted
        return self._fallback_storage.incr(key, kept_seconds, asked)
