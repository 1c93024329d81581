"""An order and its parts."""

from typing import Any

import strawberry

from app.graphql.types.common import Charge, Freshness, Node, Place, Reason, Reference
from app.graphql.types.fields import hop, plain, section
from app.graphql.types.papers import Document, Invoice
from app.graphql.types.scalars import DateTime
from app.graphql.types.shipment import Shipment
from projections.statuses import ClosedReason, PhaseName, Status
from projections.subjects import is_order


@strawberry.type(description="A line of an order. What is neither shipped nor backordered is still to be picked.")
class OrderLine:
    line: int = plain("Its number on the order.")
    sku: str = plain("What was ordered.")
    description: str | None = plain("The same in words.")
    promised_at: DateTime | None = plain("When it was promised.")
    quantity_ordered: int = plain("Pieces ordered.")
    quantity_allocated: int = plain("Pieces set aside in the warehouse.")
    quantity_backordered: int = plain("Pieces that wait for stock.")
    quantity_shipped: int = plain("Pieces that left.")
    quantity_delivered: int = plain("Pieces that arrived.")
    backorder_expected_at: DateTime | None = plain("When stock is expected.")


@strawberry.type(description="Pieces of a line in one shipment.")
class OrderShipmentLine:
    line: int = plain("The line's number.")
    quantity: int = plain("How many.")


@strawberry.type(description="A shipment that carries part of an order.")
class OrderShipment:
    shipment_id: strawberry.ID = plain("The shipment's id.")
    number: str = plain("What the transport or warehouse system calls it.")
    status: Status = plain("Its status.")
    phase: PhaseName = plain("How far it has come.")
    closed_reason: ClosedReason | None = plain("How it ended, once it has.")
    eta_at: DateTime | None = plain("When it is expected.")
    delivered_at: DateTime | None = plain("When it arrived.")
    lines: list[OrderShipmentLine] = plain("Which pieces it carries.")
    shipment: Shipment | None = hop("shipment", "shipment_id", "The shipment itself. Takes the scope `shipments:read`.")


@strawberry.type(description="An order: its lines, and the shipments that bring them.")
class Order(Node):
    id: strawberry.ID = plain("The public id: the same over REST, and for good.")
    tenant: str = plain("Whose it is.")
    number: str = plain("Its number in the ERP.")
    status: Status = plain("What to show.")
    phase: PhaseName = plain("How far it has come, whatever is wrong.")
    closed_reason: ClosedReason | None = plain("How it ended, once it has.")
    reason: Reason = plain("Why the status is what it is.")
    ship_to: Place | None = plain("Where it goes.")
    promised_at: DateTime | None = plain("When it was promised.")
    eta_at: DateTime | None = plain("When the last of it is expected.")
    delivered_at: DateTime | None = plain("When the last of it arrived.")
    shipments_count: int = plain("How many shipments carry it.")
    created_at: DateTime = plain("Since when it is known.")
    last_event_at: DateTime = plain("When something was last said of it.")
    references: list[Reference] = plain("All its identifiers.")
    lines: list[OrderLine] = plain("What was ordered, and how far it is.")
    shipments: list[OrderShipment] = plain("The shipments that carry it.")
    documents: list[Document] | None = section("documents", "Its documents. Takes the scope `documents:read`.")
    charges: list[Charge] | None = section(
        "charges", "What it costs. Takes the scope `charges:read`, and to be who pays."
    )
    invoices: list[Invoice] | None = section(
        "invoices", "Its invoices. Takes the scope `invoices:read`, and to be who pays."
    )
    freshness: Freshness = plain("How fresh this is.")

    @classmethod
    def is_type_of(cls, source: Any, _info: object) -> bool:  # noqa: ANN401 - what a resolver returned
        return is_order(source["id"])
