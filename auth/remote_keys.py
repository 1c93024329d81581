"""The keys of any issuer with discovery (RFC 8414, OpenID Connect Discovery), fetched when they are needed."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import httpx
import msgspec
import structlog
from authlib.oauth2.rfc8414 import get_well_known_url  # type: ignore[import-untyped]  # Authlib ships no types

from auth.errors import KeysUnavailable
from auth.keys import VerificationKey, pick, verification_keys

FETCH_TIMEOUT_SECONDS: Final = 5.0
COOLDOWN_SECONDS: Final = 10.0
MAX_AGE_SECONDS: Final = 900.0

_Shape = TypeVar("_Shape")

_log = structlog.get_logger(__name__)


class _Metadata(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _Jwks(msgspec.Struct):
    keys: list[dict[str, Any]]


class RemoteKeys:
    """The public keys of an issuer elsewhere.

    Keys are fetched on first use, when a token names a key not seen yet (rotation), and when the set is older
    than `max_age_seconds` (so that a withdrawn key stops counting). However many requests wait, one fetch
    is under way, and forged key ids cannot cause more than one per `cooldown_seconds`. While the issuer is
    away, the keys last seen go on serving.
    """

    def __init__(
        self,
        issuer_url: str,
        http: httpx.AsyncClient,
        *,
        cooldown_seconds: float = COOLDOWN_SECONDS,
        max_age_seconds: float = MAX_AGE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer_url = issuer_url
        self._http = http
        self._cooldown_seconds = cooldown_seconds
        self._max_age_seconds = max_age_seconds
        self._clock = clock
        self._by_kid: dict[str, VerificationKey] = {}
        self._attempted_at = float("-inf")
        self._fetched_at = float("-inf")
        self._fetch_under_way: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> VerificationKey | None:
        key = pick(self._by_kid, kid)
        if key is None or self._clock() - self._fetched_at > self._max_age_seconds:
            await self._refresh()
            key = pick(self._by_kid, kid)
        if not self._by_kid:
            message = f"No signing keys could be read from {self._issuer_url}."
            raise KeysUnavailable(message)
        return key

    async def _refresh(self) -> None:
        if self._fetch_under_way is None:
            if self._clock() - self._attempted_at < self._cooldown_seconds:
                return
            self._attempted_at = self._clock()
            self._fetch_under_way = asyncio.create_task(self._fetch())
        # Shielded: the request that happened to start the fetch may go away while others wait for it.
        await asyncio.shield(self._fetch_under_way)

    async def _fetch(self) -> None:
        try:
            jwks = await self._get(await self._jwks_uri(), _Jwks)
            self._by_kid = verification_keys(jwks.keys)
            self._fetched_at = self._clock()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            _log.warning("issuer_keys_unavailable", issuer=self._issuer_url, error=repr(error))
        finally:
            self._fetch_under_way = None

    async def _jwks_uri(self) -> str:
        try:
            metadata = await self._get(f"{self._issuer_url.rstrip('/')}/.well-known/openid-configuration", _Metadata)
        except httpx.HTTPStatusError:
            metadata = await self._get(get_well_known_url(self._issuer_url, external=True), _Metadata)
        # RFC 8414, section 3.3: otherwise one issuer could vouch for the tokens of another.
        if metadata.issuer != self._issuer_url:
            message = f"the metadata is of another issuer, {metadata.issuer!r}"
            raise ValueError(message)
        if self._issuer_url.startswith("https://") and not metadata.jwks_uri.startswith("https://"):
            message = f"jwks_uri is not https: {metadata.jwks_uri!r}"
            raise ValueError(message)
        return metadata.jwks_uri

    async def _get(self, url: str, shape: type[_Shape]) -> _Shape:
        response = await self._http.get(url, timeout=FETCH_TIMEOUT_SECONDS, follow_redirects=False)
        response.raise_for_status()
        return msgspec.json.decode(response.content, type=shape)
