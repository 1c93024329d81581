"""Token exchange for cards (RFC 8693): from a token that may read all cards to one for a single shipment's card.

For pages of other people's making: the new token lives for minutes, opens one card and nothing else.
"""

import re
from typing import Any, Final

from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]  # Authlib ships no types
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]  # Authlib ships no types
    BaseGrant,
    TokenEndpointMixin,
)

from auth.issuer.grants import Authenticated
from auth.issuer.held import Held
from auth.issuer.registered import TOKEN_EXCHANGE, Subject
from auth.issuer.token_requests import TokenRequest
from auth.policy import CARD_SCOPE
from auth.scopes import split

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the type's name
_CARD: Final = re.compile(r"/v1/cards/([a-z0-9_]{1,64})")


class CardExchange(Authenticated, BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # its base has no types
    """`subject_token` and `resource`, the card's address, in; a token for that card out."""

    GRANT_TYPE = TOKEN_EXCHANGE

    def validate_token_request(self) -> None:
        form = self.request.form
        if not self.request.client.check_grant_type(TOKEN_EXCHANGE):
            raise UnauthorizedClientError("A public client cannot exchange tokens.")
        if form.get("subject_token_type") != ACCESS_TOKEN:
            raise InvalidRequestError(f"The subject_token_type must be {ACCESS_TOKEN}.")
        if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequestError(f"The requested_token_type can only be {ACCESS_TOKEN}.")
        if "actor_token" in form:
            raise InvalidRequestError("There is no acting on behalf of others: leave actor_token away.")
        held: Held = self.server.held
        if held.card is None:
            raise OAuth2Error("The resource must be the address of a card.", error="invalid_target")
        if held.subject is None:
            raise InvalidRequestError("The subject_token is not a token of this client that still counts.")
        if CARD_SCOPE not in split(held.subject.scope) or split(form.get("scope", CARD_SCOPE)) != {CARD_SCOPE}:
            raise InvalidScopeError(f"The subject_token must hold {CARD_SCOPE}, which is all the new one can have.")

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        held: Held = self.server.held
        assert held.subject is not None  # noqa: S101 - validated above
        token = self.generate_token(user=Subject(held.subject.sub), scope=CARD_SCOPE, include_refresh_token=False)
        return 200, {**token, "issued_token_type": ACCESS_TOKEN}, self.TOKEN_RESPONSE_HEADER


def card_of(request: TokenRequest, issuer_url: str) -> str | None:
    """The shipment whose card a request's `resource` is (RFC 8693, section 2.1)."""
    resource = request.form.get("resource", "")
    match = _CARD.fullmatch(resource.removeprefix(issuer_url)) if resource.startswith(issuer_url) else None
    return match[1] if match else None
