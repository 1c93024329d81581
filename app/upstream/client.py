"""A client of one upstream: GET with retries, a deadline and a breaker."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Self

import httpx
import msgspec

from app.upstream.breaker import Breaker
from app.upstream.errors import UpstreamAwayError, UpstreamGarbledError, UpstreamRefusedError
from app.upstream.policy import Policy, retry_after

OK, NOT_MODIFIED = 200, 304
# What may be otherwise a moment later (RFC 9110, 15.5.9, 15.6; RFC 6585, 4; RFC 8470).
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
TOO_MANY = 429


class Answer(msgspec.Struct, frozen=True):
    """An upstream's answer; a 304 has no body."""

    url: str
    status: int
    body: bytes = b""
    etag: str | None = None


class _Failure(msgspec.Struct, frozen=True):
    """Why a try brought no answer. `alive`: the upstream is well and only wants to be asked less."""

    problem: str
    wait_seconds: float | None = None
    alive: bool = False


class Upstream(AbstractAsyncContextManager["Upstream"]):
    """One upstream system under `base_url`. Keep it between questions: its breaker remembers.

    Redirects are not followed, proxies of the environment not used, and a body may have `policy.most_bytes`.
    """

    def __init__(
        self, base_url: str, *, policy: Policy | None = None, breaker: Breaker | None = None, token: str | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._policy = policy or Policy()
        self._breaker = breaker or Breaker()
        headers = {
            "Accept": "application/json",
            # What comes is counted as it comes: nothing small may unfold into something large.
            "Accept-Encoding": "identity",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        self._http = httpx.AsyncClient(
            headers=headers, timeout=self._policy.timeout_seconds, follow_redirects=False, trust_env=False
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, parameters: Mapping[str, str], *, etag: str | None = None) -> Answer:
        """The answer to a GET: 200 or, when `etag` still holds, 304.

        Raises UpstreamAwayError when it does not come in time, UpstreamRefusedError for any other status, and
        UpstreamGarbledError when it is too long.
        """
        request = self._http.build_request(
            "GET", self._base_url + path, params=dict(parameters), headers={"If-None-Match": etag} if etag else {}
        )
        url, deadline, attempt = str(request.url), time.monotonic() + self._policy.deadline_seconds, 1
        while True:
            if not self._breaker.allows():
                problem = f"not asked, it has failed too often; asked again in {self._breaker.wait_seconds:.1f} s"
                raise UpstreamAwayError(url, problem)
            tried = await self._try(request, deadline)
            if isinstance(tried, Answer):
                return tried
            wait_seconds = self._policy.backoff(attempt) if tried.wait_seconds is None else tried.wait_seconds
            if (
                attempt >= self._policy.attempts
                or wait_seconds > self._policy.most_wait_seconds
                or time.monotonic() + wait_seconds > deadline
            ):
                asked = f", and asks to wait {tried.wait_seconds:.0f} s" if tried.wait_seconds else ""
                raise UpstreamAwayError(url, f"{tried.problem}{asked} (attempt {attempt})")
            await asyncio.sleep(wait_seconds)
            attempt += 1

    async def _try(self, request: httpx.Request, deadline: float) -> Answer | _Failure:
        seconds = min(self._policy.timeout_seconds, max(0.0, deadline - time.monotonic()))
        try:
            # httpx bounds each read; this bounds them all, against an answer that drips.
            async with asyncio.timeout(seconds):
                tried = await self._ask(request)
        except TimeoutError:
            tried = _Failure(f"no answer within {seconds:.1f} s")
        except httpx.HTTPError as error:
            tried = _Failure(str(error) or type(error).__name__)
        if isinstance(tried, Answer) or tried.alive:
            self._breaker.succeeded()
        else:
            self._breaker.failed()
        return tried

    async def _ask(self, request: httpx.Request) -> Answer | _Failure:
        response = await self._http.send(request, stream=True)
        try:
            url, status = str(request.url), response.status_code
            if status in PASSING:
                wait_seconds = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
                return _Failure(f"status {status}", wait_seconds, alive=status == TOO_MANY)
            if status == NOT_MODIFIED and "If-None-Match" in request.headers:
                return Answer(url, status)
            if status != OK:
                self._breaker.succeeded()
                where = f" to {response.headers['Location']}, not followed" if response.has_redirect_location else ""
                raise UpstreamRefusedError(url, status, f"status {status}{where}")
            return Answer(url, status, await self._body(response, url), response.headers.get("ETag"))
        finally:
            await response.aclose()

    async def _body(self, response: httpx.Response, url: str) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._policy.most_bytes:
                self._breaker.succeeded()
                raise UpstreamGarbledError(url, f"longer than {self._policy.most_bytes} bytes")
        return bytes(body)
