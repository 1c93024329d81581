"""What a question costs beyond what its path says: counted once it is known to be a dear one."""

import time

from slowapi.errors import RateLimitExceeded

from app.edge import Scope
from app.problems import Problem
from auth.limits.limiter import SharedLimiter
from auth.principal import Principal


class Surcharge:
    """Counts more of a client's limit for a request that was counted as 1 before."""

    def __init__(self, limiter: SharedLimiter | None) -> None:
        self._limiter = limiter

    async def __call__(self, scope: Scope, principal: Principal, cost: int) -> None:
        """Raise a problem when there is not so much left; else say how much is."""
        if self._limiter is None:
            return
        try:
            lease = await self._limiter.hit(principal, cost - 1)
        except RateLimitExceeded as error:
            wait_seconds = self._limiter.lease_of(principal).ends_at - int(time.time())
            detail = f"This client may ask for {error.detail}, and this counts as {cost}. Wait {wait_seconds} s."
            raise Problem("rate_limited", detail, headers={"Retry-After": str(wait_seconds)}) from None
        left = b'"default";r=%d;t=%d' % (lease.shared + lease.left, lease.ends_at - int(time.time()))
        headers = scope["portal.headers"]
        headers[:] = [(name, left if name == b"ratelimit" else value) for name, value in headers]
