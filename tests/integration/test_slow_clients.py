"""A client that takes its time over a request does not keep a connection, and one that sends too much is cut off."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

from app.cli import roles
from app.settings import Settings
from tests.integration.test_demo import free_port
from tests.integration.waiting import until

SERVE = """
from app import settings
from app.cli import roles
roles.HEADER_SECONDS = 1
roles.server_of(settings.load()).serve()
"""


@pytest.fixture
async def port(settings: Settings) -> AsyncIterator[int]:
    number = free_port()
    environment = {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_REDIS_URL": settings.redis_url,
        "PORTAL_DATA_DIR": settings.data_dir,
        "PORTAL_PORT": str(number),
    }
    running = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVE, env=environment)
    try:
        await until(lambda: listens(number), within_seconds=60)
        yield number
    finally:
        running.terminate()
        await running.wait()


async def listens(port: int) -> bool:
    try:
        return b"HTTP/1.1" in await answer_to(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    except OSError:
        return False


async def answer_to(port: int, sent: bytes) -> bytes:
    """All that comes back until the server closes the connection, which it must."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        async with asyncio.timeout(30):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"],
    ids=["says nothing", "never ends its headers", "rests after its request"],
)
async def test_a_connection_that_is_not_used_is_closed(port: int, sent: bytes):
    await answer_to(port, sent)


@pytest.mark.parametrize(
    "headers",
    [b"".join(b"X-%d: 1\r\n" % number for number in range(150)), b"X: " + b"a" * 2 * roles.HEADER_BYTES_MAX + b"\r\n"],
    ids=["many", "large"],
)
async def test_headers_past_all_reason_are_cut_off(port: int, headers: bytes):
    said = await answer_to(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")
    assert said.startswith(b"HTTP/1.1 431 ")
