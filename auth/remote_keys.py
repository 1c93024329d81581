"""The keys of any issuer with discovery, fetched when they are needed."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, Final

import httpx
import msgspec
import structlog

from auth.discovery import ISSUER_FAILED, discover, get_json
from auth.errors import IssuerUnavailable
from auth.keys import VerificationKey, Withdrawals, Withdrawn, pick, verification_keys
from projections.pausing import pause

FETCH_SECONDS: Final = 5.0
COOLDOWN_SECONDS: Final = 1.0
MAX_AGE_SECONDS: Final = 900.0
# A key that is known is not made to wait longer than this for a fresher set, nor more often than that.
PATIENCE_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 30.0
NEVER: Final = float("-inf")

_log = structlog.get_logger(__name__)


class _Jwks(msgspec.Struct):
    keys: list[dict[str, Any]]


class RemoteKeys:
    """The public keys of an issuer elsewhere.

    A key id not seen yet is never refused before the issuer was asked again, so that a rotation loses no request:
    not even one signed the moment the key came to be. However many requests wait, one fetch is under way, and
    fetches begin at least `cooldown_seconds` apart: forged key ids cost their senders that wait, and the issuer
    no more than one fetch in that time. A set older than `max_age_seconds` is fetched anew, so that a
    withdrawn key stops counting, by `watch` even when no token asks for a key; while the issuer is away, the keys
    last seen go on serving.
    """

    def __init__(
        self,
        issuer_url: str,
        http: httpx.AsyncClient,
        *,
        cooldown_seconds: float = COOLDOWN_SECONDS,
        max_age_seconds: float = MAX_AGE_SECONDS,
        watch_seconds: float = RETRY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer_url = issuer_url
        self._http = http
        self._cooldown_seconds = cooldown_seconds
        self._max_age_seconds = max_age_seconds
        self._watch_seconds = watch_seconds
        self._clock = clock
        self._by_kid: dict[str, VerificationKey] = {}
        self._began_at = NEVER
        self._fetched_at = NEVER
        self._fetch_failed = False
        self._fetch_under_way: asyncio.Task[None] | None = None
        self._withdrawals = Withdrawals()

    async def find(self, kid: str | None) -> VerificationKey | None:
        if kid is None and len(self._by_kid) > 1:
            return None
        key = pick(self._by_kid, kid)
        if key is None:
            return await self._find_new(kid)
        if self._is_to_refresh():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._fetched()
            return pick(self._by_kid, kid)
        return key

    def on_withdrawn(self, hear: Withdrawn) -> None:
        self._withdrawals.tell_also(hear)

    async def watch(self, stop: asyncio.Event) -> None:
        """Have no set in use grow old, until told to stop."""
        while not stop.is_set():
            if self._by_kid and self._is_to_refresh():
                await self._fetched()
            await pause(stop, self._watch_seconds)

    def _is_to_refresh(self) -> bool:
        now = self._clock()
        return now - self._fetched_at > self._max_age_seconds and now - self._began_at > RETRY_SECONDS

    async def _find_new(self, kid: str | None) -> VerificationKey | None:
        """The key by a set that was read after it was asked for."""
        asked_at = self._clock()
        while True:
            await self._fetched()
            key = pick(self._by_kid, kid)
            if key is not None:
                return key
            if self._fetch_failed:
                raise IssuerUnavailable(f"No signing keys could be read from {self._issuer_url}.")
            if self._began_at >= asked_at:
                return None

    async def _fetched(self) -> None:
        if self._fetch_under_way is None:
            self._fetch_under_way = asyncio.create_task(self._fetch())
        # Shielded: the request that happened to start the fetch may go away while others wait for it.
        await asyncio.shield(self._fetch_under_way)

    async def _fetch(self) -> None:
        try:
            await asyncio.sleep(self._began_at + self._cooldown_seconds - self._clock())
            self._began_at = self._clock()
            async with asyncio.timeout(FETCH_SECONDS):
                read = await self._read()
            before, self._by_kid = self._by_kid, read
            self._withdrawals.tell(before, read)
            self._fetched_at = self._clock()
            self._fetch_failed = False
        except ISSUER_FAILED as error:
            self._fetch_failed = True
            _log.warning("issuer_keys_unavailable", issuer=self._issuer_url, error=repr(error))
        finally:
            self._fetch_under_way = None

    async def _read(self) -> dict[str, VerificationKey]:
        metadata = await discover(self._issuer_url, self._http)
        if metadata.jwks_uri is None:
            raise ValueError("the metadata names no jwks_uri")
        return verification_keys((await get_json(self._http, metadata.jwks_uri, _Jwks)).keys)
