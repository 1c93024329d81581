"""GraphQL over WebSockets: the protocol graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import secrets
from contextlib import aclosing
from typing import Any, Final

import msgspec

from app.edge import Message, Receive, Scope, Send, named_headers
from app.graphql.requests import BODY_BYTES_MAX, Asked
from app.graphql.streams import Streams, refusals_of
from app.live.bearer import Bearer, LiveEndedError, first_of, taken, watch
from app.problems import Problem
from app.rest.access import require_account
from auth.addresses import client_address
from auth.errors import IssuerUnavailable, Unauthorized
from auth.limits.failures import Failures
from auth.tokens import TokenVerifier

PROTOCOL: Final = "graphql-transport-ws"
INIT_SECONDS: Final = 10.0
SEND_SECONDS: Final = 10.0
# To say why, to a client that may take something again.
FAREWELL_SECONDS: Final = 5.0
OPERATIONS_MAX: Final = 100
# By the protocol; those past 4429 are ours. Clients give up on 4400, 4401, 4406, 4409 and 4429, else they try again.
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_OURS, INIT_LATE = 4400, 4401, 4403, 4406, 4408
ID_TAKEN, INIT_AGAIN, SLOW = 4409, 4429, 4430
# RFC 6455's registry.
RESTARTING, TRY_LATER = 1012, 1013
_CODES: Final = {"RESTARTING": RESTARTING, "SLOW_CONSUMER": SLOW, "UNAVAILABLE": TRY_LATER}
_REASON_BYTES_MAX: Final = 123


class ClosedError(Exception):
    """The connection is to be closed with this; a code of None: it is closed."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(reason)
        self.code = code


class Said(msgspec.Struct, frozen=True):
    """A message of the client."""

    type: str
    id: str | None = None
    payload: Any = None


_SAID: Final = msgspec.json.Decoder(Said)


class Admission(msgspec.Struct, frozen=True):
    """From where a WebSocket may be opened: pages of these origins (none: no page), and addresses that do not guess."""

    origins: frozenset[bytes]
    failures: Failures | None
    proxies: int


class Sockets:
    """Answers WebSockets."""

    def __init__(self, streams: Streams, verifier: TokenVerifier, admission: Admission) -> None:
        self.streams = streams
        self.verifier = verifier
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        named = scope["portal.named"] = named_headers(scope["headers"])
        # What the edge gives to requests.
        scope["portal.trace_id"], scope["portal.headers"] = secrets.token_hex(16), []
        if named.get(b"origin", b"") not in self._admission.origins:
            # Before it is accepted this is a 403.
            await send({"type": "websocket.close", "code": FORBIDDEN})
            return
        spoken = PROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if spoken else None})
        if spoken:
            await Socket(self, scope, receive, send).run()
        else:
            await send({"type": "websocket.close", "code": NOT_OURS, "reason": "Subprotocol not acceptable"})

    async def bearer(self, authorization: bytes | None, scope: Scope) -> Bearer:
        """Who speaks. Raises ClosedError."""
        address, failures = client_address(scope, self._admission.proxies), self._admission.failures
        if failures and failures.wait_seconds(address):
            raise ClosedError(TRY_LATER, "Too many failures to prove who one is came from this address.")
        try:
            principal = await self.verifier.authenticate(authorization)
        except Unauthorized as error:
            if failures and error.code == "invalid_token":
                failures.count(address)
            raise ClosedError(FORBIDDEN, error.detail) from None
        except IssuerUnavailable:
            raise ClosedError(TRY_LATER, "Try again in a moment.") from None
        try:
            require_account(principal)
        except Problem as problem:
            raise ClosedError(FORBIDDEN, problem.detail) from None
        return Bearer(self.verifier, authorization or b"", principal)


