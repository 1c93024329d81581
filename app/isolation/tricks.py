"""What else an attacker tries with a question: other methods, headers, spellings."""

from collections.abc import Iterator

import msgspec

from app.isolation.exchange import Request
from app.isolation.knowledge import Knowledge

_METHODS = ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY")
_LONG = 4_000


def tricks(request: Request, known: Knowledge) -> Iterator[Request]:
    """Variations of a read. Those that could change something are left to the operations that do."""
    for method in _METHODS:
        yield msgspec.structs.replace(request, method=method)
    for name, value in _headers(request, known):
        yield request.with_header(name, value)
    for target in _spellings(request.target, known):
        yield msgspec.structs.replace(request, target=target)


def _headers(request: Request, known: Knowledge) -> Iterator[tuple[str, str]]:
    for etag in ("*", *known.etags[:2], ", ".join(known.etags[:20])):
        if etag:
            yield "If-None-Match", etag
            yield "If-Match", etag
    yield "If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"
    yield "If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"
    yield "If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"
    yield "Range", "bytes=0-1023"
    yield "Range", "bytes=-1024"
    for accepted in ("text/html", "application/xml", "application/octet-stream", "text/event-stream", "image/png"):
        yield "Accept", accepted
    yield "Accept-Encoding", "gzip"
    for name in ("X-Tenant", "X-Tenant-ID", "X-Account", "Tenant", "X-Forwarded-User", "X-Remote-User"):
        yield name, known.tenant
    yield "X-HTTP-Method-Override", "GET"
    yield "X-Original-URL", request.target
    yield "Cache-Control", "only-if-cached"
    yield "Cookie", f"tenant={known.tenant}"


def _spellings(target: str, known: Knowledge) -> Iterator[str]:
    path, _, query = target.partition("?")
    rest = f"?{query}" if query else ""
    head, _, last = path.rpartition("/")
    for name in ("tenant", "account", "accounts", "as_of", "fields"):
        yield f"{path}?{query + '&' if query else ''}{name}={known.tenant}"
    yield f"{path}/{rest}"
    yield f"/{path}{rest}"
    yield f"{head}//{last}{rest}"
    yield f"{head}/./{last}{rest}"
    yield f"{head}/%2e%2e{path}{rest}"
    yield f"{head}/{last.upper()}{rest}"
    yield f"{head}/{''.join(f'%{byte:02X}' for byte in last.encode())}{rest}"
    yield f"{head}/{last}%00{rest}"
    yield f"{head}/{last}.json{rest}"
    yield f"{head}/{last},{last}{rest}"
    yield f"{head}/{last}{'a' * _LONG}{rest}"
    yield f"{head}/1{rest}"
    yield f"{head}/*{rest}"
    yield f"{head}/%25{rest}"
