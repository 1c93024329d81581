"""From any exception below a request to its problem+json answer."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from app.edge import Scope, Send
from app.problems import MEDIA_TYPE, Problem, trace_id_of
from app.reads.database import AWAY, ReadsUnavailableError
from auth.errors import Forbidden, IssuerUnavailable, Unauthorized
from projections.quarantine.errors import BehindError, NotThereError, SettledError
from projections.redis import UNAVAILABLE

log = structlog.get_logger()
RETRY_AFTER = {"Retry-After": "2"}
AnyRequest = Request[Any, Any, Any]

_BY_STATUS = {
    400: ("malformed", "The request cannot be understood."),
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This method is not allowed here."),
    413: ("too_large", "The request body is too large."),
    415: ("unsupported_media_type", "This content type is not supported here."),
}


def exception_handlers() -> ExceptionHandlersMap:
    """Every exception has one place here; what has none is our fault, and is logged."""
    return {
        **dict.fromkeys((Problem, Unauthorized, Forbidden, IssuerUnavailable), _refused),
        ReadsUnavailableError: _unavailable,
        NotThereError: _not_there,
        SettledError: _settled,
        BehindError: _behind,
        **dict.fromkeys((*AWAY, *UNAVAILABLE), _unavailable),
        HTTPException: _framework,
        Exception: _unexpected,
    }


def answer(problem: Problem, request: AnyRequest) -> Response[bytes]:
    return Response(
        problem.body(trace_id_of(request.scope)),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


async def send_problem(problem: Problem, scope: Scope, send: Send) -> None:
    """The same answer from outside Litestar."""
    body = problem.body(trace_id_of(scope))
    named = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    headers = [(name.lower().encode(), value.encode()) for name, value in (named | problem.headers).items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def problem_of(error: Problem | Unauthorized | Forbidden | IssuerUnavailable) -> Problem:
    """The problem that a refusal is."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Unauthorized):
        return Problem(error.code, error.detail, headers={"WWW-Authenticate": error.www_authenticate})
    if isinstance(error, Forbidden):
        return Problem("missing_scope", str(error), headers={"WWW-Authenticate": error.www_authenticate})
    log.warning("request.unavailable", error=repr(error))
    return Problem("unavailable", "Try again in a moment.", headers=RETRY_AFTER)


def _refused(request: AnyRequest, error: Problem | Unauthorized | Forbidden | IssuerUnavailable) -> Response[bytes]:
    return answer(problem_of(error), request)


def _unavailable(request: AnyRequest, error: Exception) -> Response[bytes]:
    log.warning("request.unavailable", trace_id=trace_id_of(request.scope), error=repr(error))
    return answer(Problem("unavailable", "Try again in a moment.", headers=RETRY_AFTER), request)


def _not_there(request: AnyRequest, _error: NotThereError) -> Response[bytes]:
    return answer(Problem("not_found", "There is no such entry."), request)


def _settled(request: AnyRequest, error: SettledError) -> Response[bytes]:
    return answer(Problem("already_settled", f"Too late: {error}."), request)


def _behind(request: AnyRequest, _error: BehindError) -> Response[bytes]:
    detail = "Projection is too far behind to say what would change. Try again when it has caught up."
    return answer(Problem("unavailable", detail, headers=RETRY_AFTER), request)


def _framework(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What Litestar refuses before a handler of ours runs."""
    if error.status_code not in _BY_STATUS:
        return _unexpected(request, error)
    code, detail = _BY_STATUS[error.status_code]
    headers = {}
    if allowed := (error.headers or {}).get("allow"):
        # The edge answers HEAD wherever there is a GET.
        headers["Allow"] = allowed.replace("GET", "GET, HEAD")
    return answer(Problem(code, detail, headers=headers), request)


def _unexpected(request: AnyRequest, error: Exception) -> Response[bytes]:
    """The caller is told nothing of what happened inside; the log has it under the trace id."""
    log.error("request.failed", trace_id=trace_id_of(request.scope), path=request.scope["path"], exc_info=error)
    return answer(Problem("internal", "It was logged under the trace id; telling us that helps."), request)
