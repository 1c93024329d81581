"""Variables that need no coercing: plain scalars, given as what they are. Pure.

Coercing by the book costs more than answering. Whatever is not plainly valid is left to it.
"""

from typing import Any, Final, Self

from graphql import ListValueNode, NonNullTypeNode, ObjectValueNode, OperationDefinitionNode, VariableNode
from graphql.execution.values import VariableValues
from graphql.language import Visitor, visit

_INT_MAX: Final = 2**31 - 1
_TYPES: Final[dict[str, type]] = {"ID": str, "String": str, "Int": int, "Boolean": bool}


class _Nested(Visitor):
    """Whether a variable stands within an object or a list, where its source counts too."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.found = False

    def enter(self, node: Any, *_: object) -> None:  # noqa: ANN401 - any node
        self.depth += isinstance(node, ListValueNode | ObjectValueNode)
        self.found |= self.depth > 0 and isinstance(node, VariableNode)

    def leave(self, node: Any, *_: object) -> None:  # noqa: ANN401 - any node
        self.depth -= isinstance(node, ListValueNode | ObjectValueNode)


class QuickVariables:
    """The variables of an operation that declares plain ones alone."""

    def __init__(self, declared: dict[str, tuple[type, bool]]) -> None:
        """`declared`: by name the type, and whether null is not allowed."""
        self._declared = declared

    @classmethod
    def of(cls, operation: OperationDefinitionNode) -> Self | None:
        nested = _Nested()
        visit(operation, nested)
        declared: dict[str, tuple[type, bool]] = {}
        for one in operation.variable_definitions or ():
            needed = isinstance(one.type, NonNullTypeNode)
            named: Any = one.type.type if isinstance(one.type, NonNullTypeNode) else one.type
            name = getattr(getattr(named, "name", None), "value", "")
            if one.default_value is not None or name not in _TYPES or nested.found:
                return None
            declared[one.variable.name.value] = (_TYPES[name], needed)
        return cls(declared)

    def coerced(self, variables: dict[str, Any]) -> VariableValues | None:
        """The values as the specification coerces them, or None where that is not plain to see."""
        coerced: dict[str, Any] = {}
        for name, (kind, needed) in self._declared.items():
            value = variables.get(name)
            if value is None:
                if needed:
                    return None
                if name in variables:
                    coerced[name] = None
            elif type(value) is not kind or (isinstance(value, int) and abs(value) > _INT_MAX):
                return None
            else:
                coerced[name] = value
        return VariableValues({}, coerced)
