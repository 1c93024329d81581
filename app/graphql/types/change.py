"""What changed: as pages of it, and as it happens."""

from collections.abc import Awaitable, Mapping
from typing import Any

import strawberry

from app.graphql.types.common import Node
from app.graphql.types.connection import PageInfo
from app.graphql.types.enums import ReasonCode
from app.graphql.types.fields import Info, hop, plain
from app.graphql.types.order import Order
from app.graphql.types.scalars import BigInt, DateTime
from app.graphql.types.shipment import Shipment
from projections.statuses import Status
from projections.subjects import is_shipment

_CURSOR = "The place after this change: give it as `after` to go on from here."
_SEQUENCE = "Its number among all changes of this account: 1, 2, 3 and so on, none left out."
_CHANGED_AT = "When what led to it was recorded."


def _changed(root: Mapping[str, Any], info: Info) -> Any:  # noqa: ANN401 - the source of a Node, or one to come
    subject_id = root["id"]
    found: Awaitable[Any] | Any = info.context.document("shipment" if is_shipment(subject_id) else "order", subject_id)
    return found


@strawberry.type(description="A shipment or an order was shown anew.")
class Change:
    cursor: str = plain(_CURSOR)
    tenant: str = plain("Whose it is.")
    sequence: BigInt = plain(_SEQUENCE)
    id: strawberry.ID = plain("What changed.")
    status: Status | None = plain("Its status with this change; null: it is shown no more.")
    exceptions_raised: list[ReasonCode] = plain("Problems that are new with this change.")
    changed_at: DateTime = plain(_CHANGED_AT)
    node: Node | None = strawberry.field(
        resolver=_changed, description="The shipment or order as it is now; null where it is shown no more."
    )


async def _head_cursor(root: Any) -> str:  # noqa: ANN401 - a page of changes
    found: str = await root.head_cursor()
    return found


@strawberry.type(description="A page of changes.")
class ChangeConnection:
    nodes: list[Change] = plain(
        "The changes, each account's in order. There may be fewer than asked for, even none, where more follow."
    )
    page_info: PageInfo = plain("Where the page stands. `endCursor` is always given: go on from there.")
    head_cursor: str = strawberry.field(
        resolver=_head_cursor,
        description="The place after all that has changed by now: ask for it, read your lists, then go on from it.",
    )


@strawberry.type(description="A shipment changed.")
class ShipmentChange:
    cursor: str = plain(_CURSOR)
    tenant: str = plain("Whose it is.")
    sequence: BigInt = plain(_SEQUENCE)
    shipment_id: strawberry.ID = plain("Which one.")
    status: Status | None = plain("Its status with this change; null: it is shown no more.")
    changed_at: DateTime = plain(_CHANGED_AT)
    shipment: Shipment | None = hop("shipment", "id", "The shipment as it is now, never older than the change.")


@strawberry.type(description="An order changed.")
class OrderChange:
    cursor: str = plain(_CURSOR)
    tenant: str = plain("Whose it is.")
    sequence: BigInt = plain(_SEQUENCE)
    order_id: strawberry.ID = plain("Which one.")
    status: Status | None = plain("Its status with this change; null: it is shown no more.")
    changed_at: DateTime = plain(_CHANGED_AT)
    order: Order | None = hop("order", "id", "The order as it is now, never older than the change.")


@strawberry.type(description="Problems of a shipment that did not stand before.")
class ExceptionRaised:
    cursor: str = plain(_CURSOR)
    tenant: str = plain("Whose it is.")
    sequence: BigInt = plain(_SEQUENCE)
    shipment_id: strawberry.ID = plain("Of which shipment.")
    codes: list[ReasonCode] = plain("What is wrong now.")
    changed_at: DateTime = plain(_CHANGED_AT)
    shipment: Shipment | None = hop("shipment", "id", "The shipment as it is now, never older than the change.")
