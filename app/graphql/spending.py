"""What a query costs of its client's rate limit past the one point every request costs."""

import time

from slowapi.errors import RateLimitExceeded

from app.edge import Scope
from app.problems import Problem
from auth.limits.limiter import SharedLimiter
from auth.principal import Principal


async def spend(limiter: SharedLimiter, principal: Principal, points: int, scope: Scope) -> None:
    """Count so many points more, and say on the answer what is left. Raises a problem when that is too little."""
    try:
        lease = limiter.take(principal, points, time.time()) or await limiter.hit(principal, points)
    except RateLimitExceeded as error:
        wait_seconds = limiter.lease_of(principal).ends_at - int(time.time())
        detail = f"This client may ask for {error.detail}, and this query costs {points + 1}. Wait {wait_seconds} s."
        raise Problem("rate_limited", detail, headers={"Retry-After": str(wait_seconds)}) from None
    headers = scope["portal.headers"]
    headers[:] = [one for one in headers if one[0] != b"ratelimit"]
    left, ends_in = lease.shared + lease.left, lease.ends_at - int(time.time())
    headers.append((b"ratelimit", b'"default";r=%d;t=%d' % (left, ends_in)))
