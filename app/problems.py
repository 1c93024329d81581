"""Every way a request can be refused, as one table, and the answer it becomes (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

MEDIA_TYPE = "application/problem+json"


class ProblemType(msgspec.Struct, frozen=True):
    status: HTTPStatus
    title: str


# Codes are part of the contract: a retired one stays listed.
PROBLEMS: dict[str, ProblemType] = {
    "malformed": ProblemType(HTTPStatus.BAD_REQUEST, "The request cannot be understood"),
    "unknown_parameter": ProblemType(HTTPStatus.BAD_REQUEST, "A parameter is not known"),
    "invalid_parameter": ProblemType(HTTPStatus.BAD_REQUEST, "A parameter is not valid"),
    "invalid_body": ProblemType(HTTPStatus.BAD_REQUEST, "The request body is not valid"),
    "digest_mismatch": ProblemType(HTTPStatus.BAD_REQUEST, "The body has another digest than was said"),
    "broken_cursor": ProblemType(HTTPStatus.BAD_REQUEST, "The cursor does not fit"),
    "broken_position": ProblemType(HTTPStatus.BAD_REQUEST, "The position is none of ours"),
    "missing_token": ProblemType(HTTPStatus.UNAUTHORIZED, "An access token is required"),
    "invalid_token": ProblemType(HTTPStatus.UNAUTHORIZED, "The access token is not valid"),
    "expired_token": ProblemType(HTTPStatus.UNAUTHORIZED, "The access token has expired"),
    "unproved_sender": ProblemType(HTTPStatus.UNAUTHORIZED, "The sender is not proved"),
    "missing_scope": ProblemType(HTTPStatus.FORBIDDEN, "The access token lacks a scope"),
    "no_account": ProblemType(HTTPStatus.FORBIDDEN, "The access token names no customer account"),
    "wrong_party": ProblemType(HTTPStatus.FORBIDDEN, "The access token is of another party"),
    "not_an_operator": ProblemType(HTTPStatus.FORBIDDEN, "The access token is a customer's"),
    "not_found": ProblemType(HTTPStatus.NOT_FOUND, "Not found"),
    "method_not_allowed": ProblemType(HTTPStatus.METHOD_NOT_ALLOWED, "The method is not allowed here"),
    "not_acceptable": ProblemType(HTTPStatus.NOT_ACCEPTABLE, "The answer cannot be given in such a media type"),
    "already_settled": ProblemType(HTTPStatus.CONFLICT, "It was decided already"),
    "too_large": ProblemType(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large"),
    "target_too_long": ProblemType(HTTPStatus.REQUEST_URI_TOO_LONG, "The address of the request is too long"),
    "headers_too_large": ProblemType(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's headers are too large"),
    "unsupported_media_type": ProblemType(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The content type is not supported"),
    "range_not_satisfiable": ProblemType(
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "There are no bytes in this range"
    ),
    "event_quarantined": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "The event was quarantined"),
    "history_too_long": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "The history is too long to be told"),
    "idempotency_key_reused": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "The idempotency key was used before"),
    "rate_limited": ProblemType(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    "internal": ProblemType(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
    "not_offered": ProblemType(HTTPStatus.NOT_IMPLEMENTED, "Not offered here"),
    "unavailable": ProblemType(HTTPStatus.SERVICE_UNAVAILABLE, "Not available right now"),
    "position_not_reached": ProblemType(HTTPStatus.SERVICE_UNAVAILABLE, "Not that far yet"),
}


class ProblemError(msgspec.Struct, frozen=True):
    """One thing wrong with the request: where (JSON Pointer into it), which rule, in words."""

    pointer: str
    code: str
    detail: str


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error answer."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    errors: tuple[ProblemError, ...] = ()


class Problem(Exception):  # noqa: N818 - the standard's word for it
    """A refusal, to be raised anywhere below a request."""

    def __init__(
        self, code: str, detail: str, *, errors: tuple[ProblemError, ...] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}

    @property
    def status(self) -> int:
        return PROBLEMS[self.code].status.value

    def body(self, trace_id: str) -> bytes:
        return msgspec.json.encode(self.document(trace_id))

    def document(self, trace_id: str) -> ProblemDocument:
        known = PROBLEMS[self.code]
        kind = f"/docs/problems#{self.code}"
        return ProblemDocument(kind, known.title, known.status.value, self.detail, self.code, trace_id, self.errors)


def trace_id_of(scope: Mapping[str, Any]) -> str:
    """The id this request goes by in answers and logs; the edge gave it one."""
    trace_id: str = scope.get("portal.trace_id", "")
    return trace_id
