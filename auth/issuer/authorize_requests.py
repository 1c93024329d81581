"""A request to the authorization endpoint, read strictly (RFC 6749, 4.1.1; OpenID Connect Core, 3.1.2.1). Pure."""

from typing import Final

import msgspec
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]  # Authlib ships no types
    InvalidRequestError,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import (  # type: ignore[import-untyped]  # Authlib ships no types
    BasicOAuth2Payload,
)

from auth.issuer.clients import Client
from projections.words import ENGLISH, Language

QUERY_BYTES_MAX: Final = 4 * 1024


class BrowserRequest(msgspec.Struct, frozen=True):
    """What of a browser's request the authorization endpoint looks at. `address` is where it comes from.

    `language` is the one its person reads.
    """

    query: bytes
    cookies: str
    address: str
    language: Language = ENGLISH
    content_type: str = ""
    body: bytes | None = b""


class AuthorizeRequest(OAuth2Request):  # type: ignore[misc]  # its base has no types
    """Authlib's request, with these parameters."""

    def __init__(self, endpoint: str, asked: dict[str, str]) -> None:
        super().__init__("GET", endpoint)
        self.payload = BasicOAuth2Payload(asked)


def refuse_unsupported(asked: dict[str, str], client: Client) -> None:
    """Raise Authlib's error for what Authlib would let pass or fall over.

    An error with a `redirect_uri` is for the client; without, it is for the person, who must not be sent anywhere.
    """
    redirect_uri = asked.get("redirect_uri", "")
    if redirect_uri not in client.redirect_uris:
        raise InvalidRequestError("The app asked to be answered at an address that is not registered for it.")
    refused: dict[str, str] = {}
    if asked.get("response_type") != "code":
        refused["unsupported_response_type"] = "The response_type must be code."
    elif asked.get("response_mode", "query") != "query":
        refused["invalid_request"] = "The response_mode can only be query."
    elif "request" in asked:
        refused["request_not_supported"] = "Leave request away."
    elif "request_uri" in asked:
        refused["request_uri_not_supported"] = "Leave request_uri away."
    elif "none" in asked.get("prompt", "").split():
        # Nobody is ever signed in already: there is no session here.
        refused["login_required"] = "The person has to sign in."
    for error, description in refused.items():
        raise OAuth2Error(description, error=error, redirect_uri=redirect_uri, state=asked.get("state"))
