"""The access tokens the embedded issuer signs: JWTs by RFC 9068, through Authlib."""

from typing import Any

from authlib.oauth2.rfc9068 import (  # type: ignore[import-untyped]  # Authlib ships no types
    JWTBearerTokenGenerator,
)
from joserfc.jwk import ECKey, KeySet

from auth.issuer.clients import Client
from auth.issuer.registered import RegisteredClient
from auth.issuer.signing_key import ALGORITHM


class AccessTokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # its base has no types
    """Makes the token response's fields for a client that has proved who it is."""

    def __init__(self, *, issuer: str, audience: str, signing_key: ECKey, lifetime_seconds: int) -> None:
        # Without a lifetime of our own Authlib gives client_credentials ten days.
        super().__init__(issuer=issuer, alg=ALGORITHM, expires_generator=lifetime_seconds)
        self._audience = audience
        # A set of one: a bare key would leave `kid` out of the header, and of several a random one would sign.
        self._signing_keys = KeySet([signing_key])

    def get_jwks(self) -> KeySet:
        return self._signing_keys

    def get_audiences(self, client: RegisteredClient, user: object, scope: str) -> str:  # noqa: ARG002 - Authlib's call
        return self._audience

    def get_extra_claims(
        self,
        client: RegisteredClient,
        grant_type: str,  # noqa: ARG002 - Authlib's call
        user: object,  # noqa: ARG002 - Authlib's call
        scope: str,  # noqa: ARG002 - Authlib's call
    ) -> dict[str, Any]:
        return tenancy_claims(client.stored.client)


def tenancy_claims(client: Client) -> dict[str, Any]:
    """Whose data the token opens, and whose voice it may speak with; what does not apply is left out."""
    claims: dict[str, Any] = {}
    if client.tenant is not None:
        claims["tenant"] = client.tenant
    if client.accounts:
        claims["accounts"] = list(client.accounts)
    if client.sources:
        claims["sources"] = list(client.sources)
    return claims
