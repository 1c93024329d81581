"""`/healthz` and `/readyz`: a service that shows old things, or nothing, does not say it is well."""

import asyncpg
import msgspec
import pytest

from app.settings import Settings
from tests.fixtures_service import Service, projecting
from tests.integration.waiting import until


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, stalled_seconds=1.5)


async def health(service: Service, path: str = "/healthz") -> tuple[int, dict]:
    answer = await service.http.get(path)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


async def test_a_service_whose_projector_works_is_well(service: Service):
    async with projecting(service):
        await until(lambda: _is(service, "/healthz", 200))
        for path in ("/healthz", "/readyz"):
            status, told = await health(service, path)
            assert status == 200
            assert told.pop("lag_seconds") < 1.5
            assert told == {"status": "ok", "postgres": "ok", "redis": "ok", "projection": "ok"}


async def test_a_stalled_projector_makes_the_service_unwell(service: Service):
    async with projecting(service):
        await until(lambda: _is(service, "/healthz", 200))
    await until(lambda: _is(service, "/healthz", 503))
    for path in ("/healthz", "/readyz"):
        status, told = await health(service, path)
        assert (status, told["status"], told["projection"]) == (503, "failing", "stalled")
        assert told["lag_seconds"] >= 1.5


async def test_without_postgres_requests_should_go_elsewhere(service: Service):
    async with projecting(service):
        await until(lambda: _is(service, "/readyz", 200))
        await connections(service, allowed=False)
        await until(lambda: _is(service, "/readyz", 503))
        assert (await health(service, "/readyz"))[1]["postgres"] == "away"
        await connections(service, allowed=True)
        await until(lambda: _is(service, "/readyz", 200))


async def test_health_needs_no_token_and_tells_of_no_customer(world: Service):
    answer = await world.http.get("/healthz")
    assert answer.json().keys() == {"status", "postgres", "redis", "projection", "lag_seconds"}


async def _is(service: Service, path: str, status: int) -> bool:
    return (await health(service, path))[0] == status


async def connections(service: Service, *, allowed: bool) -> None:
    """Take the test's own database away, and give it back."""
    url, _, name = service.settings.database_url.rpartition("/")
    connection = await asyncpg.connect(f"{url}/postgres")
    try:
        await connection.execute(f"alter database {name} allow_connections {str(allowed).lower()}")
        if not allowed:
            await connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
    finally:
        await connection.close()
