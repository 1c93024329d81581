"""Where people may be sent back to after signing in (RFC 6749, section 3.1.2; RFC 8252; RFC 9700, section 4.1). Pure."""

import re
from typing import Final
from urllib.parse import urlsplit

URI_CHARACTERS_MAX: Final = 500
_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.\-]*:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,=%]+")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def refuse_unsafe(uri: str) -> None:
    """Raise ValueError, saying why, unless a client may register this redirect URI.

    Compared exactly, character by character, so what is allowed here is a plain absolute URI without a fragment: https,
    http on this machine, or an app's own scheme, which has a dot in it (RFC 8252, section 7.1); never `javascript:`.
    """
    if len(uri) > URI_CHARACTERS_MAX or not _ABSOLUTE.fullmatch(uri):
        raise ValueError(f"{uri!r} is no absolute URI without a fragment.")
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{uri!r} is no absolute URI: {error}.") from None
    if parts.scheme in ("https", "http"):
        if not host or parts.username is not None:
            raise ValueError(f"{uri!r} names no host, or a user beside it.")
        if parts.scheme == "http" and host not in _LOOPBACK:
            raise ValueError(f"{uri!r} would send codes in the clear: use https.")
    elif "." not in parts.scheme:
        raise ValueError(f"{uri!r} is neither https nor an app's own scheme, say com.example.app:/back.")


def origin_of(uri: str) -> str:
    """The origin of a registered redirect URI, as a Content-Security-Policy source: a host, or a scheme of its own."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("https", "http") else f"{parts.scheme}:"
