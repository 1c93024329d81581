"""Conditional requests: whether the copy somebody has is still good (RFC 9110, section 13)."""

import hashlib
from typing import Any

from litestar import Request, Response

from app.reads.freshness import Said
from app.rest.answers import HEADERS, JSON


def is_listed(if_none_match: str | None, etag: str) -> bool:
    """Weak comparison (13.1.2); `*` matches what exists."""
    if if_none_match is None:
        return False
    bare = etag.removeprefix("W/")
    return any(one.strip() == "*" or one.strip().removeprefix("W/") == bare for one in if_none_match.split(","))


def conditional_answer(request: Request[Any, Any, Any], body: bytes, said: Said) -> Response[bytes]:
    """A JSON object with its freshness; 304 when the one who asks has its `body`, which is without."""
    etag = f'W/"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    headers = HEADERS | {name.decode().title(): value.decode() for name, value in said.headers} | {"ETag": etag}
    if is_listed(request.headers.get("if-none-match"), etag):
        return Response(b"", status_code=304, media_type=JSON, headers=headers)
    served = b'%b,"freshness":%b}' % (body[:-1], said.words)
    return Response(served, media_type=JSON, headers=headers)
