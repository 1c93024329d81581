"""The outermost layer: what every answer has, whichever part gave it.

A request id in and out, one trace id, HEAD for every GET, and headers that tell browsers not to guess.
"""

import itertools
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._\-]{1,128}")
# W3C Trace Context, 3.2: version-traceid-parentid-flags.
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_ALWAYS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]


class Edge:
    """Wraps the whole application."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._prefix = secrets.token_hex(6)
        self._numbers = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, trace_id = self._identify(scope)
        scope["portal.trace_id"] = trace_id
        # Whoever has something to say on every answer to this request adds to them.
        headers = scope["portal.headers"] = [(b"x-request-id", request_id), *_ALWAYS]
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            elif is_head:
                message["body"] = b""
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _identify(self, scope: Scope) -> tuple[bytes, str]:
        """The caller's ids where they are well-formed, else our own; and what it says of who it is."""
        request_id = trace_id = authorization = None
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                request_id = value
            elif name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value)):
                trace_id = match[1].decode()
            elif name == b"authorization":
                # Which of two counts must not be a guess: a second one makes both unusable.
                authorization = value if authorization is None else b""
        scope["portal.authorization"] = authorization
        if request_id is None:
            request_id = b"%s-%x" % (self._prefix.encode(), next(self._numbers))
        return request_id, trace_id or request_id.decode()
