"""The fields of a selection set as the specification collects them (6.3.2), for one type that is known. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.language import Visitor, visit

from app.graphql.compiled import Declined

Collected = dict[str, list[FieldNode]]


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()

    def enter_directive(self, node: Any, *_: object) -> None:  # noqa: ANN401 - a visitor's argument
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.variables.add(argument.value.name.value)


def conditions_of(document: DocumentNode) -> tuple[str, ...]:
    """The variables that say what is included and skipped: for each set of their values there is a plan."""
    found = _Conditions()
    visit(document, found)
    return tuple(sorted(found.variables))


class Collector:
    """Collects fields while the conditions have these values."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, conditions: Mapping[str, bool]) -> None:
        self._schema = schema
        self._conditions = conditions
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }

    @property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        return self._fragments

    def fields(self, kind: GraphQLObjectType, selected: Sequence[SelectionSetNode]) -> Collected:
        """The fields to answer by the name they are answered under, in order."""
        collected: Collected = {}
        seen: set[str] = set()
        for one in selected:
            for field in self._collect(kind, one, seen):
                collected.setdefault(field.alias.value if field.alias else field.name.value, []).append(field)
        return collected

    def _collect(self, kind: GraphQLObjectType, selected: SelectionSetNode, seen: set[str]) -> Iterator[FieldNode]:
        for one in selected.selections:
            if not self._is_included(one):
                continue
            if isinstance(one, FieldNode):
                yield one
            elif isinstance(one, InlineFragmentNode):
                if one.type_condition is None or self._applies(kind, one.type_condition.name.value):
                    yield from self._collect(kind, one.selection_set, seen)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in seen:
                seen.add(one.name.value)
                fragment = self._fragments[one.name.value]
                if self._applies(kind, fragment.type_condition.name.value):
                    yield from self._collect(kind, fragment.selection_set, seen)

    def _applies(self, kind: GraphQLObjectType, condition: str) -> bool:
        on: Any = self._schema.get_type(condition)
        return on is kind or (
            on is not None and not isinstance(on, GraphQLObjectType) and self._schema.is_sub_type(on, kind)
        )

    def _is_included(self, one: Any) -> bool:  # noqa: ANN401 - any selection
        included = True
        for directive in one.directives or ():
            name = directive.name.value
            if name not in ("include", "skip"):
                raise Declined(f"@{name}")
            holds = self._value(directive.arguments[0].value)
            included = included and (holds if name == "include" else not holds)
        return included

    def _value(self, node: Any) -> bool:  # noqa: ANN401 - a value that validation has found to be Boolean
        if isinstance(node, BooleanValueNode):
            return node.value
        return self._conditions[node.name.value]
