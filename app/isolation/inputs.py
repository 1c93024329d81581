"""The questions one can ask an operation about a tenant, made from its description and what is known of the tenant."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from app.isolation.description import Description, JsonSchema, Operation, Parameter
from app.isolation.exchange import Request
from app.isolation.knowledge import Knowledge

# As many as the look-up of many takes at once (contract, section 3).
SEVERAL = 200
_CHOICES_MAX = 3
_POSITIONS = ("portal-min-position", "min_version")
_DEPTH_MAX = 8
_CLOUD_EVENT, _CLOUD_EVENTS = "application/cloudevents+json", "application/cloudevents-batch+json"


class Inputs:
    def __init__(self, description: Description, known: Knowledge) -> None:
        self._description = description
        self._known = known

    def requests(self, operation: Operation) -> Iterator[Request]:
        """Each value of each parameter once, the other required ones given; each kind of body."""
        paths = list(self.paths(operation))
        if not paths:
            return
        required = [(one.name, self._choices(one)) for one in operation.placed("query") if one.required]
        least = [(name, choices[0]) for name, choices in required if choices]
        bodies: list[tuple[str, bytes] | None] = [*self._bodies(operation)] or [None]
        for path in paths:
            for body in bodies:
                yield _request(operation, path, least, body)
        counted = "limit" in {one.name for one in operation.placed("query")}
        for parameter in operation.placed("query"):
            others = [pair for pair in least if pair[0] != parameter.name]
            for number, value in enumerate(self._choices(parameter)):
                asked = [*others, (parameter.name, value)]
                yield _request(operation, paths[0], asked, bodies[0])
                if counted and number == 0 and parameter.name != "limit":
                    # How many there are shows in whether there is a next page.
                    yield _request(operation, paths[0], [*asked, ("limit", "1")], bodies[0])
        for parameter in operation.placed("header"):
            for value in self._choices(parameter):
                yield _request(operation, paths[0], least, bodies[0]).with_header(parameter.name, value)

    def paths(self, operation: Operation) -> Iterator[str]:
        """The path with each id of the tenant's in it. The same value at each of several places."""
        names = [one for one in operation.placed("path") if "{" + one.name in operation.path]
        if not names:
            yield operation.path
            return
        choices = [self._choices(one) for one in names]
        for index in range(max(map(len, choices))):
            path = operation.path
            for parameter, values in zip(names, choices, strict=True):
                path = path.replace("{" + parameter.name + "}", quote(values[index % len(values)], safe=""))
            yield path

    def _choices(self, parameter: Parameter) -> list[str]:
        """Values of a parameter: by its schema where that leaves no choice, else the tenant's own."""
        if parameter.name.lower() == "if-none-match":
            return [*self._known.etags[:_CHOICES_MAX], "*"]
        if parameter.name.lower() in _POSITIONS:
            # It names nothing, so that one is as good as another.
            return self._known.values("position")[:1]
        plain = self._plain(parameter.schema)
        return plain if plain is not None else self._known.values(parameter.name)

    def _plain(self, schema: JsonSchema) -> list[str] | None:
        """What a schema allows when it is not free text."""
        schema = self._description.resolved(schema)
        kind = schema.get("type")
        if kind == "array":
            return self._plain(schema.get("items", {}))
        if "enum" in schema:
            return [str(one) for one in schema["enum"][:_CHOICES_MAX]]
        if kind == "boolean":
            return ["true", "false"]
        if kind in ("integer", "number"):
            return sorted({str(schema.get("minimum", 1)), str(schema.get("maximum", 1))})
        if schema.get("format") == "date-time":
            return [datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "2000-01-01T00:00:00Z"]
        return None

    def _bodies(self, operation: Operation) -> Iterator[tuple[str, bytes]]:
        for media_type, schema in operation.bodies.items():
            if media_type in (_CLOUD_EVENT, _CLOUD_EVENTS):
                # What the tenant's systems said already: taken again it is a duplicate and changes nothing.
                told = self._known.events[:SEVERAL]
                said: Any = told if media_type == _CLOUD_EVENTS else told[0]
                yield media_type, msgspec.json.encode(said)
            elif media_type.endswith("json") and not operation.is_for_sources:
                yield media_type, msgspec.json.encode(self._json(schema, "", 0))
            elif not media_type.endswith("json"):
                sent = "text/plain" if "*" in media_type else media_type
                yield sent, "\n".join(self._known.all_values()[:SEVERAL]).encode()

    def _json(self, schema: JsonSchema, name: str, index: int, depth: int = 0) -> Any:  # noqa: ANN401, PLR0911 - JSON
        """A value that a schema allows, with what is the tenant's wherever text may stand."""
        schema = self._description.resolved(schema)
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                parts = [one for one in schema[several] if one.get("type") != "null"]
                return self._json(parts[0], name, index, depth)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        kind = schema.get("type", "object" if "properties" in schema else "string")
        kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
        if kind == "object":
            fields: Mapping[str, JsonSchema] = schema.get("properties", {}) if depth < _DEPTH_MAX else {}
            # Every other of several says only what it must: what narrows a question hides what it would show.
            least = (schema.get("required") if index % 2 else None) or fields
            return {key: self._json(fields[key], key, index, depth + 1) for key in least if key in fields}
        if kind == "array":
            count = min(schema.get("maxItems", SEVERAL), SEVERAL) if depth <= 1 else 1
            return [self._json(schema.get("items", {}), name, one, depth + 1) for one in range(count)]
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "boolean":
            return True
        return self._text(schema, name, index)

    def _text(self, schema: JsonSchema, name: str, index: int) -> str:
        if schema.get("format") == "date-time":
            return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if schema.get("format") in ("uri", "url") or name.endswith("url"):
            return f"https://receiver.example/{self._known.all_values()[0]}"
        values = self._known.all_values() if name in ("reference", "value", "references") else self._known.values(name)
        return values[index % len(values)]


def _request(operation: Operation, path: str, query: list[tuple[str, str]], body: tuple[str, bytes] | None) -> Request:
    target = f"{path}?{urlencode(query)}" if query else path
    if body is None:
        return Request(operation.method, target)
    return Request(operation.method, target, (("Content-Type", body[0]),), body[1])
