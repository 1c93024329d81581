"""What ties the form somebody sends to the page that same browser was shown.

The page carries the authorization request, signed by us and good for some minutes; the browser carries a cookie whose
digest is in it. A form that another site sends in somebody's name has no such pair. Nothing is stored for a page that
is only looked at.
"""

import hashlib
import hmac
import re
import secrets
import time
from typing import Final

import msgspec

from auth.issuer.key_ring import KeyRing
from auth.issuer.signed import payload_of, sign

LIFETIME_SECONDS: Final = 900
TYP: Final = "login+jwt"
_COOKIE_VALUE: Final = re.compile(r"[A-Za-z0-9_\-]{43}")


class LoginTransaction(msgspec.Struct):
    """An authorization request that waits for its person; `browser` is the digest of the cookie."""

    parameters: dict[str, str]
    browser: str
    exp: float


class LoginTransactions:
    """Makes and reads them, for a service under this public address."""

    def __init__(self, keys: KeyRing, *, secure: bool) -> None:
        self._keys = keys
        self._secure = secure
        # With the prefix no neighbour on another port or subdomain can set it (RFC 6265bis, section 4.1.3.2).
        self._cookie = "__Host-portal-login" if secure else "portal-login"

    def browser_of(self, cookie_header: str) -> str | None:
        """The value of our cookie, when it is there and once."""
        found = [
            value
            for name, _, value in (part.strip().partition("=") for part in cookie_header.split(";"))
            if name == self._cookie and _COOKIE_VALUE.fullmatch(value)
        ]
        return found[0] if len(found) == 1 else None

    def begin(self, parameters: dict[str, str], browser: str | None) -> tuple[str, str]:
        """The transaction to put in the page, and the Set-Cookie header to send with it.

        A browser that has a cookie keeps it, so that pages in several tabs all work.
        """
        browser = browser or secrets.token_urlsafe(32)
        transaction = LoginTransaction(parameters, _digest(browser), time.time() + LIFETIME_SECONDS)
        attributes = f"Path=/; Max-Age={LIFETIME_SECONDS}; HttpOnly; SameSite=Lax{'; Secure' if self._secure else ''}"
        return sign(self._keys, TYP, transaction), f"{self._cookie}={browser}; {attributes}"

    async def read(self, token: str, browser: str | None) -> dict[str, str] | None:
        """The authorization request that this browser was shown the page of; None when it was not, or too long ago."""
        payload = await payload_of(self._keys, TYP, token)
        if payload is None or browser is None:
            return None
        transaction = msgspec.json.decode(payload, type=LoginTransaction)
        if transaction.exp < time.time() or not hmac.compare_digest(transaction.browser, _digest(browser)):
            return None
        return transaction.parameters


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
