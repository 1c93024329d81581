"""Conditional requests: whether the copy somebody has is still good (RFC 9110, section 13)."""

import hashlib
from typing import Any

from litestar import Request, Response

from app.rest.answers import HEADERS, JSON


def is_listed(if_none_match: str | None, etag: str) -> bool:
    """Weak comparison (13.1.2); `*` matches what exists."""
    if if_none_match is None:
        return False
    bare = etag.removeprefix("W/")
    return any(one.strip() == "*" or one.strip().removeprefix("W/") == bare for one in if_none_match.split(","))


def conditional_answer(request: Request[Any, Any, Any], body: bytes, served: bytes) -> Response[bytes]:
    """A JSON object as served, with its freshness; 304 when the one who asks has its `body`, which is without."""
    etag = f'W/"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    headers = HEADERS | {"ETag": etag}
    if is_listed(request.headers.get("if-none-match"), etag):
        return Response(b"", status_code=304, media_type=JSON, headers=headers)
    return Response(served, media_type=JSON, headers=headers)
