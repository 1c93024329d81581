"""Real Postgres and Valkey for the tests: one pair per pytest worker, or those the environment names."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from app.embedded import start


class ServerUrls(NamedTuple):
    """Where the tests' servers are, as superuser and with passwords."""

    database_url: str
    redis_url: str


@pytest.fixture(scope="session")
def servers() -> Iterator[ServerUrls]:
    """Servers for this worker, without durability; PORTAL_TEST_DATABASE_URL and PORTAL_TEST_REDIS_URL go first."""
    database_url = os.environ.get("PORTAL_TEST_DATABASE_URL")
    redis_url = os.environ.get("PORTAL_TEST_REDIS_URL")
    with (
        tempfile.TemporaryDirectory(prefix="portal-tests-") as folder,
        start(Path(folder), postgres=not database_url, valkey=not redis_url, durable=False) as started,
    ):
        yield ServerUrls(database_url or started.database_url, redis_url or started.redis_url)
