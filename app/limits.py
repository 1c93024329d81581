"""Who asks too often, or guesses at tokens, is told to wait: before anything else is done for them."""

import time
from collections.abc import Iterable
from typing import Final

from slowapi.errors import RateLimitExceeded

from app.edge import AsgiApp, Message, Receive, Scope, Send
from app.edge_policy import Headers
from app.problems import Problem
from app.refusals import problem_of, send_problem
from app.rest.operation import Operation
from auth.addresses import client_address
from auth.errors import IssuerUnavailable, Unauthorized
from auth.limits.failures import Failures
from auth.limits.lease import Lease
from auth.limits.limiter import SharedLimiter
from auth.principal import Principal
from auth.tokens import TokenVerifier

API: Final = ("/v1/", "/graphql")
TOKENS: Final = "/oauth/"
# A source may prove itself by a key of its own instead of a token, and give it in the same header: what is no token
# there is for the operation to judge.
SOURCES: Final = "/v1/sources/"
UNAUTHORIZED: Final = 401


class Costs:
    """What each operation costs, looked up by the whole path or, where ids are in it, by its last part."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_path: dict[str, dict[str, int]] = {}
        self._by_last_part: dict[str, dict[str, int]] = {}
        for one in operations:
            if one.cost != 1 and "{" not in one.path:
                self._by_path.setdefault(one.path, {})[one.method.upper()] = one.cost
            elif one.cost != 1:
                last_part = one.path[one.path.rfind("/") :]
                self._by_last_part.setdefault(last_part, {})[one.method.upper()] = one.cost

    def of(self, method: str, path: str) -> int:
        """The cost of a request; 1 where nothing else was said."""
        if path[-1:] == "/":
            path = path.rstrip("/")
        costs = self._by_path.get(path)
        if costs is None and self._by_last_part:
            costs = self._by_last_part.get(path[path.rfind("/") :])
        return costs.get(method, 1) if costs else 1


class Limits:
    """Wraps the application, so that whatever is asked of the API by whatever door is counted.

    A request with a good token counts for its client and tenant, whatever becomes of it, and its answer says how much
    is left (`RateLimit`, draft-ietf-httpapi-ratelimit-headers-10). A failure to prove who one is counts for the address.
    """

    def __init__(
        self,
        app: AsgiApp,
        verifier: TokenVerifier,
        *,
        limiter: SharedLimiter | None,
        failures: Failures | None,
        costs: Costs,
        proxies: int,
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._limiter = limiter
        self._failures = failures
        self._costs = costs
        self._proxies = proxies
        if limiter is not None:
            self._policy = (b"ratelimit-policy", b'"default";q=%d;w=%d' % (limiter.amount, limiter.window_seconds))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A WebSocket has not passed the edge.
        authorization = scope["portal.named"].get(b"authorization") if scope["type"] == "http" else None
        try:
            # Without any, the operation answers: some may be open to all.
            if authorization is not None and scope["path"].startswith(API):
                send = await self._admitted(scope, authorization, send)
            elif scope["type"] == "http" and scope["path"].startswith(TOKENS) and scope["method"] == "POST":
                self._refuse_guesser(scope)
                send = self._watched(scope, send)
        except (Problem, Unauthorized, IssuerUnavailable) as error:
            await send_problem(problem_of(error, scope), scope, send)
        else:
            await self._app(scope, receive, send)

    async def _admitted(self, scope: Scope, authorization: bytes, send: Send) -> Send:
        """Count a request; returns where to answer it."""
        admitted = self.admit(authorization, self._costs.of(scope["method"], scope["path"]))
        if admitted is None:
            return await self._count(scope, authorization, self._verifier.cached(authorization), send)
        scope["portal.principal"], counted = admitted
        scope["portal.headers"] += counted
        return send

    async def _count(self, scope: Scope, authorization: bytes, principal: Principal | None, send: Send) -> Send:
        """Count a request whose token, or what is left for whom, has to be asked for; returns where to answer it."""
        if principal is None:
            self._refuse_guesser(scope)
            try:
                principal = await self._verifier.authenticate(authorization)
            except Unauthorized as error:
                if scope["path"].startswith(SOURCES):
                    return self._watched(scope, send)
                # One that merely expired is no guess, and does not count as one.
                if error.code == "invalid_token":
                    self._failed(scope)
                raise
        scope["portal.principal"] = principal
        await self._spend(scope, principal)
        return send

    async def _spend(self, scope: Scope, principal: Principal) -> None:
        if self._limiter is None:
            return
        try:
            lease = await self._limiter.hit(principal, self._costs.of(scope["method"], scope["path"]))
        except RateLimitExceeded as error:
            lease, now = self._limiter.lease_of(principal), time.time()
            scope["portal.headers"] += (self._policy, _left(lease, now))
            wait_seconds = lease.ends_at - int(now)
            detail = f"This client may ask for {error.detail}, where a list counts as several. Wait {wait_seconds} s."
            raise _too_many(detail, wait_seconds) from None
        scope["portal.headers"] += (self._policy, _left(lease, time.time()))

    def admit(
        self, authorization: bytes, cost: int, known: Principal | None = None
    ) -> tuple[Principal, Headers] | None:
        """Who asks, and what their answer says of their limit; None where this worker must ask somebody first.

        With `known` None also, and nothing counted, where what is known of the token now is not that any more.
        """
        principal = self._verifier.cached(authorization)
        if known is not None and principal is not known:
            return None
        counted = self._counted(principal, cost) if principal is not None else None
        return (principal, counted) if principal is not None and counted is not None else None

    def expects(self, authorization: bytes, cost: int, known: Principal | None) -> bool:
        """Whether `admit` would admit them now. Counts nothing."""
        if known is None or self._verifier.cached(authorization) is not known:
            return False
        return self._limiter is None or self._limiter.holds(known, cost, time.time())

    def _counted(self, principal: Principal, cost: int) -> Headers | None:
        """Count a request that this worker need not ask anybody about, and what its answer says of that."""
        if self._limiter is None:
            return ()
        now = time.time()
        lease = self._limiter.take(principal, cost, now)
        return (self._policy, _left(lease, now)) if lease is not None else None

    def _watched(self, scope: Scope, send: Send) -> Send:
        """Where somebody proves who they are by other means, an answer of 401 counts as a failure."""

        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == UNAUTHORIZED:
                self._failed(scope)
            await send(message)

        return watching

    def _refuse_guesser(self, scope: Scope) -> None:
        wait_seconds = self._failures.wait_seconds(client_address(scope, self._proxies)) if self._failures else 0
        if wait_seconds:
            detail = f"Too many requests from this address failed to prove who they are. Wait {wait_seconds} s."
            raise _too_many(detail, wait_seconds)

    def _failed(self, scope: Scope) -> None:
        if self._failures:
            self._failures.count(client_address(scope, self._proxies))


def _left(lease: Lease, now: float) -> tuple[bytes, bytes]:
    return (b"ratelimit", b'"default";r=%d;t=%d' % (lease.shared + lease.left, lease.ends_at - int(now)))


def _too_many(detail: str, wait_seconds: int) -> Problem:
    return Problem("rate_limited", detail, headers={"Retry-After": str(wait_seconds)})
