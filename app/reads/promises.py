"""What was promised and how it turned out: one shipment's ledger, and figures over deliveries."""

from datetime import datetime

import msgspec
from asyncpg import Record

from app.reads.database import fetch
from projections.database import Pool


class PromiseShown(msgspec.Struct, frozen=True):
    """The ETA and the promise shown from `shown_at` on.

    `eta_said_at`, `eta_source`: when its source said the ETA. `error_hours`: by how much it came later (less than 0:
    sooner) than this ETA; null while it is under way, and of what was said when it had come.
    """

    shown_at: datetime
    promised_at: datetime | None
    eta_at: datetime | None
    eta_said_at: datetime | None
    eta_source: str | None
    error_hours: float | None


class DeliveryOutcome(msgspec.Struct, frozen=True):
    """How it turned out. `on_time`, `late_hours` (less than 0: early): against the promise as it stands; null without one."""

    delivered_at: datetime
    promised_at: datetime | None
    on_time: bool | None
    late_hours: float | None


class PlaceOnLane(msgspec.Struct, frozen=True):
    city: str | None
    country: str | None


class Figures(msgspec.Struct, frozen=True):
    """Of shipments `delivered`: how many were on time of those that had a promise, how far off their ETA was.

    The ETA that counts is the last said at least 24 hours before the delivery; `eta_count` deliveries had one. Shares
    are between 0 and 1, null of none.
    """

    delivered: int
    promised: int
    on_time: int
    on_time_share: float | None
    eta_count: int
    eta_median_error_hours: float | None
    eta_within_2_hours_share: float | None
    eta_within_8_hours_share: float | None


class CarrierFigures(msgspec.Struct, frozen=True):
    carrier: str | None
    figures: Figures


class LaneFigures(msgspec.Struct, frozen=True):
    origin: PlaceOnLane
    ship_to: PlaceOnLane
    figures: Figures


class AccountPerformance(msgspec.Struct, frozen=True):
    """One account's deliveries: all, per carrier and per lane, where most was delivered first."""

    tenant: str
    figures: Figures
    carriers: tuple[CarrierFigures, ...]
    lanes: tuple[LaneFigures, ...]


class Wanted(msgspec.Struct, frozen=True):
    """Which deliveries are counted."""

    delivered_after: datetime
    delivered_before: datetime
    carrier: tuple[str, ...] | None = None
    origin: str | None = None
    ship_to: str | None = None


class Promises:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def shown(self, tenant: str, shipment_id: str, delivered_at: datetime | None) -> tuple[PromiseShown, ...]:
        """The ledger of one of a tenant's shipments, the first shown first. Raises ReadsUnavailableError."""
        rows = await fetch(self._pool, "promises", tenant, shipment_id)
        return tuple(
            PromiseShown(shown_at, promised_at, eta_at, said_at, source, _error_hours(eta_at, said_at, delivered_at))
            for shown_at, promised_at, eta_at, said_at, source in rows
        )

    async def performance(self, tenant: str, wanted: Wanted) -> AccountPerformance:
        """A tenant's figures. Raises ReadsUnavailableError."""
        rows = await fetch(self._pool, "performance", tenant, *msgspec.structs.astuple(wanted))
        parts: dict[str, list[Record]] = {"all": [], "carrier": [], "lane": []}
        for row in rows:
            parts[row["part"]].append(row)
        return AccountPerformance(
            tenant,
            _figures(parts["all"][0]),
            tuple(CarrierFigures(row["carrier"], _figures(row)) for row in parts["carrier"]),
            tuple(_lane(row) for row in parts["lane"]),
        )


def outcome_of(delivered_at: datetime | None, promised_at: datetime | None) -> DeliveryOutcome | None:
    if delivered_at is None:
        return None
    if promised_at is None:
        return DeliveryOutcome(delivered_at, None, None, None)
    return DeliveryOutcome(delivered_at, promised_at, delivered_at <= promised_at, _hours(delivered_at, promised_at))


def _error_hours(eta_at: datetime | None, said_at: datetime | None, delivered_at: datetime | None) -> float | None:
    if eta_at is None or said_at is None or delivered_at is None or said_at >= delivered_at:
        return None
    return _hours(delivered_at, eta_at)


def _hours(later: datetime, earlier: datetime) -> float:
    return round((later - earlier).total_seconds() / 3_600, 2)


def _lane(row: Record) -> LaneFigures:
    origin = PlaceOnLane(row["origin_city"], row["origin_country"])
    return LaneFigures(origin, PlaceOnLane(row["ship_to_city"], row["ship_to_country"]), _figures(row))


def _figures(row: Record) -> Figures:
    median = row["median_error_hours"]
    return Figures(
        delivered=row["delivered"],
        promised=row["promised"],
        on_time=row["on_time"],
        on_time_share=_share(row["on_time"], row["promised"]),
        eta_count=row["forecast"],
        eta_median_error_hours=None if median is None else round(median, 2),
        eta_within_2_hours_share=_share(row["within_2_hours"], row["forecast"]),
        eta_within_8_hours_share=_share(row["within_8_hours"], row["forecast"]),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
