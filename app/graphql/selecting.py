"""Which fields are asked for below a field, those within fragments too. Pure.

Each fragment is looked into once: those nested in each other double with every level otherwise.
"""

from collections.abc import Iterable, Mapping

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

Fragments = Mapping[str, FragmentDefinitionNode]


def below(fields: Iterable[FieldNode], fragments: Fragments, *way: str) -> list[FieldNode]:
    """The fields that may be asked for at the end of this way of names, whatever type or condition they are under."""
    found = list(fields)
    for name in way:
        found = [one for one in _inner(found, fragments) if one.name.value == name]
    return _inner(found, fragments)


def _inner(fields: Iterable[FieldNode], fragments: Fragments) -> list[FieldNode]:
    inner: list[FieldNode] = []
    seen: set[str] = set()
    waiting = [one.selection_set for one in fields if one.selection_set]
    while waiting:
        for one in _selections(waiting.pop()):
            if isinstance(one, FieldNode):
                inner.append(one)
            elif isinstance(one, InlineFragmentNode):
                waiting.append(one.selection_set)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in seen:
                seen.add(one.name.value)
                waiting.append(fragments[one.name.value].selection_set)
    return inner


def _selections(selected: SelectionSetNode) -> Iterable[object]:
    return selected.selections
