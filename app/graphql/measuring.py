"""How much a document asks for, told from its text and variables before anything is read. Pure.

The one measure of work is how many documents (shipments, orders, invoices, …) an answer may need: a list counts what it asks
for with `first`, a document's own list of shipments or orders counts as `ASSUMED`. Fragments are measured once
each, so that nesting them cannot make measuring itself the attack.
"""

from collections.abc import Mapping
from functools import partial
from math import isfinite
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
)
from graphql.language import Visitor, visit

from app.graphql.refusals import refuse

TOKENS_MAX: Final = 2_000
DEPTH_MAX: Final = 15
ALIASES_MAX: Final = 50
COST_MAX: Final = 2_000
# Of the rate limit: as much as a list of fifty costs over REST.
DOCUMENTS_A_POINT: Final = 10
ASSUMED: Final = 5
LIST_LEAST: Final = DOCUMENTS_A_POINT
# Of one document: for the sizes it is asked for with, which are few.
COSTS_MAX: Final = 100
_DOCUMENTS: Final = frozenset({"Shipment", "Order", "Node", "Document", "Invoice", "OpenException", "Change"})
# What stands in a document, and so is no other one; and lists that say nothing of their size.
_PARTS: Final = frozenset({"Shipment.documents", "Order.documents", "Order.invoices"})
_SEVERAL: Final = _PARTS | {"Shipment.orders", "Order.shipments", "Query.lookup"}

Variables = Mapping[str, Any]


class _Shape(Visitor):
    """Aliases, and whether the schema is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.aliases = 0
        self.introspects = False

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.aliases += node.alias is not None
        self.introspects |= node.name.value in ("__schema", "__type")


def refuse_shape(document: DocumentNode, *, introspection: bool) -> None:
    """Raise what is refused before the document is held against the schema."""
    shape = _Shape()
    visit(document, shape)
    if shape.introspects and not introspection:
        raise refuse("INTROSPECTION_DISABLED", "This service does not tell its schema.")
    if shape.aliases > ALIASES_MAX:
        raise refuse("TOO_MANY_ALIASES", f"The document has {shape.aliases} aliases; {ALIASES_MAX} are allowed.")


class _Sizes(Visitor):
    """The variables that say how much is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()

    def enter_argument(self, node: Any, *_: object) -> None:  # noqa: ANN401 - a visitor's argument
        if isinstance(node.value, VariableNode) and node.name.value in ("first", "ids"):
            self.variables.add(node.value.name.value)


def _size(value: Any) -> int | None:  # noqa: ANN401 - any JSON value
    """What of a variable's value costs depend on."""
    return len(value) if isinstance(value, list) else None if value is None else _number(value)


class Measure:
    """Measures one valid document against a schema."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        sizes = _Sizes()
        visit(document, sizes)
        self._sizes = tuple(sorted(sizes.variables))
        self._costs: dict[tuple[object, ...], int] = {}

    def refuse_depth(self) -> None:
        known: dict[str, int] = {}
        deepest = max((self._depth(one.selection_set, known) for one in self._operations), default=0)
        if deepest > DEPTH_MAX:
            raise refuse("TOO_DEEP", f"The document nests {deepest} fields deep; {DEPTH_MAX} are allowed.")

    def cost(self, operation: OperationDefinitionNode, variables: Variables) -> int:
        """How many documents the answer may need. Raises when that is more than is allowed."""
        key = (id(operation), *(_size(variables.get(name)) for name in self._sizes))
        known = self._costs.get(key)
        if known is None:
            known = self._measured(operation, variables)
            if len(self._costs) < COSTS_MAX:
                self._costs[key] = known
        return known

    def _measured(self, operation: OperationDefinitionNode, variables: Variables) -> int:
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            return 1
        given = {one.variable.name.value: one.default_value for one in operation.variable_definitions or ()} | dict(
            variables
        )
        cost = max(1, self._cost(root, operation.selection_set, given, {}))
        if cost > COST_MAX:
            raise refuse("TOO_COSTLY", f"The answer may need {cost} documents; {COST_MAX} are allowed. Ask for less.")
        return cost

    def _depth(self, selected: SelectionSetNode | None, known: dict[str, int]) -> int:
        deepest = depth = 0
        for one in selected.selections if selected else ():
            if isinstance(one, FieldNode):
                # The schema nests deeply by itself, and may be asked for only where that is allowed.
                depth = 0 if one.name.value.startswith("__") else 1 + self._depth(one.selection_set, known)
            elif isinstance(one, FragmentSpreadNode):
                name = one.name.value
                if name not in known:
                    known[name] = self._depth(self._fragments[name].selection_set, known)
                depth = known[name]
            elif isinstance(one, InlineFragmentNode):
                depth = self._depth(one.selection_set, known)
            deepest = max(deepest, depth)
        return deepest

    def _cost(self, parent: Any, selected: SelectionSetNode | None, given: Variables, known: dict[str, int]) -> int:  # noqa: ANN401 - a composite type
        cost = 0
        for one in selected.selections if selected else ():
            if isinstance(one, FieldNode):
                cost += self._cost_of_field(parent, one, given, known)
            elif isinstance(one, FragmentSpreadNode):
                name = one.name.value
                if name not in known:
                    fragment = self._fragments[name]
                    on = self._schema.get_type(fragment.type_condition.name.value)
                    known[name] = self._cost(on, fragment.selection_set, given, known)
                cost += known[name]
            elif isinstance(one, InlineFragmentNode):
                on = self._schema.get_type(one.type_condition.name.value) if one.type_condition else parent
                cost += self._cost(on, one.selection_set, given, known)
        return cost

    def _cost_of_field(self, parent: Any, field: FieldNode, given: Variables, known: dict[str, int]) -> int:  # noqa: ANN401 - a composite type
        definition = parent.fields.get(field.name.value)
        if definition is None or field.selection_set is None:
            return 0
        kind = get_named_type(definition.type)
        where = f"{parent.name}.{field.name.value}"
        is_read = kind.name in _DOCUMENTS and where not in _PARTS
        inner = self._cost(kind, field.selection_set, given, known) + is_read
        value = partial(_argument, field, given)
        if "first" in definition.args:
            times = value("first", definition.args["first"].default_value)
            # A list costs a question to Postgres however little of it is asked, be it nothing but the number.
            return max(LIST_LEAST, _number(times) * inner)
        if where == "Query.nodes":
            ids = value("ids", ())
            return inner * (len(ids) if isinstance(ids, list | tuple) else 1)
        return inner * (ASSUMED if where in _SEVERAL else 1)


def _number(value: Any) -> int:  # noqa: ANN401 - any JSON value
    """How many of a list; of JSON's numbers 200.0 is 200 too. What is none is refused when it is coerced."""
    return int(value) if isinstance(value, int) or (isinstance(value, float) and isfinite(value)) else 1


def _argument(field: FieldNode, given: Variables, name: str, default: Any) -> Any:  # noqa: ANN401 - any JSON value
    """An argument's value as far as sizes need it. What is no value of its type is refused when it is coerced."""
    node = next((one.value for one in field.arguments or () if one.name.value == name), None)
    if isinstance(node, VariableNode):
        found = given.get(node.name.value)
        return default if found is None else _literal(found) if isinstance(found, ValueNode) else found
    return default if node is None else _literal(node)


def _literal(node: ValueNode) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, IntValueNode):
        return int(node.value)
    return node.values if isinstance(node, ListValueNode) else None
