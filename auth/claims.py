"""The header and claims of a JWT access token (RFC 9068), typed and checked. Pure."""

from typing import Annotated, Any

import msgspec

from auth.errors import Unauthorized
from auth.principal import CardSubject, PartyRole, Principal, SourcePrefix, TenantName
from auth.scopes import split

# To the end of the year 9999: beyond it no clock of ours can compare.
NumericDate = Annotated[float, msgspec.Meta(ge=0, le=253_402_300_799)]
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Header(msgspec.Struct, frozen=True):
    """The parts of a JOSE header we act on.

    `jku`, `jwk`, `x5u` and `x5c` are left out on purpose: a key the token brings along proves nothing. `crit` and
    `b64` are kept only to refuse them, since no extension is understood here (RFC 7515, section 4.1.11; RFC 7797).
    """

    alg: str
    typ: str | None = None
    kid: str | None = None
    crit: Any = msgspec.UNSET
    b64: Any = msgspec.UNSET


class Claims(msgspec.Struct, frozen=True):
    """The claims of RFC 9068, section 2.2, and our own `tenant`, `accounts`, `party_role`, `sources` and `card`.

    `jti` may be missing, because several issuers leave it out: such a token can only be revoked with its holder.
    """

    iss: str
    aud: str | tuple[str, ...]
    exp: NumericDate
    iat: NumericDate
    sub: Identifier
    client_id: Identifier
    nbf: NumericDate = 0.0
    scope: str = ""
    jti: Identifier | None = None
    tenant: TenantName | None = None
    accounts: tuple[TenantName, ...] = ()
    sources: tuple[SourcePrefix, ...] = ()
    party_role: PartyRole = "bill_to"
    card: CardSubject | None = None


_header_decoder = msgspec.json.Decoder(Header)
_claims_decoder = msgspec.json.Decoder(Claims)


def read_header(segment: bytes) -> Header:
    """The header, when it is one that an access token may have."""
    try:
        header = _header_decoder.decode(segment)
    except (ValueError, RecursionError) as error:
        raise Unauthorized("invalid_token", "The token header is malformed.") from error
    if header.crit is not msgspec.UNSET or header.b64 is not msgspec.UNSET:
        raise Unauthorized("invalid_token", "The token asks for an extension that is not supported.")
    # RFC 9068, section 4: without this an ID token of the same issuer would pass for an access token.
    if (header.typ or "").lower() not in ("at+jwt", "application/at+jwt"):
        raise Unauthorized("invalid_token", "The token is not an access token: typ must be at+jwt.")
    return header


def read_claims(payload: bytes) -> Claims:
    """The claims of a token whose signature has been proved; not yet judged."""
    try:
        return _claims_decoder.decode(payload)
    except (ValueError, RecursionError) as error:
        raise Unauthorized("invalid_token", "The token lacks a required claim or has one of the wrong type.") from error


def judge(claims: Claims, *, issuer: str, audience: str, now: float, leeway_seconds: int) -> None:
    """Raise `Unauthorized` unless the token is from this issuer, for this audience, and valid at this time."""
    if claims.iss != issuer:
        raise Unauthorized("invalid_token", "The token is from another issuer.")
    audiences = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    if audience not in audiences:
        raise Unauthorized("invalid_token", "The token is for another audience.")
    if claims.exp + leeway_seconds <= now:
        raise Unauthorized("expired_token", "The token has expired.")
    if max(claims.nbf, claims.iat) - leeway_seconds > now:
        raise Unauthorized("invalid_token", "The token is not valid yet.")


def principal_of(claims: Claims, *, key_id: str = "") -> Principal:
    """The bearer that the claims describe, which this key has proved.

    A `tenant` that is not one of the `accounts` is refused: which of the two to believe is no guess to make.
    """
    accounts = tuple(dict.fromkeys(claims.accounts))
    if claims.tenant is not None:
        if accounts and claims.tenant not in accounts:
            raise Unauthorized("invalid_token", "The tenant of the token is not one of its accounts.")
        accounts = tuple(dict.fromkeys((claims.tenant, *accounts)))
    return Principal(
        subject=claims.sub,
        client_id=claims.client_id,
        tenant=accounts[0] if accounts else None,
        accounts=accounts,
        scopes=split(claims.scope),
        expires_at=int(claims.exp),
        sources=claims.sources,
        party_role=claims.party_role,
        card=claims.card,
        token_id=claims.jti or "",
        issued_at=claims.iat,
        key_id=key_id,
    )
