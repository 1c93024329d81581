"""The outermost layer: what every answer has, whichever part gave it.

A request id in and out, one trace id, HEAD for every GET, headers that tell browsers what they may do with
it (`edge_policy`), and no request that is larger than any of ours.
"""

import itertools
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

from app.edge_policy import HEADER_BYTES_MAX, NO_PAGE, PREFLIGHT, TARGET_BYTES_MAX, EdgePolicy
from app.problems import MEDIA_TYPE, Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._\-]{1,128}")
# W3C Trace Context, 3.2: version-traceid-parentid-flags.
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_OWN_POLICY = b"content-security-policy"
ASKS_BEFORE = b"access-control-request-method"


class RequestIds:
    """An id for each request: the caller's where it is well-formed, else one of our own."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(6).encode()
        self._numbers = itertools.count()

    def of(self, named: Mapping[bytes, bytes]) -> bytes:
        given = named.get(b"x-request-id")
        if given is not None and _REQUEST_ID.fullmatch(given):
            return given
        return b"%b-%x" % (self._prefix, next(self._numbers))


class Edge:
    """Wraps the whole application."""

    def __init__(self, app: AsgiApp, policy: EdgePolicy | None = None, ids: RequestIds | None = None) -> None:
        self._app = app
        self._policy = policy or EdgePolicy()
        self._ids = ids or RequestIds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        named = scope["portal.named"] = named_headers(scope["headers"])
        request_id = self._ids.of(named)
        trace_id = _trace_id(named) or request_id.decode()
        origin = named.get(b"origin")
        scope["portal.trace_id"] = trace_id
        # Whoever has something to say on every answer to this request adds to them.
        headers = scope["portal.headers"] = [(b"x-request-id", request_id), *self._policy.always]
        if origin is not None:
            headers += self._policy.origins.get(origin, ())
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"
            # For who would otherwise send much for nothing.
            scope["portal.is_head"] = True

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _complete(message["headers"], headers)
            elif is_head:
                message["body"] = b""
            await send(message)

        if (code := _excess(scope, named)) is not None:
            await _refuse(code, trace_id, send_with_headers)
        elif origin in self._policy.origins and scope["method"] == "OPTIONS" and ASKS_BEFORE in named:
            await _answer(204, PREFLIGHT, b"", send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def _trace_id(named: Mapping[bytes, bytes]) -> str | None:
    """The caller's trace, where it names one well."""
    traceparent = named.get(b"traceparent")
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent is not None else None
    return match[1].decode() if match else None


def named_headers(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """A request's headers by name. Several of one name are one list (RFC 9110, 5.3).

    But not of Authorization, which is none: which of two counts must not be a guess, and makes both unusable.
    """
    named = dict(headers)
    if len(named) == len(headers):
        return named
    named.clear()
    for name, value in headers:
        named[name] = b"%b, %b" % (named[name], value) if name in named else value
    if sum(name == b"authorization" for name, _ in headers) > 1:
        named[b"authorization"] = b""
    return named


def _complete(own: Iterable[tuple[bytes, bytes]], headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """An answer's own headers and everybody's. Only a page brings a policy of its own."""
    for name, _ in own:
        if name == _OWN_POLICY:
            return [*own, *headers]
    return [*own, *headers, NO_PAGE]


def _excess(scope: Scope, named: Mapping[bytes, bytes]) -> str | None:
    """In what a request is larger than any of ours, if it is."""
    if len(scope["path"]) + len(scope["query_string"]) > TARGET_BYTES_MAX:
        return "target_too_long"
    if sum(map(len, named)) + sum(map(len, named.values())) > HEADER_BYTES_MAX:
        return "headers_too_large"
    return None


async def _refuse(code: str, trace_id: str, send: Send) -> None:
    problem = Problem(code, f"A request may have {TARGET_BYTES_MAX} bytes of target and {HEADER_BYTES_MAX} of headers.")
    body = problem.body(trace_id)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
    await _answer(problem.status, [*headers, (b"content-length", b"%d" % len(body))], body, send)


async def _answer(status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
