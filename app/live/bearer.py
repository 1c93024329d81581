"""Who a long-lived connection speaks for, for as long as its token can be believed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from app.live.feed import ChangeFeed
from auth.errors import IssuerUnavailable, Unauthorized
from auth.principal import Principal
from auth.tokens import TokenVerifier
from projections.pausing import pause

CHECK_SECONDS: Final = 0.5
BEAT_SECONDS: Final = 15.0


class LiveEndedError(Exception):
    """A connection is ended by us; `code` is for programs, the message for people."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


E = TypeVar("E", bound=BaseException)
RESTARTING: Final = "RESTARTING"
STOPPING: Final = "This process stops. Connect again and go on from your last cursor."


class Bearer:
    """A token, and its principal as last verified."""

    def __init__(self, verifier: TokenVerifier, authorization: bytes, principal: Principal) -> None:
        self.principal = principal
        self._verifier = verifier
        self._authorization = authorization

    async def check(self) -> None:
        """Raise LiveEndedError once the token has expired, was revoked or means something else than before."""
        if self._verifier.cached(self._authorization) is self.principal:
            return
        try:
            principal = await self._verifier.authenticate(self._authorization)
        except Unauthorized as error:
            raise LiveEndedError(error.code.upper(), error.detail) from None
        except IssuerUnavailable:
            raise LiveEndedError("UNAVAILABLE", "Whether the token still holds cannot be told now.") from None
        if principal.expires_at <= time.time():
            # Verified anew it is given some leeway, which nothing that goes on needs.
            raise LiveEndedError("EXPIRED_TOKEN", "The token has expired.")
        if _rights(principal) != _rights(self.principal):
            raise LiveEndedError("INVALID_TOKEN", "The token allows something else than before.")
        self.principal = principal


async def watch(bearer: Bearer, feed: ChangeFeed, beat: Callable[[], Awaitable[None]]) -> None:
    """Go on for as long as a connection may, with a sign of life now and then. Raises LiveEndedError."""
    beat_at = time.monotonic() + BEAT_SECONDS
    while True:
        await pause(feed.closing, CHECK_SECONDS)
        if feed.closing.is_set():
            raise LiveEndedError(RESTARTING, STOPPING)
        await bearer.check()
        if time.monotonic() >= beat_at:
            beat_at += BEAT_SECONDS
            await beat()


def first_of(errors: BaseExceptionGroup[E]) -> E:
    """What a group of tasks was ended by first."""
    found = errors.exceptions[0]
    return first_of(found) if isinstance(found, BaseExceptionGroup) else found


async def taken(sending: Awaitable[None], within_seconds: float) -> None:
    """Wait until a client has taken what is sent. Raises LiveEndedError when it does not."""
    try:
        async with asyncio.timeout(within_seconds):
            await sending
    except TimeoutError:
        words = f"Slow consumer: nothing was taken for {within_seconds:g} s. Go on from your last cursor."
        raise LiveEndedError("SLOW_CONSUMER", words) from None


def _rights(principal: Principal) -> tuple[object, ...]:
    return principal.accounts, principal.scopes, principal.party_role, principal.card
