"""How GraphQL refuses: each error has a code of this table, and says nothing of our insides."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLError

from app.problems import Problem
from app.refusals import problem_of
from auth.errors import Forbidden

# Codes are part of the contract. A problem of REST's has its own in capitals.
CODES: Final = {
    "GRAPHQL_PARSE_FAILED": "The document is not GraphQL.",
    "GRAPHQL_VALIDATION_FAILED": "The document asks for what the schema does not have.",
    "BAD_USER_INPUT": "A variable or an argument is not valid.",
    "OPERATION_RESOLUTION_FAILURE": "`operationName` names no operation of the document, or is needed to choose.",
    "TOO_DEEP": "The document nests deeper than is allowed.",
    "TOO_MANY_ALIASES": "The document has more aliases than are allowed.",
    "TOO_MANY_TOKENS": "The document is longer than is allowed.",
    "TOO_COSTLY": "The document may read more documents than are allowed.",
    "INTROSPECTION_DISABLED": "This service does not tell its schema; `openapi/schema.graphql` has it.",
    "PERSISTED_QUERY_NOT_FOUND": "No document is known by this hash: send it along.",
    "PERSISTED_QUERY_MISMATCH": "The hash is not that of the document.",
    "DOCUMENT_NOT_REGISTERED": "Only registered documents may be asked here.",
    "FORBIDDEN": "The token lacks a scope, named in `extensions.scope`.",
    "BROKEN_CURSOR": "The cursor does not fit.",
    "SUBSCRIPTION_NOT_STREAMED": "A subscription is asked for over a WebSocket, or with `Accept: text/event-stream`.",
    "TOO_MANY_SUBSCRIPTIONS": "The connection or the client has as many subscriptions as are allowed.",
    "SLOW_CONSUMER": "What is sent is not taken fast enough; go on from the last cursor.",
    "RESTARTING": "The process that answers stops; go on from the last cursor.",
    "UNAVAILABLE": "Not available right now; try again.",
    "INTERNAL": "Something went wrong on our side; it was logged under the trace id.",
}
_BAD_INPUT = frozenset({"invalid_parameter", "unknown_parameter"})


def refuse(code: str, words: str) -> GraphQLError:
    """An error of ours."""
    return GraphQLError(words, extensions={"code": code})


def formatted(error: GraphQLError, scope: Mapping[str, Any], code: str = "GRAPHQL_VALIDATION_FAILED") -> dict[str, Any]:
    """An error as it is answered; `code` is for those of GraphQL itself, which have none.

    What a resolver raised and is none of our refusals is masked, and logged under the trace id.
    """
    told: dict[str, Any] = dict(error.formatted)
    told["extensions"] = {"code": code, **(error.extensions or {}), "trace_id": scope["portal.trace_id"]}
    cause = error.original_error
    # What has no path was raised by no resolver: GraphQL says it of the document or the variables.
    if "code" in (error.extensions or {}) or error.path is None:
        return told
    if isinstance(cause, Forbidden):
        told["message"] = str(cause)
        told["extensions"] |= {"code": "FORBIDDEN", "scope": cause.missing_scope}
        return told
    if cause is None and _is_of_arguments(error):
        told["extensions"]["code"] = "BAD_USER_INPUT"
        return told
    problem = cause if isinstance(cause, Problem) else problem_of(cause or error, scope)
    told["message"] = problem.detail
    told["extensions"]["code"] = "BAD_USER_INPUT" if problem.code in _BAD_INPUT else problem.code.upper()
    return told


def _is_of_arguments(error: GraphQLError) -> bool:
    """What the executor says of an argument's value, which it coerces from the request; all else is ours."""
    return error.message.startswith("Argument ")
