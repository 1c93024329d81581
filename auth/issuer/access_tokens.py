"""The access tokens the embedded issuer signs: JWTs by RFC 9068, through Authlib."""

import functools
import time
from typing import Any, Final

import msgspec
from authlib.oauth2.rfc9068 import (  # type: ignore[import-untyped]  # Authlib ships no types
    JWTBearerTokenGenerator,
)
from joserfc.jwk import KeySet

from auth.claims import Claims, judge, read_claims
from auth.errors import Unauthorized
from auth.issuer.clients import Client
from auth.issuer.families import new_secret
from auth.issuer.held import Held
from auth.issuer.key_ring import KeyRing
from auth.issuer.registered import RegisteredClient
from auth.issuer.signed import payload_of
from auth.issuer.signing_key import ALGORITHM
from auth.issuer.users import User
from auth.principal import BILL_TO

CARD_SECONDS: Final = 900
TYP: Final = "at+jwt"


class TokenRules(msgspec.Struct, frozen=True):
    """What all tokens of an issuer have in common."""

    issuer: str
    audience: str
    keys: KeyRing
    lifetime_seconds: int


class AccessTokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # its base has no types
    """Makes the token response's fields for one request; `jti` and `exp` are those of the token it makes."""

    def __init__(self, rules: TokenRules, held: Held) -> None:
        self.jti = new_secret()
        # Without a lifetime of our own Authlib gives client_credentials ten days.
        super().__init__(
            issuer=rules.issuer,
            alg=ALGORITHM,
            refresh_token_generator=lambda **_: new_secret(),
            expires_generator=lambda *_: self.lifetime_seconds,
        )
        self._rules = rules
        self._held = held

    @functools.cached_property
    def lifetime_seconds(self) -> int:
        """A token made from another one does not outlive it."""
        if self._held.subject is None:
            return self._rules.lifetime_seconds
        return max(1, min(CARD_SECONDS, int(self._held.subject.exp - time.time())))

    @functools.cached_property
    def exp(self) -> int:
        return int(time.time()) + self.lifetime_seconds

    def get_jwks(self) -> KeySet:
        # A set of one: a bare key would leave `kid` out of the header, and of several a random one would sign.
        return KeySet([self._rules.keys.signer().key])

    def get_jti(self, client: RegisteredClient, grant_type: str, user: object, scope: str) -> str:  # noqa: ARG002 - Authlib's call
        return self.jti

    def get_audiences(self, client: RegisteredClient, user: object, scope: str) -> str:  # noqa: ARG002 - Authlib's call
        return self._rules.audience

    def get_extra_claims(
        self,
        client: RegisteredClient,
        grant_type: str,  # noqa: ARG002 - Authlib's call
        user: object,  # noqa: ARG002 - Authlib's call
        scope: str,  # noqa: ARG002 - Authlib's call
    ) -> dict[str, Any]:
        held = self._held
        own = client.stored.client
        claims = tenancy_claims(held.subject or held.user or own)
        if own.party_role != BILL_TO:
            # Whoever signs in through it sees no more than the client itself may be shown.
            claims["party_role"] = own.party_role
        return claims | {"card": held.card} if held.card else claims


def tenancy_claims(of: Client | User | Claims) -> dict[str, Any]:
    """Whose data the token opens, as which party, and whose voice it may speak with.

    What does not apply is left out, as is the `party_role` that a token has without saying so.
    """
    claims: dict[str, Any] = {}
    if of.tenant is not None:
        claims["tenant"] = of.tenant
    if of.accounts:
        claims["accounts"] = list(of.accounts)
    if of.party_role != BILL_TO:
        claims["party_role"] = of.party_role
    if isinstance(of, Client) and of.sources:
        claims["sources"] = list(of.sources)
    return claims


async def own_access_token(rules: TokenRules, token: str) -> Claims | None:
    """The claims of an access token of ours that has not expired; whether it was revoked is another question."""
    payload = await payload_of(rules.keys, TYP, token)
    if payload is None:
        return None
    try:
        claims = read_claims(payload)
        judge(claims, issuer=rules.issuer, audience=rules.audience, now=time.time(), leeway_seconds=0)
    except Unauthorized:
        return None
    return claims
