"""A stored client, and a person, as Authlib wants to see them."""

from typing import Final

from authlib.oauth2.rfc6749 import ClientMixin  # type: ignore[import-untyped]  # Authlib ships no types

from auth.issuer.clients import StoredClient
from auth.scopes import split

CLIENT_CREDENTIALS: Final = "client_credentials"
AUTHORIZATION_CODE: Final = "authorization_code"
REFRESH_TOKEN: Final = "refresh_token"  # noqa: S105 - the grant's name
TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - the grant's name
GRANTS: Final = (CLIENT_CREDENTIALS, AUTHORIZATION_CODE, REFRESH_TOKEN, TOKEN_EXCHANGE)

BY_SECRET: Final = ("client_secret_basic", "client_secret_post")
BY_KEY: Final = "private_key_jwt"
BY_NOTHING: Final = "none"
METHODS: Final = (BY_KEY, *BY_SECRET, BY_NOTHING)
CONFIDENTIAL_METHODS: Final = (BY_KEY, *BY_SECRET)

# A scope of OpenID Connect, not of our API: it opens nothing, it asks for an ID token.
OPENID: Final = "openid"


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # its base has no types
    """Answers Authlib's questions from a client read beforehand, so that Authlib never waits for the database."""

    def __init__(self, stored: StoredClient) -> None:
        self.stored = stored

    def get_client_id(self) -> str:
        return self.stored.client.client_id

    def get_default_redirect_uri(self) -> None:
        """None, because clients must say it each time: it is compared exactly."""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.stored.client.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return self.stored.knows(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Exactly the client's own method. Authlib's `none` lets any client by that left its secret away."""
        if self.stored.is_public:
            return method == BY_NOTHING and endpoint != "introspection"
        return method == BY_KEY if self.stored.jwks else method in BY_SECRET

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and bool(self.stored.client.redirect_uris)

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == TOKEN_EXCHANGE:
            return not self.stored.is_public
        speaks_for_people = bool(self.stored.client.redirect_uris)
        return speaks_for_people == (grant_type in (AUTHORIZATION_CODE, REFRESH_TOKEN))

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What was asked for, or all the client has when nothing was; None, which refuses, when it asks for more."""
        requested = split(scope or "")
        if not requested:
            return " ".join(self.stored.client.scopes)
        own = {*self.stored.client.scopes, *([OPENID] if self.stored.client.redirect_uris else [])}
        return " ".join(sorted(requested)) if requested.issubset(own) else None


class Subject:
    """Whom a token speaks for, when it is not the client itself."""

    def __init__(self, subject: str) -> None:
        self._subject = subject

    def get_user_id(self) -> str:
        return self._subject
