"""How a request is refused. Pure exceptions: the web layer turns them into problem+json."""

from typing import Final, Literal

REALM: Final = "portal"
# RFC 6750, section 3.1: the token is good and allows too little.
INSUFFICIENT: Final = f'Bearer realm="{REALM}", error="insufficient_scope"'

UnauthorizedCode = Literal["missing_token", "invalid_token", "expired_token"]


class Unauthorized(Exception):  # noqa: N818 - named for the HTTP status it becomes
    """No token, or none that can be believed (401).

    `www_authenticate` is ready for the header of that name (RFC 6750, section 3). A request without credentials
    gets the bare challenge, as section 3.1 asks. `detail` is always one of our own sentences: nothing
    of the token is repeated, so it is safe in a header and in a log.
    """

    def __init__(self, code: UnauthorizedCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        challenge = f'Bearer realm="{REALM}"'
        if code != "missing_token":
            challenge += f', error="invalid_token", error_description="{detail}"'
        self.www_authenticate = challenge


class Forbidden(Exception):  # noqa: N818 - named for the HTTP status it becomes
    """A good token that lacks a scope (403); `missing_scope` names it."""

    def __init__(self, missing_scope: str) -> None:
        super().__init__(f"The token lacks the scope {missing_scope}.")
        self.missing_scope = missing_scope
        self.www_authenticate = f'{INSUFFICIENT}, scope="{missing_scope}"'


class WrongParty(Exception):  # noqa: N818 - named for the HTTP status it becomes
    """A good token with the scope, of who is not the party to the shipment that this is for (403)."""


class IssuerUnavailable(Exception):  # noqa: N818 - the condition, not a fault of the request
    """The issuer does not say what is needed to judge this token (503).

    Not a 401: that would tell clients to throw away tokens which may be perfectly good.
    """
