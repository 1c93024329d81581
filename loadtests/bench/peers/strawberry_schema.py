"""Plain Strawberry: object types over the rows, a resolver each, nothing cached."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from fastapi import Depends
from sqlalchemy import select
from strawberry.fastapi import GraphQLRouter
from strawberry.types import Info

from loadtests.bench.peers.tables import MilestoneRow, ShipmentRow, sessions
from loadtests.bench.peers.tokens import current_tenant


@strawberry.type
class Milestone:
    code: str
    text: str
    phase: str
    occurred_at: datetime
    place_name: str | None
    place_city: str | None
    source: str


@strawberry.type
class Shipment:
    id: strawberry.ID
    number: str
    status: str
    phase: str
    reason_text: str
    carrier_name: str | None
    ship_to_city: str | None
    promised_at: datetime | None
    eta_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime

    @strawberry.field
    async def milestones(self) -> list[Milestone]:
        wanted = select(MilestoneRow).where(MilestoneRow.shipment_id == self.id).order_by(MilestoneRow.occurred_at)
        async with sessions() as db:
            return [_made(Milestone, row) for row in await db.scalars(wanted)]


@strawberry.type
class Query:
    @strawberry.field
    async def shipment(self, info: Info, id: strawberry.ID) -> Shipment | None:  # noqa: A002 - the argument's name
        wanted = select(ShipmentRow).where(ShipmentRow.tenant == info.context["tenant"], ShipmentRow.id == id)
        async with sessions() as db:
            row = await db.scalar(wanted)
        return None if row is None else _made(Shipment, row)

    @strawberry.field
    async def shipments(self, info: Info, first: int = 50) -> list[Shipment]:
        wanted = (
            select(ShipmentRow)
            .where(ShipmentRow.tenant == info.context["tenant"])
            .order_by(ShipmentRow.created_at.desc(), ShipmentRow.id.desc())
            .limit(first)
        )
        async with sessions() as db:
            return [_made(Shipment, row) for row in await db.scalars(wanted)]


def _made(shape: type[Any], row: MilestoneRow | ShipmentRow) -> Any:  # noqa: ANN401 - an instance of the shape
    names = (field.python_name for field in shape.__strawberry_definition__.fields if field.base_resolver is None)
    return shape(**{name: getattr(row, name) for name in names})


def _context(tenant: str = Depends(current_tenant)) -> Mapping[str, str]:
    return {"tenant": tenant}


def graphql_router() -> GraphQLRouter[Any, None]:
    return GraphQLRouter(strawberry.Schema(Query), context_getter=_context)
