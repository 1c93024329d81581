"""Authlib's authorization server, answering as Litestar does."""

from collections.abc import Sequence
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]  # Authlib ships no types
    AuthorizationServer,
    InvalidClientError,
    OAuth2Error,
    UnsupportedGrantTypeError,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]  # Authlib ships no types
    ClientCredentialsGrant,
)
from litestar import Response

from auth.errors import REALM
from auth.issuer.access_tokens import AccessTokens
from auth.issuer.clients import StoredClient
from auth.issuer.registered import RegisteredClient
from auth.issuer.token_requests import TokenRequest


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # its base has no types
    """The grant for programs that act for themselves (RFC 6749, section 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = ["client_secret_basic", "client_secret_post"]


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # its base has no types
    """Authlib's server for one request.

    Authlib is synchronous and asyncpg is not, so whatever a request needs of the database is read before, and this
    object holds it: no threads, and nothing shared between requests.
    """

    def __init__(self, access_tokens: AccessTokens, stored: StoredClient | None) -> None:
        super().__init__()
        self._client = RegisteredClient(stored) if stored is not None else None
        self.register_grant(ClientCredentials)
        self.register_token_generator("client_credentials", access_tokens)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        client = self._client
        return client if client is not None and client.get_client_id() == client_id else None

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        return request

    def save_token(self, token: dict[str, Any], request: TokenRequest) -> None:
        """A JWT carries what it allows: nothing is stored."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def handle_response(
        self, status: int, body: dict[str, Any], headers: Sequence[tuple[str, str]]
    ) -> Response[dict[str, Any]]:
        return Response(body, status_code=status, headers=dict(headers), media_type="application/json")

    def handle_error_response(self, request: TokenRequest | None, error: OAuth2Error) -> Response[dict[str, Any]]:
        """The error as RFC 6749, section 5.2 has it, without a word that helps to guess."""
        if isinstance(error, InvalidClientError):
            return self._refuse_client()
        if isinstance(error, UnsupportedGrantTypeError):
            # Authlib's description repeats what the client sent, which may hold characters the RFC forbids there.
            error = OAuth2Error("Only client_credentials is supported.", error="unsupported_grant_type")
        response: Response[dict[str, Any]] = super().handle_error_response(request, error)
        return response

    def _refuse_client(self) -> Response[dict[str, Any]]:
        # An unknown client, a disabled one and a wrong secret are told apart by Authlib's words: not by ours.
        _, body, headers = InvalidClientError("Client authentication failed.")()
        headers.append(("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"'))
        # Authlib would say 400 after a secret in the form; 401 is allowed there too, and demanded after Basic.
        return self.handle_response(401, body, headers)
