"""Blobs in any store that speaks S3. Credentials come as everywhere, from `AWS_*` or the machine's role."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from projections.blobs import BlobKey, BlobMissingError, BlobsUnavailableError

PIECE_BYTES: Final = 262_144
_CONNECT: Final = timedelta(seconds=2)
_ANSWER: Final = timedelta(seconds=30)
_RETRY: Final = timedelta(seconds=5)


class S3Blobs:
    """One bucket, or what is under a prefix of it. Names of blobs are digests; whose they are is ours to know."""

    def __init__(self, url: str, endpoint: str | None = None) -> None:
        """`url`: `s3://bucket/prefix`; `endpoint`: where the store answers, when that is not AWS."""
        self._store = S3Store.from_url(
            url,
            config={"endpoint": endpoint} if endpoint else {},
            client_options={
                "connect_timeout": _CONNECT,
                "timeout": _ANSWER,
                "allow_http": bool(endpoint and endpoint.startswith("http://")),
            },
            retry_config={"max_retries": 2, "retry_timeout": _RETRY},
        )

    async def put(self, key: BlobKey, content: BinaryIO) -> None:
        with _answering():
            await obstore.put_async(self._store, key.name, content)

    async def read(self, key: BlobKey, start: int, stop: int) -> AsyncIterator[bytes]:
        with _answering():
            found = await obstore.get_async(self._store, key.name, options={"range": (start, stop)})
            stream = found.stream(min_chunk_size=PIECE_BYTES)
        while True:
            with _answering():
                piece = await anext(stream, None)
            if piece is None:
                return
            yield bytes(piece)

    async def size_bytes(self, key: BlobKey) -> int | None:
        try:
            with _answering():
                return (await obstore.head_async(self._store, key.name))["size"]
        except BlobMissingError:
            return None

    async def delete(self, key: BlobKey) -> None:
        try:
            with _answering():
                await obstore.delete_async(self._store, key.name)
        except BlobMissingError:
            return


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BlobMissingError(str(error)) from error
    except (BaseError, OSError) as error:
        raise BlobsUnavailableError(repr(error)) from error
