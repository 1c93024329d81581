"""Doors and eyes the tests of intake and projector share."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from app.embedded import start
from projections.cache import Publisher
from projections.database import Pool
from projections.intake.intake import Intake
from projections.redis import Redis
from projections.runner import Projector


@pytest.fixture
def intake(projector_pool: Pool) -> Intake:
    return Intake(projector_pool)


@pytest.fixture
def projector(projector_pool: Pool, redis: Redis) -> Callable[..., Projector]:
    """Makes projectors."""

    def made(owner: str = "one", *, publisher: Publisher | None = None, **options: int) -> Projector:
        return Projector(projector_pool, publisher or Publisher(redis), owner=owner, **options)

    return made


@pytest.fixture
async def superuser(database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Sees every row."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


class OwnValkey:
    """A Valkey a test may stop, beside the one all tests share. It comes back under the same address, empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = contextlib.ExitStack()
        self.url = ""

    async def start(self) -> None:
        servers = start(self._folder, postgres=False, durable=False)
        started = await asyncio.to_thread(self._running.enter_context, servers)
        self.url = started.redis_url

    async def stop(self) -> None:
        await asyncio.to_thread(self._running.close)


@pytest.fixture
async def own_valkey() -> AsyncIterator[OwnValkey]:
    with tempfile.TemporaryDirectory(prefix="portal-valkey-") as folder:
        valkey = OwnValkey(Path(folder))
        await valkey.start()
        yield valkey
        await valkey.stop()
