"""FastAPI + SQLAlchemy + PyJWT as a normal team writes it: the same shipments, each query filtered by tenant.

With GraphQL beside it, as Strawberry's own integration serves it.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from loadtests.bench.peers.strawberry_schema import graphql_router
from loadtests.bench.peers.tables import ShipmentRow, session
from loadtests.bench.peers.tokens import CurrentTenant

Session = Annotated[AsyncSession, Depends(session)]


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Milestone(FromRow):
    code: str
    text: str
    phase: str
    occurred_at: datetime
    place_name: str | None
    place_city: str | None
    place_country: str | None
    source: str


class Summary(FromRow):
    id: str
    number: str
    status: str
    phase: str
    closed_reason: str | None
    reason_code: str
    reason_text: str
    carrier_scac: str | None
    carrier_name: str | None
    ship_to_name: str | None
    ship_to_city: str | None
    ship_to_country: str | None
    promised_at: datetime | None
    eta_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    last_place_city: str | None
    created_at: datetime
    last_event_at: datetime


class Shipment(Summary):
    milestones: list[Milestone]


class Page(BaseModel):
    items: list[Summary]


def create_app() -> FastAPI:
    app = FastAPI(title="Shipments")

    @app.get("/shipments/{shipment_id}")
    async def shipment(shipment_id: str, tenant: CurrentTenant, db: Session) -> Shipment:
        found = await db.scalar(
            select(ShipmentRow)
            .where(ShipmentRow.tenant == tenant, ShipmentRow.id == shipment_id)
            .options(selectinload(ShipmentRow.milestones))
        )
        if found is None:
            raise HTTPException(404, "Shipment not found")
        return Shipment.model_validate(found)

    @app.get("/shipments")
    async def shipments(tenant: CurrentTenant, db: Session, limit: Annotated[int, Query(le=200)] = 50) -> Page:
        found = await db.scalars(
            select(ShipmentRow)
            .where(ShipmentRow.tenant == tenant)
            .order_by(ShipmentRow.created_at.desc(), ShipmentRow.id.desc())
            .limit(limit)
        )
        return Page(items=[Summary.model_validate(row) for row in found])

    app.include_router(graphql_router(), prefix="/graphql")
    return app
