"""A document's bytes going out: whole or in part, as a file to be saved and never as a page to be shown."""

import base64
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream

from app.problems import Problem
from app.reads.documents import ContentView, Place
from app.rest.conditions import is_listed
from app.rest.documents.media import file_name
from app.rest.documents.ranges import NotSatisfiableError, Range, range_of
from projections.blobs import BlobKey, BlobMissingError, Blobs

AnyRequest = Request[Any, Any, Any]
_HEADERS: Final = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization",
    "Accept-Ranges": "bytes",
    # Were it shown by a browser after all: nothing in it runs, and it is of no origin.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


async def content_answer(request: AnyRequest, place: Place, blobs: Blobs) -> Response[Any]:
    """The bytes, or as much of them as is asked for. Raises a problem when there are none."""
    if place.content is None or place.blob_name is None:
        raise Problem("not_found", "There is no such document.")
    etag = f'"{place.content.sha256}"'
    headers = _HEADERS | {"ETag": etag}
    if is_listed(request.headers.get("if-none-match"), etag):
        return Response(b"", status_code=304, headers=headers)
    part = _part(request, place.content, etag)
    headers |= _described(place.name, place.content, part)
    status, media_type = (206 if part else 200), place.content.media_type
    if request.scope.get("portal.is_head"):
        return Response(b"", status_code=status, media_type=media_type, headers=headers)
    start, stop = (part.start, part.stop) if part else (0, place.content.size_bytes)
    pieces = blobs.read(BlobKey(place.tenant, place.blob_name), start, stop)
    return Stream(await _begun(pieces), status_code=status, media_type=media_type, headers=headers)


def _part(request: AnyRequest, content: ContentView, etag: str) -> Range | None:
    """The range asked for; none, if what the caller has a part of is something else (RFC 9110, 13.1.5)."""
    if_range = request.headers.get("if-range")
    wanted = request.headers.get("range") if if_range in (None, etag) else None
    try:
        return range_of(wanted, content.size_bytes)
    except NotSatisfiableError:
        size = f"bytes */{content.size_bytes}"
        detail = f"There are {content.size_bytes} bytes."
        raise Problem("range_not_satisfiable", detail, headers={"Content-Range": size}) from None


def _described(name: str, content: ContentView, part: Range | None) -> dict[str, str]:
    digest = f"sha-256=:{base64.b64encode(bytes.fromhex(content.sha256)).decode()}:"
    described = {
        "Content-Length": str(part.stop - part.start if part else content.size_bytes),
        "Content-Disposition": disposition(file_name(name, content.media_type)),
        "Repr-Digest": digest,
    }
    # Of what is sent (RFC 9530, section 2), where Repr-Digest is of the whole.
    return described | ({"Content-Range": part.content_range} if part else {"Content-Digest": digest})


def disposition(name: str) -> str:
    """To be saved under this name: in ASCII for old clients, and as it is (RFC 6266, section 4.3; RFC 8187)."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in " ._-") else "_" for one in name).lstrip(". ")
    spelt = quote(name.replace("/", "_").replace("\\", "_").lstrip(". "), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{spelt}"


async def _begun(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, the first of them here already: what fails by then can still be answered as what it is."""
    try:
        first = await anext(pieces)
    except BlobMissingError:
        # It was replaced or taken away since it was looked for.
        raise Problem("unavailable", "Try again in a moment.", headers={"Retry-After": "1"}) from None

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_of_them()
