"""A stored client as Authlib wants to see it."""

from authlib.oauth2.rfc6749 import ClientMixin  # type: ignore[import-untyped]  # Authlib ships no types

from auth.issuer.clients import StoredClient
from auth.scopes import split


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # its base has no types
    """Answers Authlib's questions from a client read beforehand, so that Authlib never waits for the database."""

    def __init__(self, stored: StoredClient) -> None:
        self.stored = stored

    def get_client_id(self) -> str:
        return self.stored.client.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        return self.stored.knows(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method in ("client_secret_basic", "client_secret_post")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What was asked for, or all the client has when nothing was; None, which refuses, when it asks for more."""
        requested = split(scope or "")
        if not requested:
            return " ".join(self.stored.client.scopes)
        return " ".join(sorted(requested)) if requested.issubset(self.stored.client.scopes) else None
