"""The outermost layer: what every answer has, whichever part gave it.

A request id in and out, one trace id, HEAD for every GET, headers that tell browsers what they may do with
it (`edge_policy`), and no request that is larger than any of ours.
"""

import itertools
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
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


class Edge:
    """Wraps the whole application."""

    def __init__(self, app: AsgiApp, policy: EdgePolicy | None = None) -> None:
        self._app = app
        self._policy = policy or EdgePolicy()
        self._prefix = secrets.token_hex(6)
        self._numbers = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, trace_id, origin, header_bytes = self._identify(scope)
        scope["portal.trace_id"] = trace_id
        # Whoever has something to say on every answer to this request adds to them.
        headers = scope["portal.headers"] = [(b"x-request-id", request_id), *self._policy.always]
        if origin is not None:
            headers += self._policy.origins[origin]
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message["headers"]
                message["headers"] = [*own, *headers] if _OWN_POLICY in dict(own) else [*own, *headers, NO_PAGE]
            elif is_head:
                message["body"] = b""
            await send(message)

        if len(scope["path"]) + len(scope["query_string"]) > TARGET_BYTES_MAX:
            await _refuse("target_too_long", trace_id, send_with_headers)
        elif header_bytes > HEADER_BYTES_MAX:
            await _refuse("headers_too_large", trace_id, send_with_headers)
        elif origin is not None and scope["method"] == "OPTIONS" and _asks_before(scope):
            await _answer(204, PREFLIGHT, b"", send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _identify(self, scope: Scope) -> tuple[bytes, str, bytes | None, int]:
        """The caller's ids where they are well-formed, else our own; its origin where that may call us; the bytes read.

        What it says of who it is, is noted for all who ask.
        """
        request_id = trace_id = origin = authorization = None
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                request_id = value
            elif name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value)):
                trace_id = match[1].decode()
            elif name == b"origin" and value in self._policy.origins:
                origin = value
            elif name == b"authorization":
                # Which of two counts must not be a guess: a second one makes both unusable.
                authorization = value if authorization is None else b""
        scope["portal.authorization"] = authorization
        if request_id is None:
            request_id = b"%s-%x" % (self._prefix.encode(), next(self._numbers))
        return request_id, trace_id or request_id.decode(), origin, size


def _asks_before(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])


async def _refuse(code: str, trace_id: str, send: Send) -> None:
    problem = Problem(code, f"A request may have {TARGET_BYTES_MAX} bytes of target and {HEADER_BYTES_MAX} of headers.")
    body = problem.body(trace_id)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
    await _answer(problem.status, [*headers, (b"content-length", b"%d" % len(body))], body, send)


async def _answer(status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
