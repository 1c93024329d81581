"""The same tables for SQLAlchemy, and sessions on them."""

import os
from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

POOL_CONNECTIONS = 16


class Base(DeclarativeBase):
    pass


class ShipmentRow(Base):
    __tablename__ = "shipment"
    __table_args__ = {"schema": "peer"}  # noqa: RUF012 - how SQLAlchemy wants it

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    number: Mapped[str]
    status: Mapped[str]
    phase: Mapped[str]
    closed_reason: Mapped[str | None]
    reason_code: Mapped[str]
    reason_text: Mapped[str]
    carrier_scac: Mapped[str | None]
    carrier_name: Mapped[str | None]
    ship_to_name: Mapped[str | None]
    ship_to_city: Mapped[str | None]
    ship_to_country: Mapped[str | None]
    promised_at: Mapped[datetime | None]
    eta_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    last_place_city: Mapped[str | None]
    created_at: Mapped[datetime]
    last_event_at: Mapped[datetime]
    milestones: Mapped[list["MilestoneRow"]] = relationship(order_by="(MilestoneRow.occurred_at, MilestoneRow.id)")


class MilestoneRow(Base):
    __tablename__ = "milestone"
    __table_args__ = {"schema": "peer"}  # noqa: RUF012 - how SQLAlchemy wants it

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    shipment_id: Mapped[str] = mapped_column(ForeignKey("peer.shipment.id"))
    code: Mapped[str]
    text: Mapped[str]
    phase: Mapped[str]
    occurred_at: Mapped[datetime]
    place_name: Mapped[str | None]
    place_city: Mapped[str | None]
    place_country: Mapped[str | None]
    source: Mapped[str]


def _sessions() -> async_sessionmaker[AsyncSession]:
    url = os.environ["PEER_DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url, pool_size=POOL_CONNECTIONS, max_overflow=0)
    return async_sessionmaker(engine, expire_on_commit=False)


sessions = _sessions()


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened
