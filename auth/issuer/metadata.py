"""How the issuer describes itself (RFC 8414; OpenID Connect Discovery). What has no endpoint is not announced."""

from typing import Any

from authlib.oauth2.rfc8414 import (  # type: ignore[import-untyped]  # Authlib ships no types
    AuthorizationServerMetadata,
)

from auth.issuer.registered import CONFIDENTIAL_METHODS, GRANTS, METHODS, OPENID
from auth.issuer.signing_key import ALGORITHM
from auth.keys import ALGORITHMS
from auth.scopes import SCOPES


def metadata_of(url: str) -> dict[str, Any]:
    """The metadata of the issuer at this address; ValueError when clients could not trust such an address."""
    authenticated: dict[str, list[str]] = {}
    for endpoint, methods in (("token", METHODS), ("revocation", METHODS), ("introspection", CONFIDENTIAL_METHODS)):
        authenticated[f"{endpoint}_endpoint_auth_methods_supported"] = list(methods)
        authenticated[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = list(ALGORITHMS)
    metadata = AuthorizationServerMetadata(
        issuer=url,
        authorization_endpoint=f"{url}/oauth/authorize",
        token_endpoint=f"{url}/oauth/token",
        revocation_endpoint=f"{url}/oauth/revoke",
        introspection_endpoint=f"{url}/oauth/introspect",
        jwks_uri=f"{url}/oauth/jwks.json",
        scopes_supported=[OPENID, *SCOPES],
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=list(GRANTS),
        code_challenge_methods_supported=["S256"],
        authorization_response_iss_parameter_supported=True,
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=[ALGORITHM],
        claims_supported=["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "preferred_username"],
        prompt_values_supported=["login"],
        claims_parameter_supported=False,
        request_parameter_supported=False,
        # Taken for true when left out.
        request_uri_parameter_supported=False,
        **authenticated,
    )
    metadata.validate()
    return dict(metadata)
