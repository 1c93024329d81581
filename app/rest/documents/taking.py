"""`PUT /v1/documents/content`: a document's bytes, from the source that said there is one."""

import asyncio
import base64
import hashlib
import re
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, cast

from litestar import Request, Response, put
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler

from app.problems import Problem
from app.rest.access import Access, authorization_of
from app.rest.answers import encode, json_answer
from app.rest.documents.media import LOOKED_AT_BYTES, MEDIA_TYPES, fits
from app.rest.documents.operations import ContentOfQuery, StoredAnswer
from app.rest.query import parse
from auth.policy import may_speak_for
from projections.papers.contents import Contents, ErasedContentError, Given, Named, UnknownDocumentError

AnyRequest = Request[Any, Any, Any]
SCOPE: Final = "events:write"
BODY_SECONDS: Final = 120.0
# Larger ones are gathered on disk: many may come at once, and slowly.
_IN_MEMORY_BYTES: Final = 1_048_576
# RFC 9530, section 2; a dictionary of byte sequences (RFC 9651, section 3.2).
_SHA256: Final = re.compile(r"(?:^|,)[ \t]*sha-256=:([A-Za-z0-9+/=]*):")
_UNKNOWN = "No document is known by that name of a source this token may speak for. Send document.added.v1 first."


def content_taker(access: Access, contents: Contents, max_bytes: int) -> HTTPRouteHandler:
    @put("/v1/documents/content", request_max_body_size=max_bytes)
    async def put_content(request: AnyRequest) -> Response[bytes]:
        principal = await access.principal(authorization_of(request.scope), SCOPE)
        query = parse(request.scope["query_string"], ContentOfQuery)
        media_type = _media_type(request)
        named = Named(query.source, query.document, principal.accounts)
        if not may_speak_for(principal, query.source):
            raise Problem("not_found", _UNKNOWN)
        try:
            # Before the bytes are waited for.
            await contents.tenants(named)
            with SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
                given = await _given(request, media_type, cast("BinaryIO", file))
                await contents.take(named, given)
        except UnknownDocumentError:
            raise Problem("not_found", _UNKNOWN) from None
        except ErasedContentError:
            raise Problem("already_settled", "These bytes were erased with a person, and stay out.") from None
        return json_answer(encode(StoredAnswer(given.media_type, given.size_bytes, given.sha256.hex())))

    return put_content


def _media_type(request: AnyRequest) -> str:
    media_type: str = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise _unsupported(f"A document is one of {', '.join(MEDIA_TYPES)}.")
    return media_type


def _unsupported(detail: str) -> Problem:
    return Problem("unsupported_media_type", detail, headers={"Accept": ", ".join(MEDIA_TYPES)})


async def _given(request: AnyRequest, media_type: str, file: BinaryIO) -> Given:
    """The body in a file, and what it is. Raises a problem when it is not what was said of it."""
    wanted = _wanted_digest(request)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            size, digest = await _gathered(request, file)
    except TimeoutError:
        raise Problem("malformed", f"The body did not arrive within {BODY_SECONDS:.0f} seconds.") from None
    except InternalServerException:
        raise Problem("malformed", "The body was broken off.") from None
    if wanted is not None and wanted != digest:
        raise Problem("digest_mismatch", "These bytes have another SHA-256 than Content-Digest says.")
    file.seek(0)
    if not size or not fits(media_type, file.read(LOOKED_AT_BYTES)):
        raise _unsupported(f"These bytes are no {media_type}.")
    return Given(media_type, size, digest, file)


async def _gathered(request: AnyRequest, file: BinaryIO) -> tuple[int, bytes]:
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream():
        file.write(piece)
        digest.update(piece)
        size += len(piece)
    return size, digest.digest()


def _wanted_digest(request: AnyRequest) -> bytes | None:
    """The SHA-256 the sender says the body has; other algorithms are passed over."""
    match = _SHA256.search(request.headers.get("content-digest", ""))
    if match is None:
        return None
    try:
        return base64.b64decode(match[1], validate=True)
    except ValueError:
        return b""
