"""The OpenAPI 3.1 description, made from the table of operations and the structs they name."""

from typing import Any

import msgspec

from app.problems import MEDIA_TYPE, PROBLEMS
from app.reads.seal import TOKEN_CHARACTERS_MAX
from app.rest.answers import JSON
from app.rest.documents.media import MEDIA_TYPES
from app.rest.events import BATCH, ONE
from app.rest.operation import Operation
from app.rest.operations import ERROR, OPERATIONS, SERVED_WITH_FRESHNESS, SERVED_WITH_RISK
from auth.scopes import SCOPES
from projections.words.catalogue import LANGUAGES

VERSION = "1.0.0"
NO_CONTENT = 204
_REF = "#/components/schemas/{name}"


def _in_path(name: str, words: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": words, "schema": {"type": "string"}}


_IN_PATH = {
    "{id}": _in_path("id", "The public id."),
    "{shipment_id}": _in_path("shipment_id", "The shipment's public id."),
    "{share_id}": _in_path("share_id", "The link's public id."),
    "{token}": _in_path("token", "The link's token: the last part of its address."),
    "{key}": _in_path("key", "The key a source is declared under."),
    "{entry_id}": _in_path("entry_id", "The quarantine entry's number."),
    "{event_key}": _in_path("event_key", "The waiting event's key."),
}
_AT_RISK = {"type": "boolean", "description": "Whether its promise is unlikely to be kept, as things stand now."}
_CONDITION = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of the copy you have.",
    "schema": {"type": "string"},
}
_ACCEPT_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "description": f"The languages you read, of {', '.join(LANGUAGES)}; else the words are English.",
    "schema": {"type": "string"},
}
_MIN_POSITION = {
    "name": "Portal-Min-Position",
    "in": "header",
    "description": "`freshness.position` of an answer, or `Portal-Position` of what was taken in: nothing older is"
    " answered. What is not that far yet is waited for, for two seconds.",
    "schema": {"type": "string", "maxLength": TOKEN_CHARACTERS_MAX},
}
_RANGES = [
    {
        "name": "Range",
        "in": "header",
        "description": "One range of bytes, such as `bytes=0-1023` or `bytes=-500`; of several all is sent.",
        "schema": {"type": "string"},
    },
    {
        "name": "If-Range",
        "in": "header",
        "description": "The ETag of what you have a part of: of anything else all is sent.",
        "schema": {"type": "string"},
    },
]
_CONTENT_DIGEST = {
    "name": "Content-Digest",
    "in": "header",
    "description": "`sha-256=:…:` (RFC 9530); bytes with another digest are refused.",
    "schema": {"type": "string"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Of your choice. The same key with the same body is answered as the first time, for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 257},
}


def document() -> dict[str, Any]:
    """The whole description. The same for every installation, so that it can be compared with what was released."""
    bodies = [operation.body for operation in OPERATIONS if not isinstance(operation.body, str)]
    structs = [one for one in (*(operation.answer for operation in OPERATIONS), *bodies, ERROR) if one is not None]
    _, components = msgspec.json.schema_components(structs, ref_template=_REF)
    for served in SERVED_WITH_FRESHNESS:
        components[served.__name__]["properties"]["freshness"] = {"$ref": _REF.format(name="Freshness")}
        components[served.__name__]["required"].append("freshness")
    for served in SERVED_WITH_RISK:
        components[served.__name__]["properties"]["at_risk"] = _AT_RISK
        components[served.__name__]["required"].append("at_risk")
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shipment visibility",
            "version": VERSION,
            "description": "Where is my order, and can I trust the answer? Every answer says how fresh it is.",
        },
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items())), "securitySchemes": {"oauth": _security()}},
    }


def _security() -> dict[str, Any]:
    flow = {"tokenUrl": "/oauth/token", "scopes": dict(sorted(SCOPES.items()))}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        **({"description": f"Counts as {operation.cost} of the rate limit."} if operation.cost > 1 else {}),
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
        "security": [{"oauth": [operation.scope]}] if operation.scope else [],
    }
    if operation.body:
        described["requestBody"] = _body(operation.body)
    return described


