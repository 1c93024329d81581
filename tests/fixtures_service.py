"""The whole service over real Postgres and Valkey, and clients that ask it things."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.asgi import Portal
from app.settings import Settings
from auth.issuer.clients import Client, create_client
from projections.cache import Publisher
from projections.database import DatabaseRole, Pool, open_pool
from projections.intake.intake import Intake
from projections.intake.outcomes import Message, Outcome
from projections.redis import Redis
from projections.runner import Projector
from tests.fixtures_servers import ServerUrls

# Counted like any other, and never reached by a test.
UNLIMITED = "1000000/second"
READ = ("shipments:read", "orders:read")
ID_LENGTH_MAX = 100


class Service:
    """A running service: post events through its intake, fold them, and ask for clients of any tenant."""

    def __init__(self, http: httpx.AsyncClient, portal: Portal, settings: Settings, pool: Pool, redis: Redis) -> None:
        self.http = http
        self.portal = portal
        self.settings = settings
        self.redis = redis
        self.intake = Intake(pool)
        self.projector = Projector(pool, Publisher(redis), owner="test")
        self._headers: dict[object, dict[str, str]] = {}

    async def take(self, *bodies: bytes) -> list[Outcome]:
        """Take events in and fold them."""
        outcomes = await self.intake.take([Message(body, "test") for body in bodies])
        await self.projector.catch_up()
        return outcomes

    async def token(self, tenant: str | None = None, scopes: tuple[str, ...] = READ, **client: Any) -> str:
        """An access token, issued over HTTP to a client made for it."""
        told = [value if isinstance(value, str) else "-".join(value) for value in client.values()]
        name = "-".join([str(tenant), *scopes, *told])
        name = name.replace(":", "-").replace("/", "~")
        if len(name) > ID_LENGTH_MAX:
            name = f"client-{hashlib.sha256(name.encode()).hexdigest()}"
        pool = await open_pool(self.settings.database_url, DatabaseRole.ISSUER, connections=1)
        try:
            secret = await create_client(pool, Client(name, name, scopes, tenant=tenant, **client))
        finally:
            await pool.close()
        answer = await self.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(name, secret))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def headers(
        self, tenant: str | None = "nordwind", scopes: tuple[str, ...] = READ, **client: Any
    ) -> dict[str, str]:
        """The Authorization header of such a client; asked for once."""
        asked = (tenant, scopes, *client.items())
        if asked not in self._headers:
            self._headers[asked] = {"Authorization": f"Bearer {await self.token(tenant, scopes, **client)}"}
        return self._headers[asked]

    async def get(
        self, path: str, tenant: str | None = "nordwind", scopes: tuple[str, ...] = READ, **options: Any
    ) -> httpx.Response:
        """What a client of this tenant is answered."""
        headers = await self.headers(tenant, scopes) | options.pop("headers", {})
        return await self.http.get(path, headers=headers, **options)


@asynccontextmanager
async def running(settings: Settings, redis: Redis, pool: Pool) -> AsyncIterator[Service]:
    """The service with these settings, until the block ends."""
    portal = Portal(settings)
    opened, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # One task opens and closes: what is entered in a task must be left in it.
        await portal.open()
        opened.set()
        await stop.wait()
        await portal.close()

    living = asyncio.create_task(live())
    waiting = asyncio.create_task(opened.wait())
    await asyncio.wait([waiting, living], return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        waiting.cancel()
        await living
    transport = httpx.ASGITransport(app=portal)
    try:
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as http:
            yield Service(http, portal, settings, pool, redis)
    finally:
        stop.set()
        await living


@asynccontextmanager
async def projecting(service: Service) -> AsyncIterator[None]:
    """The projector running beside the service, as it does in production."""
    stop = asyncio.Event()
    task = asyncio.create_task(service.projector.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


@pytest.fixture
def settings(database: str, servers: ServerUrls, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database,
        redis_url=servers.redis_url,
        data_dir=str(tmp_path),
        rate_limit=UNLIMITED,
        failure_limit="off",
    )


@pytest.fixture
async def service(settings: Settings, redis: Redis, projector_pool: Pool) -> AsyncIterator[Service]:
    async with running(settings, redis, projector_pool) as started:
        yield started
