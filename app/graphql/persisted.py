"""Documents by their hash: registered ones in Postgres, and those clients send along once (APQ) in Redis."""

import re
from typing import Final

from app.graphql.documents import InvalidDocumentError, Kept, hash_of
from app.graphql.refusals import refuse
from app.reads.database import fetch
from projections.database import Pool
from projections.redis import UNAVAILABLE, Redis, ResponseError

KEPT_SECONDS: Final = 7 * 86_400
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class Persisted:
    """What may be asked by its hash. Hashes are of the text, so what is kept here is never out of date."""

    def __init__(self, pool: Pool, redis: Redis, *, only_registered: bool) -> None:
        self._pool = pool
        self._redis = redis
        self._only_registered = only_registered
        self._texts: Kept[str] = Kept()

    async def text(self, query: str | None, sha256: str | None) -> tuple[str, bool]:
        """The document a request means, and whether it is to be kept by its hash. Raises InvalidDocumentError."""
        if sha256 is not None and not _HASH.fullmatch(sha256):
            raise _refused("BAD_USER_INPUT", "A document's hash is SHA-256 in lower-case hex.")
        if query is None:
            if sha256 is None:
                raise _refused("BAD_USER_INPUT", "Send a `query`, or the hash of one.")
            return await self._known(sha256), False
        if sha256 is not None and hash_of(query) != sha256:
            raise _refused("PERSISTED_QUERY_MISMATCH", "The hash is not that of the document.")
        if self._only_registered:
            return await self._known(sha256 or hash_of(query)), False
        return query, sha256 is not None and self._texts.get(sha256) is None

    async def keep(self, sha256: str, text: str) -> None:
        """Know a valid document by its hash from now on, on every worker."""
        self._texts.put(sha256, text)
        try:
            await self._redis.set(_key(sha256), text, ex=KEPT_SECONDS)
        except (*UNAVAILABLE, ResponseError):
            # The client sends it again where it is not known.
            return

    async def _known(self, sha256: str) -> str:
        text = self._texts.get(sha256) or await self._registered(sha256) or await self._sent_before(sha256)
        if text is None and self._only_registered:
            raise _refused("DOCUMENT_NOT_REGISTERED", "Only registered documents may be asked here.")
        if text is None:
            # Apollo's clients know the message, and send the document along.
            raise _refused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        self._texts.put(sha256, text)
        return text

    async def _registered(self, sha256: str) -> str | None:
        rows = await fetch(self._pool, "graphql_document", sha256)
        return rows[0]["document"] if rows else None

    async def _sent_before(self, sha256: str) -> str | None:
        if self._only_registered:
            return None
        try:
            found = await self._redis.get(_key(sha256))
        except (*UNAVAILABLE, ResponseError):
            return None
        text = found.decode() if isinstance(found, bytes) else found
        # What lies in Redis is believed no further than it can be checked.
        return text if text is not None and hash_of(text) == sha256 else None


def _key(sha256: str) -> str:
    return f"portal:graphql:{sha256}"


def _refused(code: str, words: str) -> InvalidDocumentError:
    return InvalidDocumentError([refuse(code, words)], code)
