"""From any exception below a request to its problem+json answer."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from app.edge import Scope, Send
from app.problems import MEDIA_TYPE, Problem, trace_id_of
from app.reads.database import AWAY, ReadsUnavailableError
from auth.errors import INSUFFICIENT, Forbidden, IssuerUnavailable, Unauthorized, WrongParty
from projections.blobs import BlobsUnavailableError
from projections.quarantine.errors import BehindError, NotThereError, SettledError
from projections.redis import UNAVAILABLE

log = structlog.get_logger()
RETRY_AFTER = {"Retry-After": "2"}
AnyRequest = Request[Any, Any, Any]
# What we need does not answer: not now, and another try may do.
AWAY_FROM_US = (IssuerUnavailable, ReadsUnavailableError, BlobsUnavailableError, *AWAY, *UNAVAILABLE)

_BY_STATUS = {
    400: ("malformed", "The request cannot be understood."),
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This method is not allowed here."),
    413: ("too_large", "The request body is too large."),
    415: ("unsupported_media_type", "This content type is not supported here."),
}


def exception_handlers() -> ExceptionHandlersMap:
    """For Litestar: every exception becomes the problem it is."""
    return {HTTPException: _answer, Exception: _answer}


def _answer(request: AnyRequest, error: Exception) -> Response[bytes]:
    problem = problem_of(error, request.scope)
    headers = {"Cache-Control": "no-store", **problem.headers}
    body = problem.body(trace_id_of(request.scope))
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


async def send_problem(problem: Problem, scope: Scope, send: Send) -> None:
    """The same answer from outside Litestar."""
    body = problem.body(trace_id_of(scope))
    named = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    headers = [(name.lower().encode(), value.encode()) for name, value in (named | problem.headers).items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def problem_of(error: Exception, scope: Mapping[str, Any]) -> Problem:
    """The problem that an exception is. What is none of our refusals is our fault, and is logged."""
    for kind, refusal in _REFUSALS.items():
        if isinstance(error, kind) and (problem := refusal(error)) is not None:
            return problem
    if isinstance(error, AWAY_FROM_US):
        log.warning("request.unavailable", trace_id=trace_id_of(scope), error=repr(error))
        return Problem("unavailable", "Try again in a moment.", headers=RETRY_AFTER)
    # The caller is told nothing of what happened inside; the log has it under the trace id.
    log.error("request.failed", trace_id=trace_id_of(scope), path=scope["path"], exc_info=error)
    return Problem("internal", "It was logged under the trace id; telling us that helps.")


def _unauthorized(error: Unauthorized) -> Problem:
    return Problem(error.code, error.detail, headers={"WWW-Authenticate": error.www_authenticate})


def _forbidden(error: Forbidden) -> Problem:
    return Problem("missing_scope", str(error), headers={"WWW-Authenticate": error.www_authenticate})


def _wrong_party(_: WrongParty) -> Problem:
    detail = "This is for who pays; the token's bearer only receives."
    return Problem("wrong_party", detail, headers={"WWW-Authenticate": INSUFFICIENT})


def _behind(_: BehindError) -> Problem:
    detail = "Projection is too far behind to say what would change. Try again when it has caught up."
    return Problem("unavailable", detail, headers=RETRY_AFTER)


def _framework(error: HTTPException) -> Problem | None:
    """What Litestar refuses before a handler of ours runs."""
    if error.status_code not in _BY_STATUS:
        return None
    code, detail = _BY_STATUS[error.status_code]
    headers = {}
    if allowed := (error.headers or {}).get("allow"):
        # The edge answers HEAD wherever there is a GET.
        headers["Allow"] = allowed.replace("GET", "GET, HEAD")
    return Problem(code, detail, headers=headers)


_REFUSALS: dict[type[Exception], Callable[[Any], Problem | None]] = {
    Problem: lambda problem: problem,
    Unauthorized: _unauthorized,
    Forbidden: _forbidden,
    WrongParty: _wrong_party,
    NotThereError: lambda _: Problem("not_found", "There is no such entry."),
    SettledError: lambda error: Problem("already_settled", f"Too late: {error}."),
    BehindError: _behind,
    HTTPException: _framework,
}
