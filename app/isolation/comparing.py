"""Whether two answers tell a tenant's thing from one that never was."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from app.isolation.exchange import Answer, Request
from app.isolation.knowledge import replaced

# These tell of the time and of the caller's own use, and differ between any two answers.
_PASSING_HEADERS = frozenset(
    {b"date", b"x-request-id", b"ratelimit", b"ratelimit-policy", b"retry-after", b"server-timing", b"traceparent"}
)
# Where there is a freshness these follow from it.
_OF_FRESHNESS = frozenset({b"age", b"cache-control"})
# REST's names and GraphQL's. A position is sealed anew each time it is given.
_PASSING = re.compile(
    rb'"(?:as_?of|heard_?at|watermark|position|trace_?id)":(?:"[^"]*"|null)|"lag_?seconds":(?:[0-9.e+-]+|null)'
    rb'|"state":"(?:live|delayed|stale)"',
    re.IGNORECASE,
)


def twin_of(request: Request, nobodys: Mapping[str, str]) -> Request:
    """The same question about what never was, which stands beside what is asked about."""
    return msgspec.structs.replace(
        request,
        target=replaced(request.target, nobodys),
        headers=tuple((name, replaced(value, nobodys)) for name, value in request.headers),
        body=replaced(request.body.decode(), nobodys).encode() if request.body is not None else None,
    )


def difference(answer: Answer, twins: Answer, nobodys: Mapping[str, str], *, only_status: bool = False) -> str | None:
    """What tells the two apart, in words. What the request said may come back in both."""
    if answer.status != twins.status:
        return f"status {answer.status}, {twins.status} for what never was"
    if only_status:
        return None
    body, other = _steady(replaced(answer.body.decode("latin-1"), nobodys).encode("latin-1")), _steady(twins.body)
    if body != other:
        return f"the body: {_first_difference(body, other)}"
    passing = _PASSING_HEADERS | ({b"content-length"} if _PASSING.search(answer.body) else frozenset())
    passing |= _OF_FRESHNESS if b'"lag_seconds"' in answer.body else frozenset()
    head, others = _headers(answer, nobodys, passing), _headers(twins, {}, passing)
    return f"headers: {sorted(set(head) ^ set(others))}" if head != others else None


def _headers(answer: Answer, nobodys: Mapping[str, str], passing: frozenset[bytes]) -> list[tuple[bytes, str]]:
    return [
        (name.lower(), replaced(value.decode("latin-1"), nobodys))
        for name, value in answer.headers
        if name.lower() not in passing
    ]


def _steady(body: bytes) -> bytes:
    return _PASSING.sub(b"", body)


def _first_difference(one: bytes, other: bytes) -> str:
    at = next(
        (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return f"{one[max(0, at - 20) : at + 40]!r} and {other[max(0, at - 20) : at + 40]!r}"


def shape_of(answer: Answer) -> Any:  # noqa: ANN401 - any JSON value
    """All an answer says but how fresh it is."""
    try:
        return answer.status, _without_freshness(msgspec.json.decode(answer.body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return answer.status, answer.body


def _without_freshness(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {
            name: _without_freshness(inner) for name, inner in value.items() if name not in ("freshness", "trace_id")
        }
    return [_without_freshness(inner) for inner in value] if isinstance(value, list) else value
