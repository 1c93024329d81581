"""Authlib's authorization server, answering as Litestar does."""

from collections.abc import Sequence
from typing import Any

from authlib.common.urls import add_params_to_uri  # type: ignore[import-untyped]  # Authlib ships no types
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]  # Authlib ships no types
    AuthorizationServer,
    InvalidClientError,
    OAuth2Error,
    UnsupportedGrantTypeError,
)
from litestar import Response

from auth.errors import REALM
from auth.issuer.access_tokens import AccessTokens, TokenRules
from auth.issuer.endpoints import Introspection, Revocation
from auth.issuer.exchange import CardExchange
from auth.issuer.grants import AuthorizationCode, ClientCredentials, Refresh, S256Only
from auth.issuer.held import Held
from auth.issuer.registered import BY_KEY, METHODS, OPENID, RegisteredClient
from auth.issuer.token_requests import TokenRequest
from auth.scopes import split

Answer = Response[dict[str, Any]]
SEE_OTHER = 303


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # its base has no types
    """Authlib's server for one request: it answers from what is held, and leaves there what is to be stored."""

    def __init__(self, rules: TokenRules, held: Held) -> None:
        super().__init__()
        self.held = held
        self.access_tokens = AccessTokens(rules, held)
        self._issuer = rules.issuer
        self._client = RegisteredClient(held.stored) if held.stored is not None else None
        self.register_token_generator("default", self.access_tokens)
        self.register_grant(ClientCredentials)
        self.register_grant(AuthorizationCode, [S256Only()])
        self.register_grant(Refresh)
        self.register_grant(CardExchange)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)
        self.register_client_auth_method(BY_KEY, self._by_key)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        client = self._client
        return client if client is not None and client.get_client_id() == client_id else None

    def authenticate(self, request: TokenRequest, endpoint: str) -> None:
        """Set the request's client, or raise Authlib's `InvalidClientError`."""
        request.client = self.authenticate_client(request, METHODS, endpoint)

    @property
    def granted_scope(self) -> str:
        """Of what the client asked for and may have, what the person has to give."""
        held = self.held
        if held.user is None or self._client is None or not self._client.stored.client.serves(held.user.tenant):
            return ""
        return " ".join(sorted(self._asked & {*held.user.scopes, OPENID}))

    def ask_for(self, scope: str | None) -> None:
        """What the client asked for at the authorization endpoint, once that was found good."""
        assert self._client is not None  # noqa: S101 - it was found good
        self._asked = split(self._client.get_allowed_scope(scope) or "")

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        return request

    def save_token(self, token: dict[str, Any], request: TokenRequest) -> None:
        """Stored when Authlib is done: see `auth.issuer.issuer`."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: dict[str, Any] | str, headers: Sequence[tuple[str, str]]) -> Answer:
        told = {**dict(headers), "Cache-Control": "no-store"}
        if "Location" not in told:
            return Response(
                body if isinstance(body, dict) else {}, status_code=status, headers=told, media_type="application/json"
            )
        # Which of several issuers has answered (RFC 9207); 303, because browsers repeat a form to a 307 or 308.
        told["Location"] = add_params_to_uri(told["Location"], [("iss", self._issuer)])
        return Response({}, status_code=SEE_OTHER, headers=told)

    def handle_error_response(self, request: object, error: OAuth2Error) -> Answer:
        """The error as RFC 6749, section 5.2 has it, without a word that helps to guess."""
        if isinstance(error, InvalidClientError):
            return self._refuse_client()
        if isinstance(error, UnsupportedGrantTypeError):
            # Authlib's description repeats what the client sent, which may hold characters the RFC forbids there.
            error = OAuth2Error("This grant type is not supported.", error="unsupported_grant_type")
        response: Answer = super().handle_error_response(request, error)
        return response

    def _by_key(self, query_client: object, request: TokenRequest) -> RegisteredClient | None:  # noqa: ARG002 - Authlib's call
        return self._client if self.held.has_proof else None

    def _refuse_client(self) -> Answer:
        # An unknown client, a disabled one and a wrong secret are told apart by Authlib's words: not by ours.
        _, body, headers = InvalidClientError("Client authentication failed.")()
        headers.append(("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"'))
        # Authlib would say 400 after a secret in the form; 401 is allowed there too, and demanded after Basic.
        return self.handle_response(401, body, headers)
