"""The service as `portal serve` runs it: a process of its own, with workers, on a port."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from app.settings import Settings
from tests.integration.waiting import until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def served(settings: Settings, *, workers: int = 1, **environment: str) -> AsyncIterator[str]:
    """The address it answers at, until the block ends; `environment` goes on top of the settings. What it says is in `serve.log` in the data folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    port = free_port()
    own = {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_REDIS_URL": settings.redis_url,
        "PORTAL_DATA_DIR": settings.data_dir,
        "PORTAL_PORT": str(port),
        "PORTAL_WORKERS": str(workers),
    }
    log = Path(settings.data_dir) / "serve.log"
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", "serve"), env=inherited | own | environment, stdout=said, stderr=said
        )
    url = f"http://127.0.0.1:{port}"

    async def answers() -> bool:
        assert process.returncode is None, log.read_text()
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                return (await http.get(f"{url}/oauth/jwks.json")).is_success
        except httpx.TransportError:
            return False

    try:
        await until(answers, within_seconds=60)
        yield url
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
