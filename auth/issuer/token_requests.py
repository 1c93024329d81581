"""A request to the token, revocation or introspection endpoint, read strictly (RFC 6749, 2.3 and 3.2). Pure."""

from collections.abc import Mapping
from typing import Final

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
from authlib.oauth2.rfc7523.client import (  # type: ignore[import-untyped]  # Authlib ships no types
    ASSERTION_TYPE,
)

from auth.issuer.assertions import named_client
from auth.issuer.forms import FORM, is_form, parameters

_SECRET, _ASSERTION, _ASSERTION_TYPE = "client_secret", "client_assertion", "client_assertion_type"
_PROOFS: Final = (_SECRET, _ASSERTION)


class HttpRequest(msgspec.Struct, frozen=True):
    """What of an HTTP request these endpoints look at; `body` is None when it did not arrive whole and in time."""

    query: bytes
    content_type: str
    authorization: str | None
    body: bytes | None


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
    def assertion(self) -> str | None:
        """The JWT by which the client wants to prove itself (RFC 7523, section 2.2)."""
        return self._form.get(_ASSERTION)

    @property
    def named_client_id(self) -> str | None:
        """The client that the request says it is from, by the reading Authlib will take when it checks the proof."""
        form_id = self._form.get("client_id")
        try:
            basic_id, _ = extract_basic_authorization(self.headers)
        except ValueError as error:
            # Not UTF-8, or not ASCII under the base64: Authlib lets this escape.
            raise InvalidClientError from error
        asserted_id = named_client(self.assertion) if self.assertion else None
        named = {one for one in (form_id, basic_id, asserted_id) if one}
        if len(named) > 1:
            raise InvalidRequestError("The request names more than one client.")
        return named.pop() if named else None


def read_token_request(http: HttpRequest, endpoint: str, *required: str) -> TokenRequest:
    """The request, or Authlib's `InvalidRequestError` that says what is wrong with it.

    `endpoint` is its public address: behind a proxy the request's own is not what clients see.
    """
    if http.query:
        # Secrets in a URL end up in logs (RFC 6749, section 2.3.1 forbids them there).
        raise InvalidRequestError("Parameters belong in the request body, not in the query.")
    if not is_form(http.content_type):
        raise InvalidRequestError(f"The content type must be {FORM}.")
    if http.body is None:
        raise InvalidRequestError("The body did not arrive whole and in time.")
    form = parameters(http.body)
    for name in required:
        if name not in form:
            raise InvalidRequestError(f"The parameter {name} is missing.")
    basic = (http.authorization or "").lower().startswith("basic ")
    if basic + sum(name in form for name in _PROOFS) > 1:
        raise InvalidRequestError("Only one way of client authentication may be used.")
    if (_ASSERTION in form) != (form.get(_ASSERTION_TYPE) == ASSERTION_TYPE):
        raise InvalidRequestError(f"A client_assertion comes with the {_ASSERTION_TYPE} {ASSERTION_TYPE}.")
    return TokenRequest(endpoint, form, http.authorization if basic else None)
