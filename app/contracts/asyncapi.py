"""The AsyncAPI 3.0 document: through which doors events come in, and a message for each type. Pure."""

from typing import Any

from app.contracts.event_schemas import owners_text, summary
from app.contracts.examples import EXAMPLES
from app.rest.answers import JSON
from app.rest.events import BATCH, MAX_BATCH_EVENTS, ONE
from projections.events import EVENT_TYPES
from projections.feed.names import FIELD, GROUP, stream_name
from projections.intake.intake import MAX_EVENT_BYTES

VERSION = "1.0.0"
_ABOUT = """\
How the ERP, WMS, TMS, carriers, 3PLs and the CRM tell this service what happened.

Every event is a CloudEvents 1.0 envelope in JSON. `type` names the schema of `data`; the first segment of
`source` is the role it speaks in, and a role may say only what it owns. `source` and `id` together are the
event's identity: sending it again does no harm. Events may come late and in any order."""


def asyncapi_document() -> dict[str, Any]:
    """The whole document. The payloads' schemas are files of their own, beside it in `events/`."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Shipment visibility: events in", "version": VERSION, "description": _ABOUT},
        "defaultContentType": ONE,
        "servers": _servers(),
        "channels": {"feed": _feed(), "http": _http()},
        "operations": _operations(),
        "components": {
            "messages": {name: _message(name) for name in EVENT_TYPES} | {"batch": _batch()},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token with the scope `events:write`; it names the sources it speaks for.",
                }
            },
        },
    }


def _servers() -> dict[str, Any]:
    return {
        "feed": {
            "host": "{host}:{port}",
            "protocol": "redis",
            "description": "Valkey 8+ or Redis 7+.",
            "variables": {"host": {"default": "localhost"}, "port": {"default": "6379"}},
        },
        "api": {
            "host": "{host}:{port}",
            "protocol": "https",
            "description": "This service's REST API.",
            "variables": {"host": {"default": "localhost"}, "port": {"default": "8000"}},
            "security": [{"$ref": "#/components/securitySchemes/bearer"}],
        },
    }


def _feed() -> dict[str, Any]:
    return {
        "address": stream_name(0).removesuffix("0") + "{shard}",
        "title": "Redis stream",
        "description": (
            f"XADD one event an entry, its JSON in the field `{FIELD.decode()}`. Entries are acknowledged for the "
            f"consumer group `{GROUP}` and removed once the event is stored for good."
        ),
        "parameters": {"shard": {"description": "Number of the stream, from 0.", "default": "0"}},
        "servers": [{"$ref": "#/servers/feed"}],
        "messages": _messages(),
        "x-redis-stream": {"field": FIELD.decode(), "consumer-group": GROUP},
    }


def _http() -> dict[str, Any]:
    return {
        "address": "/v1/events",
        "title": "HTTP",
        "description": (
            f"POST one event as {ONE}, up to {MAX_BATCH_EVENTS} as {BATCH}, or either as {JSON}. The answer says of "
            "each whether it was accepted, a duplicate, held or quarantined; openapi.json describes it."
        ),
        "servers": [{"$ref": "#/servers/api"}],
        "messages": _messages() | {"batch": {"$ref": "#/components/messages/batch"}},
    }


def _operations() -> dict[str, Any]:
    return {
        "takeFromFeed": {
            "action": "receive",
            "channel": {"$ref": "#/channels/feed"},
            "summary": "Take events from the stream through a consumer group.",
        },
        "takeOverHttp": {
            "action": "receive",
            "channel": {"$ref": "#/channels/http"},
            "summary": "Take one event or a batch over HTTP.",
            "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
        },
    }


def _messages() -> dict[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in EVENT_TYPES}


def _message(event_type: str) -> dict[str, Any]:
    return {
        "name": event_type,
        "title": event_type,
        "summary": summary(event_type),
        "description": f"Owners: {owners_text(event_type)}. At most {MAX_EVENT_BYTES:,} bytes.",
        "tags": [{"name": event_type.split(".", 1)[0]}],
        "payload": {"$ref": _schema_path(event_type)},
        "examples": [{"name": EXAMPLES[event_type].id, "payload": EXAMPLES[event_type].cloud_event}],
    }


def _batch() -> dict[str, Any]:
    return {
        "name": "batch",
        "title": "A batch of events",
        "summary": "Several events of any types; each is answered for itself.",
        "contentType": BATCH,
        "payload": {
            "type": "array",
            "maxItems": MAX_BATCH_EVENTS,
            "items": {"oneOf": [{"$ref": _schema_path(name)} for name in EVENT_TYPES]},
        },
    }


def _schema_path(event_type: str) -> str:
    return f"./events/{event_type}.json"