class Socket:
    """One connection and its operations."""

    def __init__(self, sockets: Sockets, scope: Scope, receive: Receive, send: Send) -> None:
        self._sockets = sockets
        self._scope = scope
        self._receive = receive
        self._send = send
        self._bearer: asyncio.Future[Bearer] = asyncio.get_running_loop().create_future()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._was_greeted = False
        self._is_heard = True

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch())
                while True:
                    await self._take(await self._heard(), group)
        except* ClosedError as errors:
            closed = first_of(errors)
        except* LiveEndedError as errors:
            ended = first_of(errors)
            closed = ClosedError(_CODES.get(ended.code, FORBIDDEN), str(ended))
        if closed.code is not None:
            await self._close(closed.code, str(closed))

    async def _watch(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                bearer = await asyncio.shield(self._bearer)
        except TimeoutError:
            raise ClosedError(INIT_LATE, "Connection initialisation timeout") from None
        await watch(bearer, self._sockets.streams.feed, self._ping)

    async def _ping(self) -> None:
        if not self._is_heard:
            raise ClosedError(SLOW, "Slow consumer: no pong. Go on from your last cursor.")
        self._is_heard = False
        await self._say({"type": "ping"})

    async def _heard(self) -> Said:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise ClosedError(None)
        self._is_heard = True
        text = message.get("text")
        if text is None or len(text) > BODY_BYTES_MAX:
            raise ClosedError(BAD_REQUEST, f"A message is text of up to {BODY_BYTES_MAX} characters.")
        try:
            return _SAID.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise ClosedError(BAD_REQUEST, "Invalid message received") from None

    async def _take(self, said: Said, group: asyncio.TaskGroup) -> None:
        if said.type == "connection_init":
            await self._greet(said.payload)
        elif said.type == "ping":
            await self._say({"type": "pong"})
        elif said.type == "subscribe":
            await self._subscribe(said, group)
        elif said.type == "complete":
            if task := self._operations.pop(said.id or "", None):
                task.cancel()
        elif said.type != "pong":
            raise ClosedError(BAD_REQUEST, "Invalid message received")

    async def _greet(self, payload: object) -> None:
        if self._was_greeted:
            raise ClosedError(INIT_AGAIN, "Too many initialisation requests")
        self._was_greeted = True
        if payload is not None and not isinstance(payload, dict):
            raise ClosedError(BAD_REQUEST, "Invalid connection_init payload")
        # Pages of browsers cannot set headers of a WebSocket.
        given = {str(name).lower(): value for name, value in (payload or {}).items()}.get("authorization")
        header = self._scope["portal.named"].get(b"authorization") or None
        authorization = given.encode("utf-8", "replace") if isinstance(given, str) else header
        bearer = await self._sockets.bearer(authorization, self._scope)
        await self._say({"type": "connection_ack"})
        self._bearer.set_result(bearer)

    async def _subscribe(self, said: Said, group: asyncio.TaskGroup) -> None:
        if not self._bearer.done():
            raise ClosedError(UNAUTHORIZED, "Unauthorized")
        try:
            asked = msgspec.convert(said.payload, Asked)
        except msgspec.ValidationError:
            raise ClosedError(BAD_REQUEST, "Invalid message received") from None
        if not said.id:
            raise ClosedError(BAD_REQUEST, "Invalid message received")
        if said.id in self._operations:
            raise ClosedError(ID_TAKEN, f"Subscriber for {said.id} already exists"[:_REASON_BYTES_MAX])
        if len(self._operations) >= OPERATIONS_MAX:
            ended = LiveEndedError("TOO_MANY_SUBSCRIPTIONS", f"A connection may have {OPERATIONS_MAX} operations.")
            await self._refuse(said.id, ended)
            return
        self._operations[said.id] = group.create_task(self._answer(said.id, asked, self._bearer.result()))

    async def _answer(self, name: str, asked: Asked, bearer: Bearer) -> None:
        try:
            results = self._sockets.streams.results(asked, bearer, self._scope, counted=0)
            async with aclosing(results):
                async for result in results:
                    await self._say({"id": name, "type": "next", "payload": msgspec.Raw(result)})
        except (ClosedError, LiveEndedError):
            raise
        except Exception as error:  # noqa: BLE001 - each becomes the refusal it is, and the connection goes on
            self._operations.pop(name, None)
            await self._refuse(name, error)
        else:
            self._operations.pop(name, None)
            await self._say({"id": name, "type": "complete"})

    async def _refuse(self, name: str, error: Exception) -> None:
        await self._say({"id": name, "type": "error", "payload": refusals_of(error, self._scope)})

    async def _say(self, message: Message) -> None:
        text = msgspec.json.encode(message).decode()
        await taken(self._send({"type": "websocket.send", "text": text}), SEND_SECONDS)

    async def _close(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                shown = reason.encode()[:_REASON_BYTES_MAX].decode("utf-8", "ignore")
                await self._send({"type": "websocket.close", "code": code, "reason": shown})
        except TimeoutError:
            return
