"""Requests and answers, whole: every byte that goes out and every byte that comes back."""

import asyncio
from typing import Self

import httpx
import msgspec

# The same for all, so that answers can be compared byte for byte: it comes back as trace id.
REQUEST_ID = "isolation-proof"
AT_ONCE = 8
_PATIENCE_SECONDS = 120.0
_TOO_MANY = 429


class Request(msgspec.Struct, frozen=True):
    """A request without its bearer. `target` goes out as it is written, nothing is normalised."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def text(self) -> bytes:
        """All that an answer may repeat without having told anything."""
        lines = [f"{self.method} {self.target}", *(f"{name}: {value}" for name, value in self.headers)]
        return "\n".join(lines).encode() + b"\n\n" + (self.body or b"")

    def with_header(self, name: str, value: str) -> Self:
        return msgspec.structs.replace(self, headers=(*self.headers, (name, value)))


class Answer(msgspec.Struct, frozen=True):
    status: int
    reason: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def is_good(self) -> bool:
        return httpx.codes.is_success(self.status)

    def header(self, name: bytes) -> str | None:
        return next((value.decode("latin-1") for one, value in self.headers if one == name), None)

    def text(self) -> bytes:
        """Status line, headers and body."""
        head = [b"%d %b" % (self.status, self.reason), *(b"%b: %b" % pair for pair in self.headers)]
        return b"\n".join(head) + b"\n\n" + self.body


class Exchange:
    """Sends a bounded number of requests at once, and waits when the service says that they are too many."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.sent = 0

    async def send(self, request: Request, authorization: str | None = None) -> Answer:
        """What is answered. Raises httpx.HTTPError when nothing is, or a limit of requests is never lifted."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                async with self._slots:
                    answer = await self._once(request, authorization)
                if answer.status != _TOO_MANY:
                    return answer
                await asyncio.sleep(_seconds(answer.header(b"retry-after")))

    async def _once(self, request: Request, authorization: str | None) -> Answer:
        self.sent += 1
        base = self._http.base_url
        is_whole = request.target.startswith("http")
        # `raw_path` is sent as given: tricks with slashes, dots and percent signs arrive as tricks.
        url = httpx.URL(request.target) if is_whole else base.copy_with(raw_path=request.target.encode())
        headers = [("X-Request-ID", REQUEST_ID), *request.headers]
        if authorization:
            headers.append(("Authorization", authorization))
        answer = await self._sent(self._http.build_request(request.method, url, headers=headers, content=request.body))
        reason = answer.extensions.get("reason_phrase", b"")
        return Answer(answer.status_code, reason, tuple(answer.headers.raw), answer.content)

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        """The answer, over another connection where the one taken was just being closed.

        A server may close a kept connection at any time, say after it refused a body unread (RFC 9112, 9.3 and 9.6).
        Whatever is sent here may be sent twice: it reads, is refused, or is an event known by its id.
        """
        for _ in range(AT_ONCE):
            try:
                return await self._http.send(request)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                continue
        return await self._http.send(request)


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdigit() else 1.0
