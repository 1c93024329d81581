"""The bearer token in an Authorization header (RFC 6750, section 2.1)."""

from auth.errors import Unauthorized


def bearer_token(authorization: bytes | None) -> bytes:
    """The token of an Authorization header's raw value.

    Only the header is read: a token in a query string ends up in logs and browser histories.
    """
    if not authorization:
        raise Unauthorized("missing_token", "An access token is required.")
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer":
        raise Unauthorized("missing_token", "The Authorization header is not of the Bearer scheme.")
    token = token.strip(b" ")
    if not token:
        raise Unauthorized("invalid_token", "The Bearer token is empty.")
    return token
