"""Operations on invoices and charges, and the shapes they answer with."""

from typing import Annotated, Literal

import msgspec

from app.reads.freshness import Freshness
from app.reads.invoices import InvoiceFilters
from app.rest.operation import READ, READ_ONE, Operation
from app.rest.query import Words
from projections.events import PaymentStatus
from projections.order_view.shapes import Invoice
from projections.values import Instant
from projections.views import ChargeView


class ServedInvoice(Invoice, frozen=True, kw_only=True):
    """An invoice, with its freshness."""

    freshness: Freshness


class InvoicePage(msgspec.Struct, frozen=True):
    items: tuple[ServedInvoice, ...]
    next_cursor: str | None
    freshness: Freshness


class ChargePage(msgspec.Struct, frozen=True):
    """All charges of a shipment or order, the first posted first."""

    items: tuple[ChargeView, ...]
    freshness: Freshness


class InvoiceListQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=200, description="How many items a page may have.")] = 50
    cursor: Annotated[Words, msgspec.Meta(description="`next_cursor` of the page before.")] | None = None
    sort: Annotated[Literal["-posted_at", "posted_at"], msgspec.Meta(description="Newest first, or oldest first.")] = (
        "-posted_at"
    )
    status: Annotated[tuple[PaymentStatus, ...], msgspec.Meta(description="Any of these payment states.")] | None = None
    order_id: Annotated[Words, msgspec.Meta(description="Of this order (public id).")] | None = None
    reference: (
        Annotated[
            Words, msgspec.Meta(description="Of an order that shows this identifier, the invoice's number for one.")
        ]
        | None
    ) = None
    due_before: Annotated[Instant, msgspec.Meta(description="Due before this time.")] | None = None

    def filters(self) -> InvoiceFilters:
        """The part that narrows the list."""
        return InvoiceFilters(**{name: getattr(self, name) for name in InvoiceFilters.__struct_fields__})


_MONEY = "Invoices and charges"

MONEY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="listInvoices", method="get", path="/v1/invoices", tag=_MONEY, scope="invoices:read",
        summary="Your invoices and how far they are paid, the newest first.", query=InvoiceListQuery,
        answer=InvoicePage, refusals=READ, cost=5,
    ),
    Operation(
        id="getInvoice", method="get", path="/v1/invoices/{id}", tag=_MONEY, scope="invoices:read",
        summary="One invoice: what it is for, when it is due, whether it is paid.", answer=ServedInvoice,
        conditional=True, refusals=READ_ONE,
    ),
    Operation(
        id="listShipmentCharges", method="get", path="/v1/shipments/{id}/charges", tag=_MONEY, scope="charges:read",
        summary="What the freight of a shipment costs.", answer=ChargePage, conditional=True, refusals=READ_ONE,
    ),
    Operation(
        id="listOrderCharges", method="get", path="/v1/orders/{id}/charges", tag=_MONEY, scope="charges:read",
        summary="Freight charged to an order itself; its shipments have their own.", answer=ChargePage,
        conditional=True, refusals=READ_ONE,
    ),
)  # fmt: skip
