"""`Portal-Min-Position`: an answer that is no older than what its reader was shown, or has sent, before."""

import asyncpg

from app.edge import AsgiApp, Receive, Scope, Send
from app.problems import Problem, ProblemError
from app.reads.database import AWAY
from app.reads.positions import NotReachedError, Positions
from app.reads.seal import BrokenPositionError, PositionSeal
from app.refusals import problem_of, send_problem
from app.rest.query import DocumentQuery
from auth.principal import Principal
from projections.intake.intake import Intake

# Given with what is taken in, and asked for with what is read.
POSITION = "Portal-Position"
MIN_POSITION = b"portal-min-position"
# A projector that has fallen behind may need a moment more than who asked was willing to wait.
_RETRY_AFTER = {"Retry-After": "1"}


class Minimum:
    """Has requests wait until this worker is as far as they ask for, and refuses them when it is not in time."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions

    async def reach(self, scope: Scope) -> None:
        """Wait as the request's header says. Who has not proved who they are waits for nothing: they are refused."""
        principal: Principal | None = scope.get("portal.principal")
        if principal is not None:
            token = scope["portal.named"][MIN_POSITION].decode("ascii", "replace")
            await self._reach(token, principal, "/header/Portal-Min-Position")

    async def reach_parameter(self, query: DocumentQuery, principal: Principal) -> None:
        """The same for `min_version`."""
        if query.min_version is not None:
            await self._reach(query.min_version, principal, "/query/min_version")

    async def _reach(self, token: str, principal: Principal, pointer: str) -> None:
        try:
            await self._positions.reach(token, principal.accounts)
        except BrokenPositionError:
            detail = "This is not a position this service gave."
            raise Problem(
                "broken_position", detail, errors=(ProblemError(pointer, "broken_position", detail),)
            ) from None
        except NotReachedError:
            detail = "What you were shown, or sent, before is not to be read here yet. Nothing older is shown instead."
            raise Problem("position_not_reached", detail, headers=_RETRY_AFTER) from None


class Soundings:
    """Positions for what was taken in, to be read with."""

    def __init__(self, intake: Intake, seal: PositionSeal) -> None:
        self._intake = intake
        self._seal = seal

    async def now(self) -> str | None:
        """A token for all that was taken in until now; None when the store cannot be asked, which undoes nothing."""
        try:
            return self._seal.seal(await self._intake.positions())
        except (asyncpg.PostgresError, *AWAY):
            return None


class AtLeast:
    """Everything but documents, which see to it themselves: first the wait, then the answer."""

    def __init__(self, app: AsgiApp, minimum: Minimum) -> None:
        self._app = app
        self._minimum = minimum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] == "http" and MIN_POSITION in scope["portal.named"]:
                await self._minimum.reach(scope)
        except Problem as error:
            await send_problem(problem_of(error, scope), scope, send)
        else:
            await self._app(scope, receive, send)
