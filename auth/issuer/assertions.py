"""Clients that prove themselves by signing a JWT (private_key_jwt; RFC 7523, sections 2.2 and 3).

Authlib's own leaves the algorithm to the JWT, does not bound its lifetime and asks for replays from inside a
synchronous call; this one pins the first, bounds the second and awaits the third.
"""

import time
from collections.abc import Collection
from typing import Annotated, Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from auth.issuer.clients import StoredClient
from auth.issuer.statements import SQL
from auth.keys import VerificationKey, pick, verification_keys
from auth.pinned import PINNED
from projections.database import Database

LIFETIME_SECONDS_MAX: Final = 300
LEEWAY_SECONDS: Final = 30
_ASSERTION_CHARACTERS_MAX: Final = 8 * 1024

_NumericDate = Annotated[float, msgspec.Meta(ge=0, le=253_402_300_799)]
_Jti = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"\A[!-~]+\Z")]


class _Header(msgspec.Struct):
    alg: str
    kid: str | None = None
    crit: Any = msgspec.UNSET
    b64: Any = msgspec.UNSET


class _Claims(msgspec.Struct):
    iss: str
    sub: str
    aud: str | list[str]
    exp: _NumericDate
    jti: _Jti
    nbf: _NumericDate = 0.0
    iat: _NumericDate = 0.0


def named_client(assertion: str) -> str | None:
    """The client an assertion says it is from: whose keys to try. Nothing is proved by it."""
    try:
        return msgspec.json.decode(_segment(assertion, 1), type=_Claims).sub
    except (ValueError, RecursionError):
        return None


async def is_proof(database: Database, stored: StoredClient, assertion: str, audiences: Collection[str]) -> bool:
    """Whether a client signed this assertion for us, just now, and for the first time. Never raises for its content."""
    claims = _verified(stored, assertion)
    if claims is None or not _acceptable(claims, stored.client.client_id, audiences, time.time()):
        return False
    # Last, so that only the client itself can use its ids up.
    end = claims.exp + LEEWAY_SECONDS
    return await database.fetchval(SQL["spend_assertion"], claims.sub, claims.jti, end) is not None


def _verified(stored: StoredClient, assertion: str) -> _Claims | None:
    try:
        header = msgspec.json.decode(_segment(assertion, 0), type=_Header)
        key = _key(stored, header)
        if key is None:
            return None
        signed = jws.deserialize_compact(assertion.encode(), key.key, registry=PINNED)
        return msgspec.json.decode(signed.payload, type=_Claims)
    except (JoseError, ValueError, RecursionError):
        return None


def _key(stored: StoredClient, header: _Header) -> VerificationKey | None:
    """The client's key for this header. The key says the algorithm; the header may only agree."""
    key = pick(verification_keys(stored.jwks), header.kid)
    extended = header.crit is not msgspec.UNSET or header.b64 is not msgspec.UNSET
    return key if key is not None and header.alg == key.algorithm and not extended else None


def _acceptable(claims: _Claims, client_id: str, audiences: Collection[str], now: float) -> bool:
    # One audience only: an assertion that is for others too could be carried here by one of them.
    (audience, *others) = [claims.aud] if isinstance(claims.aud, str) else claims.aud or [""]
    return (
        claims.iss == claims.sub == client_id
        and audience in audiences
        and not others
        and now - LEEWAY_SECONDS < claims.exp <= now + LIFETIME_SECONDS_MAX + LEEWAY_SECONDS
        and max(claims.nbf, claims.iat) <= now + LEEWAY_SECONDS
    )


def _segment(assertion: str, number: int) -> bytes:
    parts = assertion.split(".")
    if len(assertion) > _ASSERTION_CHARACTERS_MAX or not assertion.isascii() or len(parts) != 3:  # noqa: PLR2004 - JWS compact
        raise ValueError("Not a JWS in compact form.")
    return urlsafe_b64decode(parts[number].encode())
