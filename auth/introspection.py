"""Asking the issuer about opaque tokens (RFC 7662)."""

import asyncio
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from urllib.parse import quote_plus

import httpx
import structlog

from auth.discovery import ISSUER_FAILED, discover
from auth.errors import IssuerUnavailable, Unauthorized
from auth.introspected import TRUSTED_SECONDS, introspected_principal, is_active
from auth.principal import Principal

ASK_SECONDS: Final = 2.0
REFUSED_MAX: Final = 10_000
# RFC 6750, section 2.1: what is not spelt like this is no Bearer token, and no reason to ask.
_SPELLING: Final = re.compile(rb"[A-Za-z0-9\-._~+/]+=*")

_log = structlog.get_logger(__name__)


class Introspection:
    """The issuer's word on a token: asked once for all who wait for it, kept for a second at most.

    A good token is kept by `TokenVerifier`, by the `expires_at` of its principal; a bad one here, by its digest.
    """

    def __init__(
        self,
        issuer_url: str,
        http: httpx.AsyncClient,
        *,
        client_id: str,
        secret: str,
        audience: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer_url = issuer_url
        self._http = http
        # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
        self._credentials = httpx.BasicAuth(quote_plus(client_id), quote_plus(secret))
        self._audience = audience
        self._clock = clock
        self._endpoint: str | None = None
        self._asked: dict[bytes, asyncio.Task[Principal]] = {}
        self._refused: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    async def principal(self, token: bytes) -> Principal:
        """Whose token it is; `Unauthorized` when it is not active or not for us, `IssuerUnavailable` without answer."""
        if not _SPELLING.fullmatch(token):
            raise Unauthorized("invalid_token", "The token has characters that no token has.")
        digest = hashlib.sha256(token).digest()
        until, detail = self._refused.get(digest, (0.0, ""))
        if until > self._clock():
            raise Unauthorized("invalid_token", detail)
        asked = self._asked.get(digest)
        if asked is None:
            asked = self._asked[digest] = asyncio.create_task(self._ask(token, digest))
            asked.add_done_callback(lambda task: self._answered(digest, task))
        # Shielded: the request that happened to ask may go away while others wait for the answer.
        return await asyncio.shield(asked)

    def _answered(self, digest: bytes, task: asyncio.Task[Principal]) -> None:
        del self._asked[digest]
        if not task.cancelled():
            # Whoever asked may be gone: an exception that nobody fetched would be logged as lost.
            task.exception()

    async def _ask(self, token: bytes, digest: bytes) -> Principal:
        began_at = self._clock()
        try:
            async with asyncio.timeout(ASK_SECONDS):
                answer = await self._post(token)
            active = is_active(answer)
        except ISSUER_FAILED as error:
            self._endpoint = None
            _log.warning("issuer_introspection_unavailable", issuer=self._issuer_url, error=repr(error))
            raise IssuerUnavailable(f"{self._issuer_url} does not say whether the token is active.") from error
        try:
            if not active:
                raise Unauthorized("invalid_token", "The token is not active.")  # noqa: TRY301 - one way to refuse
            # Counted from before the question: a token may be revoked while the answer is on its way.
            return introspected_principal(answer, issuer=self._issuer_url, audience=self._audience, now=began_at)
        except Unauthorized as refusal:
            self._refuse(digest, began_at + TRUSTED_SECONDS, refusal.detail)
            raise

    async def _post(self, token: bytes) -> bytes:
        if self._endpoint is None:
            self._endpoint = (await discover(self._issuer_url, self._http)).introspection_endpoint
        if self._endpoint is None:
            raise ValueError("the metadata names no introspection_endpoint")
        form = {"token": token.decode("ascii"), "token_type_hint": "access_token"}
        response = await self._http.post(self._endpoint, data=form, auth=self._credentials, follow_redirects=False)
        response.raise_for_status()
        return response.content

    def _refuse(self, digest: bytes, until: float, detail: str) -> None:
        self._refused[digest] = until, detail
        self._refused.move_to_end(digest)
        if len(self._refused) > REFUSED_MAX:
            self._refused.popitem(last=False)
