"""The embedded issuer as the rest of the product sees it."""

from typing import Any, Final

from authlib.oauth2.rfc6749 import OAuth2Error  # type: ignore[import-untyped]  # Authlib ships no types
from authlib.oauth2.rfc8414 import (  # type: ignore[import-untyped]  # Authlib ships no types
    AuthorizationServerMetadata,
)
from joserfc.jwk import ECKey
from litestar import Response

from auth.issuer.access_tokens import AccessTokens
from auth.issuer.clients import find_client
from auth.issuer.server import TokenServer
from auth.issuer.signing_key import ALGORITHM, verification_key
from auth.issuer.token_requests import HttpRequest, read_token_request
from auth.keys import StaticKeys
from auth.scopes import SCOPES
from projections.database import Database

LIFETIME_SECONDS: Final = 3600


class Issuer:
    """Issues access tokens for one audience under one public address.

    `url` is the issuer identifier: https, or http on a loopback address (RFC 8414, section 2); anything else raises
    ValueError. Its public documents, `metadata` and `jwks`, are made once.
    """

    def __init__(
        self,
        *,
        url: str,
        audience: str,
        signing_key: ECKey,
        database: Database,
        lifetime_seconds: int = LIFETIME_SECONDS,
    ) -> None:
        self.url = url.rstrip("/")
        self.token_url = f"{self.url}/oauth/token"
        self.metadata = _metadata(self.url, self.token_url)
        public = verification_key(signing_key)
        self.jwks = {"keys": [public.key.as_dict(private=False, kid=public.kid, use="sig", alg=ALGORITHM)]}
        self.keys = StaticKeys([public])
        self._database = database
        self._access_tokens = AccessTokens(
            issuer=self.url, audience=audience, signing_key=signing_key, lifetime_seconds=lifetime_seconds
        )

    async def answer_token_request(self, http: HttpRequest) -> Response[dict[str, Any]]:
        """A token, or the error of RFC 6749, section 5.2; never raises for what a client sent."""
        try:
            request = read_token_request(http, self.token_url)
            client_id = request.named_client_id
        except OAuth2Error as error:
            return TokenServer(self._access_tokens, None).handle_error_response(None, error)
        stored = await find_client(self._database, client_id) if client_id else None
        response: Response[dict[str, Any]] = TokenServer(self._access_tokens, stored).create_token_response(request)
        return response


def _metadata(url: str, token_url: str) -> dict[str, Any]:
    """RFC 8414, section 2. What has no endpoint yet is not announced."""
    metadata = AuthorizationServerMetadata(
        issuer=url,
        token_endpoint=token_url,
        jwks_uri=f"{url}/oauth/jwks.json",
        scopes_supported=list(SCOPES),
        # Required even of a server without an authorization endpoint, which supports none.
        response_types_supported=[],
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
    )
    metadata.validate_issuer()
    return dict(metadata)
