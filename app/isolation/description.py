"""What the deployment says of itself at `/openapi.json`, as far as the proof needs it."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

JsonSchema = Mapping[str, Any]
_METHODS = ("get", "put", "post", "delete", "options", "patch")


class Parameter(msgspec.Struct, frozen=True):
    name: str
    place: str
    required: bool
    schema: JsonSchema


class Operation(msgspec.Struct, frozen=True):
    """One method on one path."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    scopes: tuple[str, ...]
    bodies: Mapping[str, JsonSchema]
    statuses: frozenset[int]

    @property
    def is_for_customers(self) -> bool:
        """Whether it answers with what belongs to the tenant of the token."""
        return bool(self.scopes) and not self.is_for_operators and not self.is_for_sources

    @property
    def is_for_operators(self) -> bool:
        """Operators see what is everybody's, and that is no leak."""
        return any(scope.startswith("ops:") for scope in self.scopes)

    @property
    def is_for_sources(self) -> bool:
        """Takes in what others say, and answers with what became of it."""
        return "events:write" in self.scopes

    def placed(self, place: str) -> list[Parameter]:
        return [one for one in self.parameters if one.place == place]


class Description:
    """The operations, and the schemas they refer to."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.operations = tuple(self._operations())

    def _operations(self) -> Iterator[Operation]:
        for path, item in self._document["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(method, path, item[method], item.get("parameters", []))

    def _operation(self, method: str, path: str, said: JsonSchema, shared: list[JsonSchema]) -> Operation:
        bodies = self.resolved(said.get("requestBody", {})).get("content", {})
        security = said.get("security", self._document.get("security", []))
        return Operation(
            id=said.get("operationId", f"{method} {path}"),
            method=method.upper(),
            path=path,
            parameters=tuple(self._parameter(one) for one in (*shared, *said.get("parameters", []))),
            scopes=tuple(scope for one in security for scopes in one.values() for scope in scopes),
            bodies={media_type: one.get("schema", {}) for media_type, one in bodies.items()},
            statuses=frozenset(int(status) for status in said["responses"] if status.isdigit()),
        )

    def _parameter(self, said: JsonSchema) -> Parameter:
        said = self.resolved(said)
        return Parameter(said["name"], said["in"], said.get("required", False), self.resolved(said.get("schema", {})))

    def resolved(self, said: JsonSchema) -> JsonSchema:
        """What a `$ref` within the document leads to; anything else as it is."""
        while "$ref" in said:
            found: Any = self._document
            for part in said["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            said = found
        return said
