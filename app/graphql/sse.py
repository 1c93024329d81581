"""GraphQL over Server-Sent Events: one operation a request (graphql-sse, distinct connections mode)."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Final

import msgspec

from app.edge import Receive, Scope, Send
from app.graphql.requests import Asked
from app.graphql.streams import Streams, refusals_of
from app.live.bearer import RESTARTING, Bearer, LiveEndedError, first_of, taken, watch

EVENT_STREAM: Final = "text/event-stream"
SEND_SECONDS: Final = 10.0
# To say why, to a client that may take something again.
FAREWELL_SECONDS: Final = 5.0
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Authorization, Accept"),
    # Proxies that gather answers before they pass them on are told not to.
    (b"x-accel-buffering", b"no"),
]
_COMPLETE: Final = b"event: complete\ndata:\n\n"


class _LeftError(Exception):
    """The client is gone."""


def is_wanted(named: Mapping[bytes, bytes]) -> bool:
    """Whether a request asks for a stream of events."""
    return EVENT_STREAM in named.get(b"accept", b"").decode("latin-1").lower()


class EventStream:
    """One operation's results, sent as events."""

    def __init__(self, streams: Streams, scope: Scope, receive: Receive, send: Send) -> None:
        self._streams = streams
        self._scope = scope
        self._receive = receive
        self._send = send

    async def run(self, asked: Asked, bearer: Bearer) -> None:
        """Answer, until there is no more to say, the client is gone, or the token does not hold."""
        await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        last: bytes | None = _COMPLETE
        try:
            async with asyncio.TaskGroup() as group:
                beside = [
                    group.create_task(self._disconnected()),
                    group.create_task(watch(bearer, self._streams.feed, lambda: self._write(b":\n\n"))),
                ]
                # So that proxies and clients know at once that it goes on.
                await self._write(b":\n\n")
                await self._results(asked, bearer)
                for one in beside:
                    one.cancel()
        except* _LeftError:
            last = None
        except* LiveEndedError as ended:
            error = first_of(ended)
            # Broken off, clients connect again by themselves; complete is complete.
            last = b"" if error.code == RESTARTING else self._refusal(error) + _COMPLETE
        if last is not None:
            await self._finish(last)

    async def _results(self, asked: Asked, bearer: Bearer) -> None:
        try:
            async with aclosing(self._streams.results(asked, bearer, self._scope, counted=1)) as results:
                async for result in results:
                    await self._write(_event(result))
        except LiveEndedError:
            raise
        except Exception as error:  # noqa: BLE001 - each becomes the refusal it is, as in an answer of one piece
            await self._write(self._refusal(error))

    def _refusal(self, error: Exception) -> bytes:
        return _event(msgspec.json.encode({"errors": refusals_of(error, self._scope)}))

    async def _write(self, text: bytes) -> None:
        await taken(self._send({"type": "http.response.body", "body": text, "more_body": True}), SEND_SECONDS)

    async def _finish(self, text: bytes) -> None:
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._send({"type": "http.response.body", "body": text, "more_body": False})
        except TimeoutError:
            return

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        raise _LeftError


def _event(result: bytes) -> bytes:
    return b"event: next\ndata: %b\n\n" % result
