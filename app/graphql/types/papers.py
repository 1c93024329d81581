"""What hangs on orders and shipments and can be asked for by itself: documents and invoices."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from app.graphql.types.common import Freshness, Money, Node
from app.graphql.types.enums import PaymentStatus
from app.graphql.types.fields import Info, Source, hop, plain
from app.graphql.types.scalars import DateTime
from projections.references import PUBLIC_ID, PaperKind

if TYPE_CHECKING:
    from app.graphql.types.order import Order
    from app.graphql.types.shipment import Shipment


@strawberry.type(description="A document's bytes.")
class DocumentContent:
    media_type: str = plain("What they are.")
    size_bytes: int = plain("How many they are.")
    sha256: str = plain("Their SHA-256, in hex.")
    stored_at: DateTime = plain("Since when they are here.")
    url: str = plain("Where they are, to be asked for with the same token.")


async def _content(root: Source, info: Info) -> Any:  # noqa: ANN401 - the source of a DocumentContent
    return await info.context.papers.content(root["id"])


@strawberry.type(description="A document that exists, such as a proof of delivery.")
class Document(Node):
    id: strawberry.ID = plain("The public id: the same over REST, and for good.")
    tenant: str = plain("Whose it is.")
    document: str = plain("Its source's id of it.")
    kind: str = plain("What it is, say `pod`.")
    title: str | None = plain("What it is called.")
    signed_by: str | None = plain("Who signed it.")
    added_at: DateTime = plain("When it was added.")
    source: str = plain("Which system has it.")
    shipment_id: strawberry.ID | None = plain("The shipment it hangs on, if it is one.")
    order_id: strawberry.ID | None = plain("The order it hangs on, if it is one.")
    content: DocumentContent | None = strawberry.field(
        resolver=_content, description="Its bytes; null while they are not here."
    )
    shipment: Annotated["Shipment", strawberry.lazy("app.graphql.types.shipment")] | None = hop(
        "shipment", "shipment_id", "The shipment it hangs on, if it is one. Takes the scope `shipments:read`."
    )
    order: Annotated["Order", strawberry.lazy("app.graphql.types.order")] | None = hop(
        "order", "order_id", "The order it hangs on, if it is one. Takes the scope `orders:read`."
    )
    freshness: Freshness = plain("How fresh this is.")

    @classmethod
    def is_type_of(cls, source: Any, _info: object) -> bool:  # noqa: ANN401 - what a resolver returned
        return bool(PUBLIC_ID[PaperKind.DOCUMENT].fullmatch(source["id"]))


@strawberry.type(description="An invoice, and how far it is paid.")
class Invoice(Node):
    id: strawberry.ID = plain("The public id: the same over REST, and for good.")
    tenant: str = plain("Whose it is.")
    invoice: str = plain("Its number.")
    total: Money = plain("How much it is.")
    posted_at: DateTime = plain("When it was posted.")
    due_at: DateTime | None = plain("When it is due.")
    status: PaymentStatus = plain("How far it is paid, as the ERP last said.")
    payment_changed_at: DateTime | None = plain("Since when it is; null while nothing was said of it.")
    source: str = plain("Which system says so.")
    order_id: strawberry.ID = plain("The order it is for.")
    order_number: str = plain("The order's number in the ERP.")
    order: Annotated["Order", strawberry.lazy("app.graphql.types.order")] | None = hop(
        "order", "order_id", "The order it is for. Takes the scope `orders:read`."
    )
    freshness: Freshness = plain("How fresh this is.")

    @classmethod
    def is_type_of(cls, source: Any, _info: object) -> bool:  # noqa: ANN401 - what a resolver returned
        return bool(PUBLIC_ID[PaperKind.INVOICE].fullmatch(source["id"]))
