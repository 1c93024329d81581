"""A token request as it came over HTTP, read strictly (RFC 6749, sections 2.3 and 3.2). Pure."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]  # Authlib ships no types
    InvalidClientError,
    InvalidRequestError,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import (  # type: ignore[import-untyped]  # Authlib ships no types
    BasicOAuth2Payload,
)
from authlib.oauth2.rfc6749.util import (  # type: ignore[import-untyped]  # Authlib ships no types
    extract_basic_authorization,
)

FORM: Final = "application/x-www-form-urlencoded"
PARAMETERS_MAX: Final = 20


class HttpRequest(msgspec.Struct, frozen=True):
    """What of an HTTP request the token endpoint looks at."""

    query: bytes
    content_type: str
    authorization: str | None
    body: bytes


class TokenRequest(OAuth2Request):  # type: ignore[misc]  # its base has no types
    """Authlib's request, with its parameters from the body alone."""

    def __init__(self, endpoint: str, form: Mapping[str, str], authorization: str | None) -> None:
        super().__init__("POST", endpoint, headers={"Authorization": authorization} if authorization else {})
        self._form = form
        self.payload = BasicOAuth2Payload(form)

    @property
    def form(self) -> Mapping[str, str]:
        return self._form

    @property
    def named_client_id(self) -> str | None:
        """The client that the request says it is from, by the reading Authlib will take when it checks the secret."""
        try:
            client_id, _ = extract_basic_authorization(self.headers)
        except ValueError as error:
            # Not UTF-8, or not ASCII under the base64: Authlib lets this escape.
            raise InvalidClientError from error
        return client_id or self._form.get("client_id")


def read_token_request(http: HttpRequest, endpoint: str) -> TokenRequest:
    """The request, or Authlib's `InvalidRequestError` that says what is wrong with it.

    `endpoint` is the token endpoint's public address: behind a proxy the request's own is not what clients see.
    """
    if http.query:
        # Secrets in a URL end up in logs (RFC 6749, section 2.3.1 forbids them there).
        raise InvalidRequestError("Parameters belong in the request body, not in the query.")
    if http.content_type.partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(f"The content type must be {FORM}.")
    form = _form(http.body)
    if "grant_type" not in form:
        raise InvalidRequestError("The parameter grant_type is missing.")
    basic = (http.authorization or "").lower().startswith("basic ")
    if basic and "client_secret" in form:
        raise InvalidRequestError("Only one way of client authentication may be used.")
    return TokenRequest(endpoint, form, http.authorization if basic else None)


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS_MAX)
    except ValueError as error:
        raise InvalidRequestError("The body is not a UTF-8 form.") from error
    form: dict[str, Any] = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidRequestError("A parameter is given more than once.")
    # RFC 6749, section 3.2: a parameter without a value counts as left out.
    return {name: value for name, value in form.items() if value}
