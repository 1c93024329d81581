"""Revocation (RFC 7009) and introspection (RFC 7662) on Authlib."""

from typing import Any

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]  # Authlib ships no types
    InvalidRequestError,
    TokenEndpoint,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint  # type: ignore[import-untyped]  # Authlib ships no types
from authlib.oauth2.rfc7662 import IntrospectionEndpoint  # type: ignore[import-untyped]  # Authlib ships no types

from auth.claims import Claims
from auth.issuer.access_tokens import tenancy_claims
from auth.issuer.held import Held, Presented
from auth.issuer.registered import RegisteredClient
from auth.issuer.token_requests import TokenRequest
from auth.issuer.users import subject_of


class Asked(TokenEndpoint):  # type: ignore[misc]  # its base has no types
    """What both have in common: the client and the token were looked at before."""

    def authenticate_endpoint_client(self, request: TokenRequest) -> RegisteredClient:
        client: RegisteredClient = request.client
        return client

    def check_params(self, request: TokenRequest, client: RegisteredClient) -> None:  # noqa: ARG002 - Authlib's call
        """A `token_type_hint` may be wrong (RFC 7009, section 2.1), so it is not looked at; Authlib would refuse it."""
        if "token" not in request.form:
            raise InvalidRequestError("The parameter token is missing.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> "PresentedToken | None":  # noqa: ARG002 - Authlib's call
        held: Held = self.server.held
        return PresentedToken(held.presented) if held.presented else None


class PresentedToken:
    """A token that counts, with the questions Authlib asks of it."""

    def __init__(self, presented: Presented) -> None:
        self.presented = presented

    def check_client(self, client: RegisteredClient) -> bool:
        return client.get_client_id() == self.presented.client_id

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


class Revocation(Asked, RevocationEndpoint):  # type: ignore[misc]  # its base has no types
    """A client gives a token back."""

    def revoke_token(self, token: PresentedToken, request: TokenRequest) -> None:  # noqa: ARG002 - Authlib's call
        self.server.held.is_to_revoke = True


class Introspection(Asked, IntrospectionEndpoint):  # type: ignore[misc]  # its base has no types
    """A client asks what a token is worth."""

    def check_permission(self, token: PresentedToken, client: RegisteredClient, request: TokenRequest) -> bool:  # noqa: ARG002 - Authlib's call
        """Its own tokens, and any for an operator: what a token opens is nobody else's business."""
        return token.check_client(client) or "ops:read" in client.stored.client.scopes

    def introspect_token(self, token: PresentedToken) -> dict[str, Any]:
        presented = token.presented
        if presented.access is not None:
            return _access(presented.access)
        assert presented.refresh is not None  # noqa: S101 - it is one of the two
        return {
            "active": True,
            "client_id": presented.client_id,
            "username": presented.refresh.username,
            "sub": subject_of(presented.refresh.username),
            "scope": presented.refresh.scope,
        }


def _access(claims: Claims) -> dict[str, Any]:
    told = {
        "active": True,
        "token_type": "Bearer",
        **{name: getattr(claims, name) for name in ("iss", "sub", "aud", "client_id", "scope", "jti")},
        "exp": int(claims.exp),
        "iat": int(claims.iat),
        **tenancy_claims(claims),
    }
    if claims.sources:
        told["sources"] = list(claims.sources)
    return told | {"card": claims.card} if claims.card else told
