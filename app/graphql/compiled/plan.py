"""An operation as a plan: what to read for each of its fields, and the function that makes the answer of it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    VariableNode,
    get_argument_values,
    get_nullable_type,
)
from graphql.execution.values import VariableValues

from app.graphql.compiled import Declined
from app.graphql.compiled.collecting import Collector
from app.graphql.compiled.writing import LineDecoder, Made, Writer
from app.graphql.selecting import asked_of_list, asks_what_passes
from app.reads.lists import Kind

# What a field of the root reads, and the scope that takes.
_KINDS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "shipment": ("document", frozenset({"shipments:read"})),
    "order": ("document", frozenset({"orders:read"})),
    "node": ("node", frozenset({"shipments:read", "orders:read"})),
    "shipments": ("list", frozenset({"shipments:read"})),
    "orders": ("list", frozenset({"orders:read"})),
}

Arguments = Callable[[VariableValues], dict[str, Any]]


class Root(msgspec.Struct, frozen=True):
    """A field of the root: under which key it is answered, what it reads with which arguments, how it is made.

    `made` has a function for each type the source may be of. `asked` is what a list is asked for beside its page.
    """

    key: str
    reads: str
    subject: str
    arguments: Arguments
    made: Mapping[str, Made]
    asked: tuple[bool, bool] = (False, False)
    line: LineDecoder | None = None


class Plan(msgspec.Struct, frozen=True):
    """All fields of the root, and what the reader must hold for none of them to be refused."""

    roots: tuple[Root, ...]
    constants: Mapping[str, str]
    order: tuple[str, ...]
    scopes: frozenset[str]
    sections: frozenset[str]


def plan_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, conditions: Mapping[str, bool]
) -> Plan:
    """The plan of an operation while the conditions have these values. Raises Declined."""
    query = schema.query_type
    if operation.operation is not OperationType.QUERY or operation.directives or query is None:
        raise Declined("not a query")
    collector = Collector(schema, document, conditions)
    writer = Writer(schema, collector)
    fields = collector.fields(query, [operation.selection_set])
    constants = {key: query.name for key, nodes in fields.items() if nodes[0].name.value == "__typename"}
    drafts = [_Draft(key, nodes, schema, collector, writer) for key, nodes in fields.items() if key not in constants]
    functions = writer.functions()
    return Plan(
        roots=tuple(draft.root(functions) for draft in drafts),
        constants=constants,
        order=tuple(fields),
        scopes=frozenset(writer.scopes),
        sections=frozenset(writer.sections),
    )


class _Draft:
    """A field of the root whose functions are written, but do not exist yet."""

    def __init__(
        self, key: str, nodes: list[FieldNode], schema: GraphQLSchema, collector: Collector, writer: Writer
    ) -> None:
        self._key, self._name = key, nodes[0].name.value
        if self._name not in _KINDS or schema.query_type is None:
            raise Declined(self._name)
        self._reads, scopes = _KINDS[self._name]
        writer.scopes |= scopes
        definition = schema.query_type.fields[self._name]
        kind: Any = get_nullable_type(definition.type)
        selected = [one.selection_set for one in nodes if one.selection_set]
        types = [kind]
        if self._reads == "node":
            # Papers by themselves are seldom asked for, and left to the standard executor.
            types = [one for one in schema.get_possible_types(kind) if one.name in ("Shipment", "Order")]
        self._arguments = _arguments(definition, nodes[0])
        self._asked = (False, False)
        self._line: LineDecoder | None = None
        if self._reads == "list":
            self._write_list(kind, nodes, selected, collector, writer)
        else:
            self._written = {one.name: writer.object(one, selected) for one in types}

    def _write_list(
        self,
        kind: GraphQLObjectType,
        nodes: list[FieldNode],
        selected: list[SelectionSetNode],
        collector: Collector,
        writer: Writer,
    ) -> None:
        subject: Kind = "shipment" if self._name == "shipments" else "order"
        self._asked = asked_of_list(subject, nodes, collector.fragments)
        if self._asked[0] or asks_what_passes(nodes, collector.fragments):
            self._written = {kind.name: writer.object(kind, selected, attributes=True)}
        else:
            written, self._line = writer.page(kind, selected, subject.title())
            self._written = {kind.name: written}

    def root(self, functions: Mapping[str, Made]) -> Root:
        return Root(
            key=self._key,
            reads=self._reads,
            subject=self._name.removesuffix("s"),
            arguments=self._arguments,
            made={name: functions[written] for name, written in self._written.items()},
            asked=self._asked,
            line=self._line,
        )


def _arguments(definition: Any, node: FieldNode) -> Arguments:  # noqa: ANN401 - a field's definition
    """How a field's arguments are had from the variables: by hand where each is a variable of its own, or none."""
    values = {one.name.value: one.value for one in node.arguments or ()}
    if any(not isinstance(one, VariableNode) for one in values.values()):
        return partial(get_argument_values, definition, node)
    named = {name: one.name.value for name, one in values.items() if isinstance(one, VariableNode)}
    absent = {name: one.default_value for name, one in definition.args.items() if one.default_value is not Undefined}
    needed = [name for name, one in definition.args.items() if isinstance(one.type, GraphQLNonNull)]

    def arguments(given: VariableValues) -> dict[str, Any]:
        found = absent.copy()
        for name, variable in named.items():
            if variable in given.coerced:
                found[name] = given.coerced[variable]
        if any(found.get(name) is None for name in needed):
            raise Declined("an argument is missing")
        return found

    return arguments
