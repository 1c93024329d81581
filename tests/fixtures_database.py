"""A migrated database of its own for every test, cloned from a template in some twenty milliseconds."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from projections.database import DatabaseRole, Pool, open_pool
from projections.migrations.migrate import migrate
from projections.redis import Redis, open_redis
from tests.fixtures_servers import ServerUrls

_NUMBERS = itertools.count()


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
async def template(servers: ServerUrls) -> AsyncIterator[str]:
    name = f"template_{os.getpid()}"
    await _run(servers.database_url, f"create database {name}")
    await migrate(_with_database(servers.database_url, name))
    yield name
    await _run(servers.database_url, f"drop database {name}")


@asynccontextmanager
async def cloned(servers: ServerUrls, template: str) -> AsyncIterator[str]:
    """A fresh, migrated database by its URL, until the block ends."""
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    await _run(servers.database_url, f"create database {name} template {template} strategy file_copy")
    try:
        yield _with_database(servers.database_url, name)
    finally:
        await _run(servers.database_url, f"drop database {name} with (force)")


@pytest.fixture
async def database(servers: ServerUrls, template: str) -> AsyncIterator[str]:
    """The URL of a fresh, migrated database."""
    async with cloned(servers, template) as url:
        yield url


@pytest.fixture
async def projector_pool(database: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database, DatabaseRole.PROJECTOR)
    yield pool
    await pool.close()


@pytest.fixture
async def redis(servers: ServerUrls) -> AsyncIterator[Redis]:
    """A client of an emptied Redis."""
    client = open_redis(servers.redis_url, timeout_seconds=5)
    await client.flushall()
    yield client
    await client.aclose()
