"""Misbehaviour on request: an ASGI layer that spoils answers as it is told."""

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


FaultKind: TypeAlias = Literal[
    "slow",
    "error",
    "too_many",
    "too_many_until",
    "gone",
    "redirect",
    "not_json",
    "wrong_json",
    "truncated",
    "cut",
    "loop",
]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do wrong, to which paths, and how often: the next `times` requests, or each with a `probability`.

    | kind | does |
    |---|---|
    | `slow` | answers after `seconds` |
    | `error` | 500 |
    | `too_many`, `too_many_until` | 429, with Retry-After in `seconds`, or as the date so many seconds ahead |
    | `gone` | 410, to requests with a cursor |
    | `redirect` | 302 |
    | `not_json`, `wrong_json` | 200 with a page of HTML, with JSON of another shape |
    | `truncated` | half the body, and a Content-Length that says so |
    | `cut` | half the body under the whole one's Content-Length, then the connection ends |
    | `loop` | whatever the page, a `next_cursor` that leads to the same again |
    """

    kind: FaultKind
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 1
    path: str = "/"


class Asked(msgspec.Struct, frozen=True):
    """A request as it came."""

    path: str
    query: str
    headers: dict[str, str]


class Spoilt(msgspec.Struct):
    """An answer on its way out; with `cut`, only so many bytes of it get there."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    cut: int | None = None


class ConnectionCut(Exception):  # noqa: N818 - raised to make the server hang up
    """The server ends a connection whose application raises in the middle of an answer."""


class Faults:
    """Wraps the application; everything under /control is left alone."""

    def __init__(self, app: Asgi, seed: int = 1) -> None:
        self._app = app
        self._chance = random.Random(seed)
        self._faults: list[tuple[Fault, int | None]] = []
        self.asked: list[Asked] = []

    def add(self, fault: Fault) -> None:
        self._faults.append((fault, fault.times))

    def reset(self) -> None:
        self._faults.clear()
        self.asked.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/control"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.asked.append(Asked(scope["path"], scope["query_string"].decode("latin-1"), headers))
        fault = self._next(scope)
        if fault is None or fault.kind == "slow":
            await asyncio.sleep(fault.seconds if fault else 0)
            await self._app(scope, receive, send)
            return
        answer = await self._answer(scope, receive)
        _SPOILERS[fault.kind](answer, fault)
        await _send(answer, send)

    def _next(self, scope: Scope) -> Fault | None:
        """The fault of this request, the first told that applies."""
        for index, (fault, left) in enumerate(self._faults):
            applies = scope["path"].startswith(fault.path) and (
                fault.kind != "gone" or b"cursor=" in scope["query_string"]
            )
            if not applies or (fault.probability is not None and self._chance.random() >= fault.probability):
                continue
            if left == 1:
                del self._faults[index]
            elif left is not None:
                self._faults[index] = (fault, left - 1)
            return fault
        return None

    async def _answer(self, scope: Scope, receive: Receive) -> Spoilt:
        answer = Spoilt(200, [], b"")

        async def keep(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message["headers"])
            else:
                answer.body += message.get("body", b"")

        await self._app(scope, receive, keep)
        return answer


async def _send(answer: Spoilt, send: Send) -> None:
    kept = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    headers = [*kept, (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.cut is None:
        await send({"type": "http.response.body", "body": answer.body})
        return
    await send({"type": "http.response.body", "body": answer.body[: answer.cut], "more_body": True})
    raise ConnectionCut


def _status(status: int, *headers: tuple[bytes, bytes]) -> Callable[[Spoilt, Fault], None]:
    def spoil(answer: Spoilt, _: Fault) -> None:
        answer.status, answer.headers, answer.body = status, list(headers), b"{}"

    return spoil


def _too_many(answer: Spoilt, fault: Fault) -> None:
    wait = f"{fault.seconds:.0f}"
    if fault.kind == "too_many_until":
        wait = format_datetime(datetime.now(UTC) + timedelta(seconds=fault.seconds), usegmt=True)
    _status(429, (b"retry-after", wait.encode()))(answer, fault)


def _body(body: bytes) -> Callable[[Spoilt, Fault], None]:
    def spoil(answer: Spoilt, _: Fault) -> None:
        answer.body = body

    return spoil


def _truncated(answer: Spoilt, _: Fault) -> None:
    answer.body = answer.body[: len(answer.body) // 2]


def _cut(answer: Spoilt, _: Fault) -> None:
    answer.cut = len(answer.body) // 2


def _loop(answer: Spoilt, _: Fault) -> None:
    page = msgspec.json.decode(answer.body)
    answer.body = msgspec.json.encode(page | {"next_cursor": "0"})


_SPOILERS: dict[str, Callable[[Spoilt, Fault], None]] = {
    "error": _status(500),
    "too_many": _too_many,
    "too_many_until": _too_many,
    "gone": _status(410),
    "redirect": _status(302, (b"location", b"/elsewhere")),
    "not_json": _body(b"<html>The system is being maintained.</html>"),
    "wrong_json": _body(b'{"invoices": []}'),
    "truncated": _truncated,
    "cut": _cut,
    "loop": _loop,
}
