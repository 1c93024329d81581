"""Opaque cursors: where a page ended, bound to whom it was for and what it filtered.

Not a secret and not a permission: a cursor only says where to go on among rows the tenant may see
anyway. The binding turns a cursor used for another question into an error instead of a wrong page.
"""

import base64
import binascii
import hashlib
from datetime import UTC
from typing import Annotated

import msgspec

from projections.values import Instant


class BrokenCursorError(Exception):
    """Not a cursor of ours, or one of another tenant or filter; the message says which."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The last row of the page before: when it was created, and its id as the tie-break."""

    created_at: Instant
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_.:/\-]+$(?!\n)")]
    question: bytes


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Cursor)


def question_of(*parts: object) -> bytes:
    """8 bytes that stand for who asks what."""
    return hashlib.blake2b(_ENCODER.encode(parts), digest_size=8).digest()


def write(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(_ENCODER.encode(cursor)).decode().rstrip("=")


def read(text: str, question: bytes) -> Cursor:
    """The cursor, if it belongs to this question."""
    try:
        cursor = _DECODER.decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        cursor.created_at.astimezone(UTC)
    except (binascii.Error, ValueError, OverflowError, RecursionError, msgspec.DecodeError) as error:
        raise BrokenCursorError("This is not a cursor of this service.") from error
    if cursor.question != question:
        raise BrokenCursorError("This cursor belongs to another list: another filter, sort or account.")
    return cursor
