"""Signed links: whoever holds one may open one document's bytes for a few minutes, without a token.

A link says whose document, which and until when, under a MAC (HMAC-SHA-256) over all of that: nothing in it can be
changed, and one that was not made here is told apart in constant time.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec

KEY_BYTES: Final = 32
_MAC_BYTES: Final = 32
_OTHERS_MAY: Final = 0o077
# What the key is used for: a MAC made for anything else with the same key opens nothing here.
_PURPOSE: Final = b"document link v1\x00"


class Link(msgspec.Struct, frozen=True, array_like=True):
    """What a link opens. `expires_at` in unix seconds."""

    tenant: str
    document_id: str
    expires_at: int


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Link)


class LinkKey:
    """Makes links, and opens those it made."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, link: Link) -> str:
        """The link as text that may stand in a URL."""
        said = _ENCODER.encode(link)
        return base64.urlsafe_b64encode(said + self._mac(said)).decode().rstrip("=")

    def open(self, text: str, now: float) -> Link | None:
        """What the link opens; None when it was not made with this key, or is over."""
        try:
            told = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        said, mac = told[:-_MAC_BYTES], told[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(said)):
            return None
        link = _DECODER.decode(said)
        return link if now < link.expires_at else None

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._key, _PURPOSE + said, hashlib.sha256)


def load_or_create_link_key(path: Path) -> LinkKey:
    """The key of this file; made first if there is none. Safe when several processes start at once.

    Raises ValueError, naming the file, when others may read it or when it holds no key.
    """
    if not path.exists():
        _write_new(path)
    if os.name == "posix" and path.stat().st_mode & _OTHERS_MAY:
        raise ValueError(f"The key {path} is open to other users: chmod 600 it.")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise ValueError(f"The key {path} is none: {2 * KEY_BYTES} or more hexadecimal digits are wanted.")
    return LinkKey(key)


def _write_new(path: Path) -> None:
    """Whole or not at all, and only where there is none yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    fresh.touch(mode=0o600)
    try:
        fresh.write_text(secrets.token_hex(KEY_BYTES) + "\n", encoding="ascii")
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
