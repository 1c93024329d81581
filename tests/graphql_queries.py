"""Random GraphQL requests that the schema can answer: any field, argument, alias, fragment, directive and nesting.

They ask about what is there, what is another tenant's and what is nobody's. Fast enough for a hundred thousand.
"""

import random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

from app.graphql.schema import sdl
from tests.api.ladder import NO_ORDER, NO_SHIPMENT, ORDER, OTHER_ORDER, OTHER_SHIPMENT, SHIPMENT

SCHEMA = build_schema(sdl())
# By the name of an argument; the usual first and more often.
STRINGS = {
    "id": (SHIPMENT, ORDER, SHIPMENT, ORDER, OTHER_SHIPMENT, OTHER_ORDER, NO_SHIPMENT, NO_ORDER, "x", ""),
    "reference": ("S-1", "SO-1", "PRO-S-1", "S-9", "SO-9", SHIPMENT, OTHER_ORDER, "nobody's", ""),
    "after": (None, None, None, "x"),
    "shipTo": ("Kiel", "Kiel", "Nowhere", ""),
    "carrier": ("ABFS", "XXXX"),
}
TIMES = ("2020-01-01T00:00:00Z", "2026-03-02T08:00:00+02:00", "2030-01-01T00:00:00Z", "yesterday")
INTS = (1, 2, 50, 200, 0, -1)
DEPTH_MAX = 7


class Request:
    """One generated request, and what it is made with."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - repeatable is the point
        self._declared: list[str] = []
        self._fragments: list[str] = []
        self._names = 0
        self.variables: dict[str, Any] = {}
        selected = self._selection(SCHEMA.query_type, 0)
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        self.query = "\n".join([f"query Generated{declared} {selected}", *self._fragments])

    def _selection(self, kind: Any, depth: int) -> str:
        """A selection set with at least one field."""
        fields = [
            name for name in kind.fields if depth < DEPTH_MAX or is_leaf_type(get_named_type(kind.fields[name].type))
        ]
        if not fields:
            return "{ __typename }"
        picked = [self._field(kind, name, depth) for name in self._some(fields)]
        picked += ["__typename"] * self._rarely()
        if isinstance(kind, GraphQLInterfaceType) or self._rarely():
            picked += [self._fragment(one, depth) for one in self._types(kind)]
        self._chance.shuffle(picked)
        return "{ " + " ".join(picked) + " }"

    def _types(self, kind: Any) -> list[Any]:
        return list(SCHEMA.get_possible_types(kind)) if isinstance(kind, GraphQLInterfaceType) else [kind]

    def _some(self, fields: list[str]) -> list[str]:
        if "viewer" in fields and self._chance.random() < 0.8:
            # What is compiled at the root.
            fields = ["shipment", "order", "node", "shipments", "orders"]
        count = min(len(fields), 1 + int(self._chance.expovariate(0.35)))
        return self._chance.sample(fields, count)

    def _field(self, kind: Any, name: str, depth: int) -> str:
        field = kind.fields[name]
        inner = get_named_type(field.type)
        selected = "" if is_leaf_type(inner) else " " + self._selection(inner, depth + 1)
        # Under an alias always where arguments could make two of one name differ.
        alias = f"{self._name('a')}: " if field.args or self._rarely() else ""
        return f"{alias}{name}{self._arguments(field)}{self._condition()}{selected}"

    def _fragment(self, kind: Any, depth: int) -> str:
        """Within it all fields have aliases, so that none clashes with one beside it."""
        leaves = [name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type))]
        inner = " ".join(f"{self._name('f')}: {one}" for one in self._some(leaves)) if leaves else "__typename"
        if depth < DEPTH_MAX - 2 and (
            nested := [
                one
                for one, field in kind.fields.items()
                if not is_leaf_type(get_named_type(field.type)) and not field.args
            ]
        ):
            name = self._chance.choice(nested)
            inner += f" {self._name('n')}: {name} {self._selection(get_named_type(kind.fields[name].type), depth + 2)}"
        if self._chance.random() < 0.5:
            return f"... on {kind.name}{self._condition()} {{ {inner} }}"
        name = self._name("Fragment")
        self._fragments.append(f"fragment {name} on {kind.name} {{ {inner} }}")
        return f"...{name}{self._condition()} ...{name}"

    def _condition(self) -> str:
        if not self._rarely():
            return ""
        holds = self._chance.random() < 0.5
        value = self._variable("Boolean!", holds) if self._chance.random() < 0.5 else str(holds).lower()
        return f" @{self._chance.choice(['include', 'skip'])}(if: {value})"

    def _arguments(self, field: Any) -> str:
        given = [f"{name}: {self._given(name, one)}" for name, one in field.args.items() if self._wants(name)]
        return f"({', '.join(given)})" if given else ""

    def _wants(self, name: str) -> bool:
        return name in ("id", "ids", "reference") or self._chance.random() < 0.5

    def _given(self, name: str, argument: Any) -> str:
        value = self._value(name, argument.type)
        if self._chance.random() < 0.5:
            return self._variable(str(argument.type), value)
        return self._literal(value, argument.type)

    def _variable(self, kind: str, value: Any) -> str:
        name = self._name("v")
        self._declared.append(f"${name}: {kind}")
        self.variables[name] = value
        return f"${name}"

    def _value(self, name: str, kind: Any) -> Any:
        """A value as JSON."""
        if not isinstance(kind, GraphQLNonNull) and self._rarely():
            return None
        kind = get_nullable_type(kind)
        if isinstance(kind, GraphQLList):
            return [
                self._value(name.removesuffix("s") if name == "ids" else name, kind.of_type)
                for _ in range(self._chance.randint(0, 3))
            ]
        if isinstance(kind, GraphQLInputObjectType):
            picked = self._chance.sample(list(kind.fields), self._chance.randint(0, 2))
            return {
                one: self._value("id" if one in ("orderId", "shipmentId") else one, kind.fields[one].type)
                for one in picked
            }
        if isinstance(kind, GraphQLEnumType):
            return self._chance.choice(list(kind.values))
        plain: dict[str, Any] = {"Int": INTS, "Boolean": (True, False), "DateTime": TIMES}
        found = self._chance.choice(plain.get(kind.name) or STRINGS[name])
        return found if found is not None or not isinstance(kind, GraphQLNonNull) else ""

    def _literal(self, value: Any, kind: Any) -> str:
        kind = get_nullable_type(kind)
        if isinstance(value, dict):
            return (
                "{"
                + ", ".join(f"{name}: {self._literal(one, kind.fields[name].type)}" for name, one in value.items())
                + "}"
            )
        if isinstance(value, list):
            return "[" + ", ".join(self._literal(one, kind.of_type) for one in value) + "]"
        if isinstance(value, str) and not isinstance(kind, GraphQLEnumType):
            return f'"{value}"'
        return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def _rarely(self) -> bool:
        return self._chance.random() < 0.15
