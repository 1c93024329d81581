"""Which fields are asked for below a field, those within fragments too. Pure.

Each fragment is looked into once: those nested in each other double with every level otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from app.reads.lists import Kind
from projections.order_view.shapes import OrderSummary
from projections.shipment_view.shapes import ShipmentSummary

Fragments = Mapping[str, FragmentDefinitionNode]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


# What a list's own lines hold; whoever asks for more is given whole documents.
_SUMMARY_NAMES: Final[Mapping[Kind, frozenset[str]]] = {
    "shipment": frozenset({"__typename", "freshness", "atRisk", *map(_camel, ShipmentSummary.__struct_fields__)}),
    "order": frozenset({"__typename", "freshness", *map(_camel, OrderSummary.__struct_fields__)}),
}


def below(fields: Iterable[FieldNode], fragments: Fragments, *way: str) -> list[FieldNode]:
    """The fields that may be asked for at the end of this way of names, whatever type or condition they are under."""
    found = list(fields)
    for name in way:
        found = [one for one in _inner(found, fragments) if one.name.value == name]
    return _inner(found, fragments)


def asked_of_list(kind: Kind, fields: Sequence[FieldNode], fragments: Fragments) -> tuple[bool, bool]:
    """Whether a list's items need more than stands in its lines, and whether it is to be counted."""
    nodes = below(fields, fragments, "nodes") + below(fields, fragments, "edges", "node")
    whole = any(one.name.value not in _SUMMARY_NAMES[kind] for one in nodes)
    return whole, any(one.name.value == "totalCount" for one in below(fields, fragments))


def asks_what_passes(fields: Sequence[FieldNode], fragments: Fragments) -> bool:
    """Whether a list's items are asked for what depends on now, and stands in none of its lines."""
    nodes = below(fields, fragments, "nodes") + below(fields, fragments, "edges", "node")
    return any(one.name.value in ("freshness", "atRisk") for one in nodes)


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
