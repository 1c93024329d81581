"""Clients of what goes on and on, spoken to inside this process: a WebSocket and an event stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.fixtures_service import READ, Service
from tests.integration.waiting import until

WITHIN_SECONDS = 15


class Socket:
    """The client's end of a WebSocket."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        # Cleared, nothing that is sent is taken.
        self.takes = asyncio.Event()
        self.takes.set()

    async def send(self, message: dict[str, Any]) -> None:
        await self.takes.wait()
        await self.from_server.put(message)

    async def say(self, **message: Any) -> None:
        await self.to_server.put({"type": "websocket.receive", "text": json.dumps(message)})

    async def raw(self, text: str) -> None:
        await self.to_server.put({"type": "websocket.receive", "text": text})

    async def event(self) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN_SECONDS):
            return await self.from_server.get()

    async def heard(self) -> Any:
        """The next message."""
        event = await self.event()
        assert event["type"] == "websocket.send", event
        return json.loads(event["text"])

    async def result(self) -> Any:
        """The next result's data."""
        message = await self.heard()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def closed(self) -> tuple[int, str]:
        """With what the server closes, whatever it says before."""
        while (event := await self.event())["type"] != "websocket.close":
            pass
        return event["code"], event.get("reason", "")

    async def greet(self, headers: dict[str, str]) -> None:
        await self.say(type="connection_init", payload=headers)
        assert await self.heard() == {"type": "connection_ack"}

    async def subscribe(self, query: str, name: str = "1", **variables: Any) -> None:
        await self.say(type="subscribe", id=name, payload={"query": query, "variables": variables})


@asynccontextmanager
async def connected(
    service: Service, *, protocols=("graphql-transport-ws",), headers: dict[str, str] | None = None
) -> AsyncIterator[Socket]:
    """A WebSocket at /graphql, until the block ends."""
    socket = Socket()
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "subprotocols": list(protocols),
        "client": ("127.0.0.1", 1),
    }
    await socket.to_server.put({"type": "websocket.connect"})
    served = asyncio.create_task(service.portal(scope, socket.to_server.get, socket.send))
    try:
        yield socket
    finally:
        await socket.to_server.put({"type": "websocket.disconnect", "code": 1000})
        socket.takes.set()
        async with asyncio.timeout(WITHIN_SECONDS):
            await served


@asynccontextmanager
async def greeted(service: Service, tenant: str = "nordwind", scopes=READ, **client: Any) -> AsyncIterator[Socket]:
    """The same of a client of this tenant, acknowledged."""
    async with connected(service) as socket:
        accepted = await socket.event()
        assert accepted == {"type": "websocket.accept", "subprotocol": "graphql-transport-ws"}
        await socket.greet(await service.headers(tenant, scopes, **client))
        yield socket


async def listening(service: Service, count: int = 1) -> None:
    """Wait until so many listen: what changes from now on is heard."""

    async def listen() -> bool:
        return len({one for tail in service.portal._feed._tails.values() for one in tail.listeners}) >= count

    await until(listen)


async def subscribed(service: Service, socket: Socket, query: str, name: str = "1", **variables: Any) -> None:
    """Subscribe as the first who listens, and wait until it does."""
    await socket.subscribe(query, name, **variables)
    await listening(service)


class EventStream:
    """The client's end of an event stream: its status, its headers, and its events as they come."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.left = asyncio.Event()
        self.takes = asyncio.Event()
        self.takes.set()
        self._events: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue()

    async def send(self, message: dict[str, Any]) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        for event in filter(None, message["body"].decode().split("\n\n")):
            lines = dict(line.split(":", 1) for line in event.splitlines())
            if "event" in lines:
                told = lines["data"].strip()
                await self._events.put((lines["event"].strip(), json.loads(told) if told else None))
            elif lines != {"": ""}:
                await self._events.put((self.headers["content-type"], json.loads(event)))
        if not message.get("more_body"):
            await self._events.put(None)

    async def event(self) -> tuple[str, Any] | None:
        """The next event; None when the answer is at its end."""
        async with asyncio.timeout(WITHIN_SECONDS):
            return await self._events.get()


@asynccontextmanager
async def streamed(
    service: Service, query: str, headers: dict[str, str] | None = None, **variables: Any
) -> AsyncIterator[EventStream]:
    """What a POST that takes an event stream is answered, until the block ends."""
    stream, body = EventStream(), json.dumps({"query": query, "variables": variables}).encode()
    sent = {"accept": "text/event-stream", "content-type": "application/json", **(headers or {})}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
    }
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        if (message := next(messages, None)) is not None:
            return message
        await stream.left.wait()
        return {"type": "http.disconnect"}

    served = asyncio.create_task(service.portal(scope, receive, stream.send))
    try:
        yield stream
    finally:
        stream.left.set()
        stream.takes.set()
        async with asyncio.timeout(WITHIN_SECONDS):
            await served
