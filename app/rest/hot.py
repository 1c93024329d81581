"""Documents as ready bytes: one plain ASGI application a kind, mounted in Litestar.

It does without a request object, a response object and a serializer, because it runs once per read.
A mount is given everything below its path, so the list, which lies at the path itself, is here too.
What goes wrong is raised and becomes a problem like anywhere else.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec

from app.edge import Receive, Scope, Send
from app.problems import Problem
from app.reads.path import ReadPath, Served
from app.rest.access import Access
from app.rest.query import unknown_parameters
from projections.audit.reads import ReadJournal

_PUBLIC_ID = {"shipment": re.compile(r"shp_[a-z2-7]{24}"), "order": re.compile(r"ord_[a-z2-7]{24}")}
_JSON = (b"content-type", b"application/json")
# Ours to cache for the one who asked, to be checked each time, and better old than nothing when we are down.
_CACHE = (b"cache-control", b"private, no-cache, stale-if-error=86400")
_VARY = (b"vary", b"Authorization")

Part = Callable[[bytes], bytes]
ListAnswer = Callable[[bytes | None, bytes], Awaitable[bytes]]


class _Milestones(msgspec.Struct):
    milestones: msgspec.Raw


_MILESTONES = msgspec.json.Decoder(_Milestones)


def _whole(document: bytes) -> bytes:
    return document


def _milestones(document: bytes) -> bytes:
    return b'{"items":%b}' % bytes(_MILESTONES.decode(document).milestones)


# What may follow an id in the path, and what of the document that is.
_PARTS: dict[str, dict[str, Part]] = {
    "shipment": {"": _whole, "milestones": _milestones},
    "order": {"": _whole},
}


class HotReads:
    """`/`, `/{id}` and `/{id}/{part}` of one kind of document."""

    def __init__(
        self,
        kind: Literal["shipment", "order"],
        access: Access,
        path: ReadPath,
        answer: ListAnswer,
        journal: ReadJournal,
    ) -> None:
        self._kind = kind
        self._scope_name = f"{kind}s:read"
        self._public_id = _PUBLIC_ID[kind]
        self._parts = _PARTS[kind]
        self._access = access
        self._path = path
        self._list = answer
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's names
        authorization = if_none_match = None
        for name, value in scope["headers"]:
            if name == b"authorization":
                # Which of two counts must not be a guess: a second one makes both unusable.
                authorization = value if authorization is None else b""
            elif name == b"if-none-match":
                if_none_match = value if if_none_match is None else b"%b, %b" % (if_none_match, value)
        if scope["method"] != "GET":
            raise Problem("method_not_allowed", "Documents can only be read.", headers={"Allow": "GET, HEAD"})
        # Litestar gives a mount the rest of the path, with a slash at both ends; but it mounts `/v1/shipmentsX` too.
        if not scope["path"].startswith("/"):
            raise Problem("not_found", "There is nothing here.")
        subject_id, _, part = scope["path"][1:-1].partition("/")
        if not subject_id:
            body = await self._list(authorization or None, scope["query_string"])
            await _send_json(send, body, [_JSON, _CACHE, _VARY])
            return
        principal = await self._access.reader(authorization or None, self._scope_name)
        if scope["query_string"]:
            raise unknown_parameters(scope["query_string"], ())
        select = self._parts.get(part)
        known = select is not None and self._public_id.fullmatch(subject_id)
        served = await self._path.read(principal.accounts, subject_id) if known else None
        if served is None or select is None:
            # The same whether it is another's or nobody's: nothing in it may depend on which.
            raise Problem("not_found", f"There is no such {self._kind}.")
        self._journal.note(principal.subject, principal.client_id, served.tenant, subject_id)
        await self._answer(served, select, if_none_match, send)

    async def _answer(self, served: Served, select: Part, if_none_match: bytes | None, send: Send) -> None:
        etag = b'W/"%b"' % served.document.digest.hex().encode()
        if if_none_match is not None and _matches(if_none_match, etag):
            headers = [_CACHE, _VARY, (b"etag", etag)]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        body = self._path.with_freshness(select(served.document.document), served)
        await _send_json(send, body, [_JSON, _CACHE, _VARY, (b"etag", etag)])


async def _send_json(send: Send, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _matches(if_none_match: bytes, etag: bytes) -> bool:
    """Weak comparison (RFC 9110, 13.1.2); `*` matches what exists."""
    if if_none_match in (etag, b"*"):
        return True
    bare = etag.removeprefix(b"W/")
    return any(one.strip().removeprefix(b"W/") == bare for one in if_none_match.split(b","))
