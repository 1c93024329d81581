"""A shipment and its parts."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from app.graphql.types.common import Carrier, Charge, Freshness, Node, Place, Reason, Reference
from app.graphql.types.enums import MilestoneCode, ReasonCode, ResponsibleParty, TransportMode
from app.graphql.types.fields import hop, plain, section
from app.graphql.types.papers import Document
from app.graphql.types.scalars import DateTime
from projections.statuses import ClosedReason, PhaseName, Status
from projections.subjects import is_shipment

if TYPE_CHECKING:
    from app.graphql.types.order import Order


@strawberry.type(description="Something that happened to a shipment.")
class Milestone:
    code: MilestoneCode = plain("What happened, for programs.")
    text: str = plain("What happened, for people.")
    phase: PhaseName = plain("How far it had come with that.")
    occurred_at: DateTime = plain("When it happened, in the offset of the place.")
    place: Place | None = plain("Where it happened.")
    source: str = plain("Which system said so.")
    tz_source: str | None = plain("Where the time's offset is from when the source gave none.")


@strawberry.type(description="A problem on the way.")
class ShipmentException:
    code: ReasonCode = plain("What is wrong, for programs.")
    text: str = plain("What is wrong, for people.")
    action_required: str | None = plain("What you should do, if anything.")
    responsible_party: ResponsibleParty = plain("Whose turn it is.")
    raised_at: DateTime = plain("Since when.")
    cleared_at: DateTime | None = plain("Until when; null while it is open.")
    place: Place | None = plain("Where.")


@strawberry.type(description="A package of a shipment.")
class Package:
    package: str = plain("Its SSCC or other number.")
    tracking_number: str | None = plain("The carrier's number for it.")
    weight_kg: float | None = plain("Its weight in kilograms.")


@strawberry.type(description="Pieces of a line of an order.")
class ShipmentLine:
    line: int = plain("The line's number on the order.")
    quantity_planned: int = plain("How many are to be shipped.")
    quantity_shipped: int | None = plain("How many left; null until the warehouse has confirmed.")


@strawberry.type(description="The part of an order that a shipment carries.")
class OrderPart:
    order_id: strawberry.ID = plain("The order's id.")
    erp_order: str = plain("The order's number in the ERP.")
    lines: list[ShipmentLine] = plain("Which pieces of which lines.")
    order: Annotated["Order", strawberry.lazy("app.graphql.types.order")] | None = hop(
        "order", "order_id", "The order itself. Takes the scope `orders:read`; null when nothing is known of it."
    )


@strawberry.type(description="Where a load stops for you.")
class Stop:
    purpose: str = plain("`pickup` or `delivery`.")
    place: Place = plain("Where.")
    planned_at: DateTime | None = plain("When, as planned.")


@strawberry.type(description="Your own part of a truck, container or flight.")
class Load:
    load: str = plain("The load's number.")
    stops: list[Stop] = plain("Where it stops for you.")


@strawberry.type(description="From when on a promise is unlikely to be kept should nothing more be heard, and why.")
class Risk:
    at_risk_from: DateTime = plain("From when on; it may lie ahead.")
    reason: Reason = plain("Why.")


@strawberry.type(description="A shipment: where it is, how far it has come, what is late and why.")
class Shipment(Node):
    id: strawberry.ID = plain("The public id: the same over REST, and for good.")
    tenant: str = plain("Whose it is.")
    number: str = plain("What the transport or warehouse system calls it.")
    status: Status = plain("What to show.")
    phase: PhaseName = plain("How far it has come, whatever is wrong.")
    closed_reason: ClosedReason | None = plain("How it ended, once it has.")
    reason: Reason = plain("Why the status is what it is.")
    carrier: Carrier | None = plain("Who carries it.")
    ship_to: Place = plain("Where it goes.")
    promised_at: DateTime | None = plain("When it was promised.")
    eta_at: DateTime | None = plain("When it is expected.")
    shipped_at: DateTime | None = plain("When it left.")
    delivered_at: DateTime | None = plain("When it arrived.")
    last_place: Place | None = plain("Where it was last seen.")
    created_at: DateTime = plain("Since when it is known.")
    last_event_at: DateTime = plain("When something was last said of it.")
    at_risk: bool = plain("Whether its promise is unlikely to be kept, as of now.")
    risk: Risk | None = plain("Since when, or from when on, and why; null while nothing says so.")
    origin: Place | None = plain("Where it comes from.")
    service: str | None = plain("The carrier's service.")
    mode: TransportMode | None = plain("How it travels.")
    planned_pickup_at: DateTime | None = plain("When it is to be picked up.")
    planned_delivery_at: DateTime | None = plain("When it is to be delivered.")
    has_pod: bool = plain("Whether there is a proof of delivery.")
    references: list[Reference] = plain("All its identifiers.")
    orders: list[OrderPart] = plain("The parts of orders it carries.")
    packages: list[Package] = plain("Its packages.")
    loads: list[Load] = plain("The loads it travels on.")
    milestones: list[Milestone] = plain("What happened, in the order it happened.")
    exceptions: list[ShipmentException] = plain("Problems, the cleared ones too.")
    documents: list[Document] | None = section("documents", "Its documents. Takes the scope `documents:read`.")
    charges: list[Charge] | None = section(
        "charges", "What it costs. Takes the scope `charges:read`, and to be who pays."
    )
    freshness: Freshness = plain("How fresh this is.")

    @classmethod
    def is_type_of(cls, source: Any, _info: object) -> bool:  # noqa: ANN401 - what a resolver returned
        return is_shipment(source["id"])
