"""GraphQL's types say all that REST's shapes say: a field added to a document is described there, or left out here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from graphql import GraphQLNamedType, build_schema, get_named_type, is_enum_type, is_object_type
from msgspec.inspect import CustomType, DictType, LiteralType, StructType, UnionType, VarTupleType, type_info

from app.cli.schema import schema as schema_command
from app.contracts.breaking import RELEASED, broken
from app.graphql.schema import CORE, sdl
from app.reads.freshness import Freshness
from app.rest.documents.operations import ServedDocument
from app.rest.exceptions import ExceptionsQuery, OpenProblem
from app.rest.money.operations import InvoiceListQuery, ServedInvoice
from app.rest.query import ListQuery, OrderListQuery, ShipmentListQuery
from projections.order_view.shapes import OrderView
from projections.references import Reference
from projections.shipment_view.shapes import ShipmentView

ROOT = Path(__file__).parents[2]
SHAPES = {
    ShipmentView: "Shipment",
    OrderView: "Order",
    ServedDocument: "Document",
    ServedInvoice: "Invoice",
    OpenProblem: "OpenException",
    Reference: "Reference",
    Freshness: "Freshness",
}
QUERIES = {
    ShipmentListQuery: "ShipmentFilter",
    OrderListQuery: "OrderFilter",
    InvoiceListQuery: "InvoiceFilter",
    ExceptionsQuery: "ExceptionFilter",
}
# What GraphQL has beyond the shapes: what is added when they are served, and the ways to other documents.
MORE = {
    "Shipment": {"atRisk", "freshness"},
    "Order": {"freshness"},
    "OrderPart": {"order"},
    "OrderShipment": {"shipment"},
    "Document": {"shipment", "order"},
    "DocumentContent": {"url"},
    "Invoice": {"order"},
    "OpenException": {"shipmentId"},
}
# What the shapes have and GraphQL has not, with the reason. Arguments of their own: how a list is paged and ordered.
LEFT_OUT: dict[str, str] = {}
PAGING = {"limit", "cursor", "sort"}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def structs(told: Any) -> Iterator[type]:
    """The shapes within a field's type."""
    match told:
        case StructType():
            yield told.cls
        case UnionType():
            for one in told.types:
                yield from structs(one)
        case VarTupleType():
            yield from structs(told.item_type)
        case _:
            assert not isinstance(told, DictType | CustomType), told


def pairs() -> list[tuple[type, str]]:
    """Every shape that is shown, and the type that describes it, however deep it stands."""
    found: dict[tuple[type, str], None] = {}
    waiting = list(SHAPES.items())
    while waiting:
        shape, name = waiting.pop()
        if (shape, name) in found or name == "Money":
            continue
        found[shape, name] = None
        fields = CORE.get_type(name).fields
        # What is missing fails below, where it is named.
        known = [field for field in type_info(shape).fields if camel(field.name) in fields]
        waiting += [
            (inner, get_named_type(fields[camel(field.name)].type).name)
            for field in known
            for inner in structs(field.type)
        ]
    return sorted(found, key=lambda pair: (pair[1], pair[0].__name__))


@pytest.mark.parametrize(("shape", "name"), pairs(), ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_a_type_says_what_its_shape_says(shape: type[msgspec.Struct], name: str):
    shown = {camel(one) for one in shape.__struct_fields__ if f"{name}.{camel(one)}" not in LEFT_OUT}
    described = set(CORE.get_type(name).fields)
    assert shown <= described, f"{name} does not say {shown - described}"


@pytest.mark.parametrize("name", sorted({name for _, name in pairs()}))
def test_a_type_says_nothing_that_no_shape_says_but_what_is_listed(name: str):
    shown = {camel(field) for shape, of in pairs() if of == name for field in shape.__struct_fields__}
    assert set(CORE.get_type(name).fields) - shown == MORE.get(name, set())


@pytest.mark.parametrize(("shape", "name"), QUERIES.items(), ids=list(QUERIES.values()))
def test_lists_are_narrowed_by_what_rests_are(shape: type[ListQuery], name: str):
    assert set(CORE.get_type(name).fields) == {camel(one) for one in shape.__struct_fields__} - PAGING


def literals(shape: type[msgspec.Struct], name: str) -> Iterator[tuple[str, tuple[Any, ...], GraphQLNamedType]]:
    for field in type_info(shape).fields:
        kinds = field.type.types if isinstance(field.type, UnionType) else (field.type,)
        for kind in kinds:
            described = CORE.get_type(name).fields.get(camel(field.name))
            if isinstance(kind, LiteralType) and described is not None:
                yield f"{name}.{field.name}", kind.values, get_named_type(described.type)


@pytest.mark.parametrize(
    ("values", "kind"),
    [pytest.param(values, kind, id=where) for pair in pairs() for where, values, kind in literals(*pair)],
)
def test_an_enum_has_all_values_a_document_may_hold(values: tuple[str, ...], kind: GraphQLNamedType):
    assert is_enum_type(kind)
    assert set(values) <= {one.value for one in kind.values.values()}


def test_everything_is_described():
    for kind in CORE.type_map.values():
        if not kind.name.startswith("__") and is_object_type(kind):
            assert kind.description, kind.name
            assert all(field.description for field in kind.fields.values()), kind.name


def test_nothing_breaks_clients_of_the_last_release():
    assert (ROOT / "openapi" / RELEASED).exists()
    assert broken(ROOT / "openapi", CORE) == []


def test_what_breaks_clients_of_the_last_release_is_named(tmp_path: Path):
    written = tmp_path / RELEASED
    CliRunner().invoke(schema_command, [str(tmp_path)])
    assert broken(tmp_path, CORE) == []
    written.parent.mkdir()
    written.write_text(sdl())
    cut = build_schema(sdl().replace("  hasPod: Boolean!\n", "  hasProof: Boolean!\n"))
    assert broken(tmp_path, cut) == ["Field Shipment.hasPod was removed."]
    written.write_text(sdl().replace("  hasPod: Boolean!\n", "  hasPod: Boolean!\n  colour: String\n"))
    ended = CliRunner().invoke(schema_command, [str(tmp_path), "--check"])
    assert ended.exit_code == 1
    assert "breaks clients of the last release: Field Shipment.colour was removed." in ended.output
