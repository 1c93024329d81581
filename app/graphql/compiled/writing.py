"""A selection written as Python: for each object a function from its source to what is answered. Pure.

Of the client's text only names get into what is written, which GraphQL allows no more than letters, digits and
underscores, and each as the `repr` of a string. Everything else comes from the schema.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    is_leaf_type,
)
from strawberry.types.field import StrawberryField

from app.graphql.compiled import Declined
from app.graphql.compiled.collecting import Collector
from app.graphql.types.fields import KIND, Hop, Section

# Fragments within fragments double: what is asked may be far more than what is written.
FIELDS_MAX: Final = 1_000
_DEFINITION: Final = "strawberry-definition"

# The source, and what other documents are had from (`Reading.document_at_hand`).
Made = Callable[[Any, Any], Any]
LineDecoder = Callable[[bytes], Any]


class Writer:
    """Writes functions, and gathers what answering them takes."""

    def __init__(self, schema: GraphQLSchema, collector: Collector) -> None:
        self._schema = schema
        self._collector = collector
        self._lines: list[str] = []
        self._constants: dict[str, Any] = {}
        self._count = 0
        self._fields = 0
        self._line_of = ""
        self._line: dict[str, bool] = {}
        self.scopes: set[str] = set()
        self.sections: set[str] = set()

    def functions(self) -> dict[str, Made]:
        """All that was written, by name."""
        names: dict[str, Any] = dict(self._constants)
        exec(compile("\n".join(self._lines), "<selection>", "exec"), names)  # noqa: S102 - see above what is in it
        return names

    def page(self, kind: GraphQLObjectType, selected: Sequence[SelectionSetNode], of: str) -> tuple[str, LineDecoder]:
        """As `object`, for a page of lines of this type; and what decodes of a line only what is asked of it."""
        self._line_of, self._line = of, {}
        name = self.object(kind, selected, attributes=True)
        self._line_of = ""
        members = [(member, Any) if needed else (member, Any, None) for member, needed in self._line.items()]
        return name, msgspec.json.Decoder(msgspec.defstruct("Line", sorted(members, key=len), gc=False)).decode

    def object(self, kind: GraphQLObjectType, selected: Sequence[SelectionSetNode], *, attributes: bool = False) -> str:
        """Write the function for an object; its name. `attributes`: the source is an object of ours, no document."""
        name = self._name("made")
        attributes = attributes or kind.name == self._line_of
        members = [
            f"{key!r}: {self._member(kind, nodes, attributes=attributes)}"
            for key, nodes in self._collector.fields(kind, selected).items()
        ]
        self._lines.append(f"def {name}(d, hop):\n return {{{', '.join(members)}}}")
        return name

    def _member(self, kind: GraphQLObjectType, nodes: list[FieldNode], *, attributes: bool) -> str:
        self._fields += 1
        if self._fields > FIELDS_MAX:
            raise Declined("too large")
        name = nodes[0].name.value
        if name == "__typename":
            return repr(kind.name)
        definition = kind.fields.get(name)
        if definition is None:
            raise Declined(name)
        field: StrawberryField = definition.extensions[_DEFINITION]
        how = field.metadata.get(KIND)
        if isinstance(how, Hop):
            self.scopes.add(f"{how.kind}s:read")
            return self._value(definition.type, f"hop({how.kind!r}, d.get({how.key!r}))", nodes)
        if isinstance(how, Section):
            self.sections.add(how.name)
        elif not field.is_basic_field:
            raise Declined(name)
        if kind.name == self._line_of:
            self._line[field.python_name] = isinstance(definition.type, GraphQLNonNull)
        return self._value(definition.type, _source(field.python_name, definition.type, attributes=attributes), nodes)

    def _value(self, kind: Any, source: str, nodes: list[FieldNode]) -> str:  # noqa: ANN401 - any output type
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, source, nodes)
        if is_leaf_type(kind) and not isinstance(kind, GraphQLEnumType):
            return source
        value = self._name("v")
        return f"(None if ({value} := {source}) is None else {self._present(kind, value, nodes)})"

    def _present(self, kind: Any, source: str, nodes: list[FieldNode]) -> str:  # noqa: ANN401 - any output type
        """What is answered for a source that is not null."""
        if isinstance(kind, GraphQLList):
            item = self._name("i")
            return f"[{self._item(kind.of_type, item, nodes)} for {item} in {source}]"
        if isinstance(kind, GraphQLEnumType):
            return f"{self._enum(kind)}[{source}]"
        if is_leaf_type(kind):
            return source
        if isinstance(kind, GraphQLObjectType):
            inner = [one.selection_set for one in nodes if one.selection_set]
            return f"{self.object(kind, inner)}({source}, hop)"
        raise Declined(kind.name)

    def _item(self, kind: Any, item: str, nodes: list[FieldNode]) -> str:  # noqa: ANN401 - any output type
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, item, nodes)
        return f"(None if {item} is None else {self._present(kind, item, nodes)})"

    def _enum(self, kind: GraphQLEnumType) -> str:
        """The names of an enum by the values that documents have."""
        name = f"enum_{kind.name}"
        self._constants[name] = {value.value: key for key, value in kind.values.items()}
        return name

    def _name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"


def _source(name: str, kind: Any, *, attributes: bool) -> str:  # noqa: ANN401 - any output type
    """As `app.graphql.schema.member`; what must be there and is not raises, and is then declined."""
    if attributes:
        return f"d.{name}"
    return f"d[{name!r}]" if isinstance(kind, GraphQLNonNull) else f"d.get({name!r})"
