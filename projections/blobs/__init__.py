"""Where documents' bytes are kept: one small interface, and the stores behind it."""

from collections.abc import AsyncIterator
from typing import BinaryIO, Protocol

import msgspec


class BlobsUnavailableError(Exception):
    """The store does not answer: not now, and nothing is said about whether it has the blob."""


class BlobMissingError(Exception):
    """The store has no such blob, or lost it while it was read."""


class BlobKey(msgspec.Struct, frozen=True):
    """Whose a blob is, and its name in the store. A name is used for one content only, ever."""

    tenant: str
    name: str


class Blobs(Protocol):
    """A store of blobs. Each method may raise BlobsUnavailableError."""

    async def put(self, key: BlobKey, content: BinaryIO) -> None:
        """Store all of a file from where it stands, whole or not at all."""

    def read(self, key: BlobKey, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `stop`, piece by piece as they are asked for. Raises BlobMissingError."""

    async def size_bytes(self, key: BlobKey) -> int | None:
        """How large a blob is; None when there is none."""

    async def delete(self, key: BlobKey) -> None:
        """Remove a blob, if it is there."""
