"""The grants on Authlib. Each answers from what was read beforehand: see `auth.issuer.held`."""

import re
from typing import Any, Final

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]  # Authlib ships no types
    InvalidRequestError,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]  # Authlib ships no types
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]  # Authlib ships no types

from auth.issuer.families import NewCode, RefreshToken, SpentCode, new_secret
from auth.issuer.held import Held
from auth.issuer.registered import RegisteredClient, Subject
from auth.issuer.token_requests import TokenRequest

# What SHA-256 comes to in base64url (RFC 7636, section 4.2).
_S256_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_\-]{43}")


class Authenticated:
    """The client was authenticated before, once for all grants and endpoints."""

    request: TokenRequest

    def authenticate_token_endpoint_client(self) -> RegisteredClient:
        client: RegisteredClient = self.request.client
        return client


class ClientCredentials(Authenticated, ClientCredentialsGrant):  # type: ignore[misc]  # its base has no types
    """The grant for programs that act for themselves (RFC 6749, section 4.4)."""


class S256Only(CodeChallenge):  # type: ignore[misc]  # its base has no types
    """PKCE (RFC 7636) for every client. Authlib allows `plain`, and takes it for granted when no method is named."""

    SUPPORTED_CODE_CHALLENGE_METHOD: Final = ["S256"]

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:  # noqa: ARG002 - Authlib's call
        asked = grant.request.payload.data
        if not _S256_CHALLENGE.fullmatch(asked.get("code_challenge", "")):
            raise InvalidRequestError("A code_challenge of method S256 is required.")
        if asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("The code_challenge_method must be S256.")


class AuthorizationCode(Authenticated, AuthorizationCodeGrant):  # type: ignore[misc]  # its base has no types
    """The grant for programs that act for a person who signs in (RFC 6749, section 4.1)."""

    @property
    def _held(self) -> Held:
        held: Held = self.server.held
        return held

    def generate_authorization_code(self) -> str:
        return new_secret()

    def save_authorization_code(self, code: str, request: Any) -> None:  # noqa: ANN401 - Authlib's request has no types
        asked = request.payload.data
        self._held.new_code = NewCode(
            code=code,
            client_id=request.client.get_client_id(),
            username=request.user.username,
            redirect_uri=asked["redirect_uri"],
            scope=self.server.granted_scope,
            code_challenge=asked["code_challenge"],
            nonce=asked.get("nonce"),
        )

    def query_authorization_code(self, code: str, client: RegisteredClient) -> SpentCode | None:  # noqa: ARG002 - Authlib's call
        return self._held.code if self._held.user else None

    def delete_authorization_code(self, authorization_code: SpentCode) -> None:
        """It was spent before anything else, in the same transaction."""

    def authenticate_user(self, authorization_code: SpentCode) -> Subject:  # noqa: ARG002 - Authlib's call
        return _subject(self._held)


class Refresh(Authenticated, RefreshTokenGrant):  # type: ignore[misc]  # its base has no types
    """The grant that goes on with a sign-in (RFC 6749, section 6); each refresh token is good once."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:  # noqa: ARG002 - Authlib's call
        held: Held = self.server.held
        return held.refresh_token if held.user else None

    def authenticate_user(self, refresh_token: RefreshToken) -> Subject:  # noqa: ARG002 - Authlib's call
        return _subject(self.server.held)

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        """It is spent when the new one is stored."""


def _subject(held: Held) -> Subject:
    assert held.user is not None  # noqa: S101 - without one there is no code and no refresh token either
    return Subject(held.user.subject)