def _body(body: str | type[msgspec.Struct]) -> dict[str, Any]:
    if isinstance(body, str):
        return _BODIES[body]
    return {"required": True, "content": {JSON: {"schema": {"$ref": _REF.format(name=body.__name__)}}}}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [one for name, one in _IN_PATH.items() if name in operation.path]
    if operation.conditional:
        parameters.append(_CONDITION)
    if operation.worded:
        parameters.append(_ACCEPT_LANGUAGE)
    if _reads_views(operation):
        parameters.append(_MIN_POSITION)
    if operation.in_parts:
        parameters += _RANGES
    if operation.method == "put":
        parameters.append(_CONTENT_DIGEST)
    elif isinstance(operation.body, str):
        parameters.append(_IDEMPOTENCY_KEY)
    if operation.query:
        parameters += _query_parameters(operation.query)
    return parameters


def _reads_views(operation: Operation) -> bool:
    """Whether it shows a customer what was folded."""
    answer = operation.answer
    return answer is not None and (answer in SERVED_WITH_FRESHNESS or "freshness" in answer.__struct_fields__)


def _query_parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    (_,), components = msgspec.json.schema_components([query], ref_template=_REF)
    schema = components[query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(one, components)}
        for name, one in schema["properties"].items()
    ]


def _inlined(schema: Any, components: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON Schema is any JSON
    """A parameter's schema with what it refers to in place, and without the null that only means "not given"."""
    if isinstance(schema, list):
        return [_inlined(one, components) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(components[schema["$ref"].rsplit("/", 1)[1]], components)
    described = {name: _inlined(value, components) for name, value in schema.items()}
    options = [one for one in described.get("anyOf", []) if one != {"type": "null"}]
    if len(options) == 1:
        del described["anyOf"]
        return {**{name: value for name, value in described.items() if name != "default"}, **options[0]}
    return described


def _events_body() -> dict[str, Any]:
    one = {"type": "object", "description": "A CloudEvent; see openapi/events."}
    several = {"type": "array", "items": one, "maxItems": 1_000}
    return {
        "required": True,
        "content": {
            ONE: {"schema": one},
            BATCH: {"schema": several},
            JSON: {"schema": {"oneOf": [one, several]}},
        },
    }


_MESSAGES_BODY: dict[str, Any] = {
    "required": True,
    "description": "The bytes as the source's format has them, whichever content type they are sent as.",
    "content": {"*/*": {"schema": {}}},
}
# Whatever is asked for.
_BY_THE_EDGE = (414, 431)
_DOCUMENT_BODY: dict[str, Any] = {"required": True, "content": {one: {"schema": {}} for one in MEDIA_TYPES}}
_BODIES = {"events": _events_body(), "messages": _MESSAGES_BODY, "document": _DOCUMENT_BODY}


def _headers(operation: Operation) -> dict[str, Any]:
    """What a good answer says beside its body."""
    named: list[str] = ["RateLimit", "RateLimit-Policy"] if operation.scope else []
    if _reads_views(operation):
        named += ["Age", "Cache-Control"]
    if operation.tag == "Events in":
        named.append("Portal-Position")
    if operation.conditional:
        named.append("ETag")
    if operation.in_parts:
        named += ["Content-Disposition", "Accept-Ranges", "Repr-Digest"]
    headers: dict[str, Any] = {name: {"schema": {"type": "string"}} for name in named}
    if operation.worded:
        headers["Content-Language"] = {"schema": {"enum": list(LANGUAGES)}}
    return headers


def _responses(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {one: {"schema": {}} for one in operation.media_types}
    if operation.answer is not None:
        content = {JSON: {"schema": {"$ref": _REF.format(name=operation.answer.__name__)}}}
    good: dict[str, Any] = {"description": operation.summary}
    if operation.status != NO_CONTENT:
        good["content"] = content
    responses = {str(operation.status): good}
    if headers := _headers(operation):
        good["headers"] = headers
    if operation.conditional:
        responses["304"] = {"description": "Your copy is up to date."}
    if operation.in_parts:
        ranged = headers | {"Content-Range": {"schema": {"type": "string"}}}
        responses["206"] = {"description": "The range you asked for.", "content": content, "headers": ranged}
    if operation.tag == "Health":
        responses["503"] = {"description": "Not healthy.", "content": content}
    # Whatever takes a token is counted, whether or not its entry says so.
    for status in {*operation.refusals, *_BY_THE_EDGE, *((429,) if operation.scope else ())}:
        responses[str(status)] = _refusal(status)
    return dict(sorted(responses.items()))


def _refusal(status: int) -> dict[str, Any]:
    codes = sorted(code for code, problem in PROBLEMS.items() if problem.status == status)
    return {
        "description": f"Refused: {', '.join(codes)}.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name=ERROR.__name__)}}},
    }
