"""What the edge says and refuses, worked out once from the settings: headers as ready tuples, origins, sizes."""

import msgspec

from app.settings import Settings

Headers = tuple[tuple[bytes, bytes], ...]

# A reference number in each of fifty parameters fits several times over.
TARGET_BYTES_MAX = 8_192
# An access token may have 8 KiB (auth.tokens), and travels with what browsers and proxies add.
HEADER_BYTES_MAX = 32_768

_ALWAYS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # Nothing of ours is to be loaded by another site as a picture or script; cross-origin calls go by CORS.
    (b"cross-origin-resource-policy", b"same-origin"),
)
# For what is no page: shown by a browser nevertheless, it may do nothing. Pages bring their own.
NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
# Two years, as browsers' preload lists ask.
_HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_EXPOSED = "Age, ETag, Link, Location, Portal-Position, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID, WWW-Authenticate"
_SENT = (
    "Authorization, Content-Type, If-None-Match, Idempotency-Key, Last-Event-ID, Portal-Min-Position, X-Request-ID, "
    "traceparent"
)
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_PREFLIGHT_SECONDS = 600
# To a browser that asks before it calls (Fetch standard, CORS-preflight); the origin's own headers come beside it.
PREFLIGHT: Headers = (
    (b"access-control-allow-methods", _METHODS.encode()),
    (b"access-control-allow-headers", _SENT.encode()),
    (b"access-control-max-age", b"%d" % _PREFLIGHT_SECONDS),
)


class EdgePolicy(msgspec.Struct, frozen=True):
    """`origins` has, for each origin whose pages may call us, what its answers say; exact matches only.

    Credentials are never allowed: a token travels in a header that a page sets itself, not in a cookie.
    """

    always: Headers = _ALWAYS
    origins: dict[bytes, Headers] = {}


def policy_of(configured: Settings) -> EdgePolicy:
    always = _ALWAYS
    if configured.public_url.startswith("https://"):
        always = (*always, _HSTS)
    origins = {origin.encode(): _allowed(origin.encode()) for origin in configured.cors_origins.split()}
    if origins:
        # A cache must not give one origin's answer to another, nor to none.
        always = (*always, (b"vary", b"Origin"))
    return EdgePolicy(always, origins)


def _allowed(origin: bytes) -> Headers:
    return ((b"access-control-allow-origin", origin), (b"access-control-expose-headers", _EXPOSED.encode()))
