"""`/healthz` and `/readyz`: whether this service can be believed, not just whether it answers."""

from typing import Literal

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from app.reads.freshness import FreshnessClock
from app.reads.watch import Watch


class Health(msgspec.Struct, frozen=True):
    """`projection` is stalled when some partition is further behind than `PORTAL_STALLED_SECONDS`."""

    status: Literal["ok", "failing"]
    postgres: Literal["ok", "away"]
    redis: Literal["ok", "away"]
    projection: Literal["ok", "stalled"]
    lag_seconds: float | None


def health_handlers(watch: Watch, clock: FreshnessClock, stalled_seconds: float) -> list[HTTPRouteHandler]:
    def look() -> Health:
        lag = clock.worst_lag_seconds()
        stalled = lag > stalled_seconds
        return Health(
            # Redis away slows us down; it does not make an answer wrong.
            status="failing" if stalled or not watch.postgres_answers else "ok",
            postgres="ok" if watch.postgres_answers else "away",
            redis="ok" if watch.redis_answers else "away",
            projection="stalled" if stalled else "ok",
            lag_seconds=None if lag == float("inf") else round(lag, 1),
        )

    def answer(*, failing: bool, health: Health) -> Response[Health]:
        return Response(health, status_code=503 if failing else 200, headers={"Cache-Control": "no-store"})

    @get("/healthz", sync_to_thread=False)
    def healthz() -> Response[Health]:
        """Fails when what we serve gets old: the projectors stalled."""
        health = look()
        return answer(failing=health.projection == "stalled", health=health)

    @get("/readyz", sync_to_thread=False)
    def readyz() -> Response[Health]:
        """Fails when requests should go elsewhere: the store is away, or the projectors stalled."""
        health = look()
        return answer(failing=health.status == "failing", health=health)

    return [healthz, readyz]
