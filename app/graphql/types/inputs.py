"""What lists are narrowed and ordered by: the rules are those of REST's query strings."""

from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

import msgspec
import strawberry

from app.graphql.types.enums import PaymentStatus, ReasonCode, ResponsibleParty, described
from app.graphql.types.scalars import DateTime
from app.reads.lists import Filters
from app.rest.query import ListQuery, OrderListQuery, ShipmentListQuery, as_struct
from projections.statuses import PhaseName, Status

T = TypeVar("T", bound=msgspec.Struct)


class SortField(Enum):
    CREATED_AT = "created_at"


class Direction(Enum):
    ASC = "asc"
    DESC = "desc"


described(SortField, "What a list is ordered by.", {"created_at": "Since when a thing is known."})
described(Direction, "Which way.", {"asc": "The oldest first.", "desc": "The newest first."})


def _given(description: str) -> Any:  # noqa: ANN401 - stands for any field's default
    return strawberry.field(description=description, default=None)


@strawberry.input(description="How a list is ordered.")
class ListOrder:
    field: SortField = strawberry.field(description="By what.", default=SortField.CREATED_AT)
    direction: Direction = strawberry.field(description="Which way.", default=Direction.DESC)


@strawberry.input(description="What shipments are listed; all given must hold.")
class ShipmentFilter:
    status: list[Status] | None = _given("Any of these statuses.")
    phase: list[PhaseName] | None = _given("Any of these phases.")
    carrier: list[str] | None = _given("Any of these carriers (SCAC).")
    ship_to: str | None = _given("The city it goes to.")
    has_exception: bool | None = _given("With, or without, an open problem.")
    updated_since: DateTime | None = _given("Changed at this time or since.")
    eta_before: DateTime | None = _given("Expected before this time.")
    eta_after: DateTime | None = _given("Expected after this time.")
    reference: str | None = _given("Shows this identifier.")
    order_id: strawberry.ID | None = _given("Carries part of this order.")
    at_risk: bool | None = _given("Unlikely, or likely, to keep its promise.")


@strawberry.input(description="What orders are listed; all given must hold.")
class OrderFilter:
    status: list[Status] | None = _given("Any of these statuses.")
    phase: list[PhaseName] | None = _given("Any of these phases.")
    ship_to: str | None = _given("The city it goes to.")
    has_exception: bool | None = _given("With, or without, an open problem.")
    updated_since: DateTime | None = _given("Changed at this time or since.")
    eta_before: DateTime | None = _given("Expected before this time.")
    eta_after: DateTime | None = _given("Expected after this time.")
    reference: str | None = _given("Shows this identifier.")


@strawberry.input(description="What open exceptions are listed; all given must hold.")
class ExceptionFilter:
    code: ReasonCode | None = _given("For this reason.")
    responsible_party: ResponsibleParty | None = _given("It is this party's turn.")
    status: list[Status] | None = _given("Of shipments with any of these statuses.")
    carrier: list[str] | None = _given("Of shipments with any of these carriers (SCAC).")
    shipment_id: strawberry.ID | None = _given("Of this shipment.")
    raised_since: DateTime | None = _given("Raised at this time or since.")


@strawberry.input(description="What invoices are listed; all given must hold.")
class InvoiceFilter:
    status: list[PaymentStatus] | None = _given("Any of these payment states.")
    order_id: strawberry.ID | None = _given("Of this order.")
    reference: str | None = _given("Of an order that shows this identifier, the invoice's number for one.")
    due_before: DateTime | None = _given("Due before this time.")


def checked(given: object | None, shape: type[T]) -> T:
    """An input as REST's query of this shape. Raises a problem that names the field that is wrong."""
    values = {} if given is None else {name: value for name, value in vars(given).items() if value is not None}
    return as_struct(msgspec.to_builtins(values, builtin_types=(datetime,)), shape)


def filters_of(given: ShipmentFilter | OrderFilter | None) -> Filters:
    """Checked as a query string is. Raises a problem that names the field that is wrong."""
    shape: type[ListQuery] = OrderListQuery if isinstance(given, OrderFilter) else ShipmentListQuery
    return checked(given, shape).filters()
