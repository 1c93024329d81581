"""The schema: every word of it described, true to the documents, and nothing taken away from clients."""

from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    is_specified_scalar_type,
)
from msgspec.inspect import ListType, UnionType, VarTupleType, type_info

from app.graphql.compiled.writing import _DEFINITION
from app.graphql.schema import CORE
from app.graphql.types.fields import KIND, Hop
from app.reads.freshness import Freshness, SourceFreshness
from projections.order_view import shapes as order
from projections.references import Reference
from projections.shipment_view import shapes as shipment
from projections.values import Carrier, Money, Place
from projections.views import ChargeView, DocumentView, Reason

ROOT = Path(__file__).parents[2]
TYPES = {name: kind for name, kind in CORE.type_map.items() if not name.startswith("__")}
# The struct whose JSON each type describes.
STRUCTS = {
    "Shipment": shipment.ShipmentView,
    "Milestone": shipment.MilestoneView,
    "ShipmentException": shipment.ExceptionView,
    "Package": shipment.PackageView,
    "ShipmentLine": shipment.LineView,
    "OrderPart": shipment.OrderPart,
    "Stop": shipment.StopView,
    "Load": shipment.LoadView,
    "Order": order.OrderView,
    "OrderLine": order.OrderLineView,
    "OrderShipment": order.OrderShipment,
    "OrderShipmentLine": order.OrderShipmentLine,
    "Invoice": order.InvoiceView,
    "Place": Place,
    "Carrier": Carrier,
    "Money": Money,
    "Reference": Reference,
    "Reason": Reason,
    "Risk": shipment.Risk,
    "Document": DocumentView,
    "Charge": ChargeView,
    "Freshness": Freshness,
    "SourceFreshness": SourceFreshness,
}
# What has no document of its own.
PAGES = {f"{one}{part}" for one in ("Shipment", "Order", "OpenException", "Invoice") for part in ("Connection", "Edge")}
BESIDE = {"Query", "Viewer", "Match", "PageInfo", "OpenException", "DocumentContent", *PAGES}
# What a part of a document is given when it is served: whose it is, of what, and how fresh.
GIVEN = {"freshness", "at_risk", "tenant", "shipment_id", "order_id", "order_number", "content"}


def test_every_type_field_argument_and_value_is_described():
    for name, kind in TYPES.items():
        assert kind.description or is_specified_scalar_type(kind), name
        for member, field in getattr(kind, "fields", {}).items():
            assert field.description, f"{name}.{member}"
            for argument, one in getattr(field, "args", {}).items():
                assert one.description, f"{name}.{member}({argument})"
        for value, one in getattr(kind, "values", {}).items():
            assert one.description, f"{name}.{value}"


def test_every_type_describes_a_struct_or_is_known_not_to():
    objects = {name for name, kind in TYPES.items() if isinstance(kind, GraphQLObjectType)}
    assert objects == STRUCTS.keys() | BESIDE


@pytest.mark.parametrize("name", STRUCTS)
def test_what_the_schema_promises_to_be_there_always_is(name: str):
    """Compiled answers rely on it: a member that may be missing or null is never one that may not be null."""
    told = {one.name: one for one in msgspec.structs.fields(STRUCTS[name])}
    for field in CORE.type_map[name].fields.values():
        python = field.extensions[_DEFINITION]
        if isinstance(python.metadata.get(KIND), Hop) or python.python_name in GIVEN:
            continue
        member = told[python.python_name]
        if isinstance(field.type, GraphQLNonNull):
            assert member.required, python.python_name
            assert not _may_be_null(member.type), python.python_name
            assert isinstance(field.type.of_type, GraphQLList) == _is_list(member.type), python.python_name


def _may_be_null(kind: Any) -> bool:
    found = type_info(kind)
    return isinstance(found, UnionType) and found.includes_none


def _is_list(kind: Any) -> bool:
    return isinstance(type_info(kind), ListType | VarTupleType)


def test_names_of_values_are_their_values_in_capitals():
    for name, kind in TYPES.items():
        if isinstance(kind, GraphQLEnumType):
            assert all(one.value.upper() == key for key, one in kind.values.items()), name
    assert all(isinstance(one, Enum) is False for one in TYPES["Status"].values.values())
