"""What an issuer says of an opaque token (RFC 7662, section 2.2), judged as the claims of a JWT are. Pure."""

from typing import Any, Final

import msgspec

from auth.claims import Claims, judge, principal_of
from auth.errors import Unauthorized
from auth.principal import Principal

TRUSTED_SECONDS: Final = 1


class Active(msgspec.Struct, frozen=True):
    """The one member every answer has."""

    active: bool


def is_active(answer: bytes) -> bool:
    """Whether the issuer knows the token as good; ValueError when the answer is none of RFC 7662."""
    return msgspec.json.decode(answer, type=Active).active


def introspected_principal(answer: bytes, *, issuer: str, audience: str, now: float) -> Principal:
    """The bearer of an active token, to be believed for a second; `Unauthorized` when it is not for us.

    `aud` is demanded, though RFC 7662 does not: a token made for another service must not open this one.
    """
    try:
        said = msgspec.json.decode(answer, type=dict[str, Any])
        claims = msgspec.convert(_completed(said, issuer, now), Claims)
    except (ValueError, RecursionError) as error:
        raise Unauthorized("invalid_token", "What the issuer says of the token lacks a required member.") from error
    # Where issuers say that a token is a refresh token, which must not pass for an access token.
    kinds = (said.get("token_type", "Bearer"), said.get("token_use", "access_token"))
    if str(kinds[0]).lower() != "bearer" or kinds[1] not in ("access_token", "access"):
        raise Unauthorized("invalid_token", "The token is not an access token.")
    judge(claims, issuer=issuer, audience=audience, now=now, leeway_seconds=0)
    principal = principal_of(claims)
    return msgspec.structs.replace(principal, expires_at=min(principal.expires_at, int(now) + TRUSTED_SECONDS))


def _completed(said: dict[str, Any], issuer: str, now: float) -> dict[str, Any]:
    """The members with those filled in that the RFC leaves to the issuer, for it called the token active."""
    usual = {
        "iss": issuer,
        "exp": now + TRUSTED_SECONDS,
        "iat": 0,
        "sub": said.get("client_id"),
        "client_id": said.get("sub"),
    }
    return usual | {name: value for name, value in said.items() if value is not None}
