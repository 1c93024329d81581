"""Positions of the log as tokens for clients: sealed, because positions count what others do.

A token says of partitions of the log how far they were. Whoever hands it back is shown nothing older. It is another
one each time, so that two of them do not tell whether anything happened in between.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 16
TOKEN_CHARACTERS_MAX = 512
# Of AES-GCM; at random it may be drawn some 2^32 times (NIST SP 800-38D, 8.3).
_NONCE_BYTES = 12
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(dict[int, int])


class BrokenPositionError(Exception):
    """Not a position this service gave."""


class PositionSeal:
    """Seals and opens positions by partition. All workers of an installation share the key; see migration 0014."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, positions: Mapping[int, int]) -> str:
        """A token for these positions, of characters that need no escaping in headers and addresses."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, _ENCODER.encode(positions), None)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, token: str) -> dict[int, int]:
        """The positions a token was made of. Raises BrokenPositionError."""
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise BrokenPositionError
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            return _DECODER.decode(self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None))
        except (binascii.Error, ValueError, InvalidTag) as error:
            raise BrokenPositionError from error
