"""Redis killed and started again, over and over, while a simulated network goes on and customers read.

    python -m loadtests.outage --seconds 120 --every 5

Everything is a process of its own, as in production: two API workers, intake, a projector, the simulator, Postgres and
Valkey. No read may fail, and none may show an older version than one shown before: to who keeps to one worker
anyway, to who is answered by now one and now the other as long as they hand back `freshness.position`.
"""

import asyncio
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

from app.demo.children import Children
from app.embedded import start
from app.simulator.network import network
from auth.issuer.clients import Client, create_client
from loadtests.versions import Versions
from projections.database import DatabaseRole, open_pool
from projections.migrations.migrate import migrate

SEED = 1
TENANTS = tuple(tenant.slug for tenant in network(SEED, 3).tenants)
SCOPES = ("shipments:read", "orders:read")
READERS_EACH = 3
# Redis is gone for so long each time.
AWAY_SECONDS = 1.0
PACE_SECONDS = 0.02
START_SECONDS = 60.0
# What a read may take before it counts as failed.
PATIENCE_SECONDS = 10.0


class Shown(msgspec.Struct):
    """What came of it: reads by where they were served from, and whatever went wrong, in words."""

    reads: Counter[str] = msgspec.field(default_factory=Counter)
    states: Counter[str] = msgspec.field(default_factory=Counter)
    versions: int = 0
    kills: int = 0
    slowest_seconds: float = 0.0
    failed: list[str] = []
    went_back: list[str] = []

    @property
    def good(self) -> bool:
        return not self.failed and not self.went_back and self.kills > 0 and self.reads.total() > 0


class Valkey:
    """A Valkey that is killed, not stopped, and comes back with what it had written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = start(folder, postgres=False)
        self.url = self._server.redis_url

    def kill(self) -> None:
        os.kill(self._server.pids["valkey"], signal.SIGKILL)
        self._server.stop()

    def revive(self) -> None:
        self._server = start(self._folder, postgres=False)

    def stop(self) -> None:
        self._server.stop()


class Reader:
    """One customer's program over a kept connection to each of its workers; with several, it brings positions back."""

    def __init__(self, workers: Sequence[str], headers: Mapping[str, str], shown: Shown) -> None:
        self._workers = workers
        self._http = httpx.AsyncClient(headers=dict(headers), timeout=PATIENCE_SECONDS, trust_env=False)
        self.versions = Versions()
        self._position: dict[str, str] = {}
        self._shown = shown
        self._chance = random.Random(1)

    async def read(self, until: float) -> None:
        """Read what is new and what is old, until that moment of the monotonic clock."""
        async with self._http:
            while time.monotonic() < until:
                listed = await self._get("/v1/shipments?limit=20")
                ids = [one["id"] for one in listed.json()["items"]] if listed is not None else []
                for shipment_id in self._chance.choices(ids, k=60 if ids else 0):
                    await self._look(shipment_id)
                    await asyncio.sleep(PACE_SECONDS)
                await asyncio.sleep(PACE_SECONDS)

    async def _look(self, shipment_id: str) -> None:
        asked = self.versions.asked(shipment_id)
        answer = await self._get(f"/v1/shipments/{shipment_id}")
        if answer is None:
            return
        said = answer.json()["freshness"]
        self._shown.reads[said["served_from"]] += 1
        self._shown.states[said["state"]] += 1
        if len(self._workers) > 1:
            self._position = {"Portal-Min-Position": said["position"]}
        if not self.versions.answered(asked, answer.headers["etag"]):
            self._shown.went_back.append(f"{shipment_id} from {said['served_from']} at {time.monotonic():.1f}")

    async def _get(self, path: str) -> httpx.Response | None:
        started = time.monotonic()
        try:
            answer = await self._http.get(self._chance.choice(self._workers) + path, headers=self._position)
        except httpx.HTTPError as error:
            self._shown.failed.append(f"{path}: {error!r}")
            return None
        self._shown.slowest_seconds = max(self._shown.slowest_seconds, time.monotonic() - started)
        if answer.status_code != httpx.codes.OK:
            self._shown.failed.append(f"{path}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer


async def outage(folder: Path, *, seconds: float, every_seconds: float) -> Shown:
    """Run it for so long, killing Redis every so often, and say what was shown."""
    valkey = Valkey(folder / "valkey")
    try:
        with start(folder / "postgres", valkey=False) as servers:
            await migrate(servers.database_url)
            environment = _environment(folder, servers.database_url, valkey.url)
            with Children(environment, folder / "logs") as children:
                return await _run(children, valkey, environment, Plan(seconds, every_seconds))
    finally:
        valkey.stop()


class Plan(msgspec.Struct, frozen=True):
    seconds: float
    every_seconds: float


async def _run(children: Children, valkey: Valkey, environment: Mapping[str, str], plan: Plan) -> Shown:
    ports = (int(environment["PORTAL_PORT"]), _free_port())
    workers = [f"http://127.0.0.1:{port}" for port in ports]
    for port in ports:
        children.start("serve", "--port", str(port))
    children.start("intake")
    children.start("project")
    children.start("simulate", *_network())
    headers = await _headers(environment["PORTAL_DATABASE_URL"], workers[0])
    for worker in workers:
        for one in headers:
            await _wait_for_shipments(worker, one)
    shown, until = Shown(), time.monotonic() + plan.seconds
    kept = [[worker] for worker in workers]
    readers = [
        Reader(asked, headers[number % len(headers)], shown)
        for asked in (*kept, workers)
        for number in range(READERS_EACH)
    ]
    await asyncio.gather(_kill(valkey, plan, until, shown), *(reader.read(until) for reader in readers))
    children.check()
    shown.versions = sum(reader.versions.count for reader in readers)
    return shown


async def _kill(valkey: Valkey, plan: Plan, until: float, shown: Shown) -> None:
    while time.monotonic() < until:
        started = time.monotonic()
        await asyncio.to_thread(valkey.kill)
        shown.kills += 1
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(valkey.revive)
        await asyncio.sleep(max(0.0, min(until, started + plan.every_seconds) - time.monotonic()))


def _network() -> Sequence[str]:
    return (
        "--seed",
        str(SEED),
        "--history",
        "1d",
        "--rate",
        "200",
        "--speed",
        "1440",
        "--tenants",
        str(len(TENANTS)),
        "--duplicates",
        "0.02",
    )


def _environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    port = _free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return inherited | {
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_REDIS_URL": redis_url,
        "PORTAL_DATA_DIR": str(folder),
        "PORTAL_PORT": str(port),
        # Both workers issue and take each other's tokens.
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL_RATE_LIMIT": "off",
    }


async def _headers(database_url: str, worker: str) -> list[dict[str, str]]:
    """An Authorization header for each tenant, once the worker issues tokens."""
    headers = []
    async with (
        await open_pool(database_url, DatabaseRole.ISSUER, connections=1) as pool,
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http,
    ):
        for tenant in TENANTS:
            secret = await create_client(pool, Client(tenant, tenant, SCOPES, tenant=tenant))
            token = (await _answered(http, worker, tenant, secret)).json()["access_token"]
            headers.append({"Authorization": f"Bearer {token}"})
    return headers


async def _answered(http: httpx.AsyncClient, worker: str, client: str, secret: str) -> httpx.Response:
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                form = {"grant_type": "client_credentials"}
                answer = await http.post(f"{worker}/oauth/token", data=form, auth=(client, secret))
                return answer.raise_for_status()
            except httpx.TransportError:
                await asyncio.sleep(0.1)


async def _wait_for_shipments(worker: str, headers: Mapping[str, str]) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http, asyncio.timeout(START_SECONDS):
        while True:
            try:
                answer = await http.get(f"{worker}/v1/shipments", headers=dict(headers))
                if answer.is_success and answer.json()["items"]:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@click.command()
@click.option("--seconds", default=120.0, show_default=True, help="For how long.")
@click.option("--every", default=5.0, show_default=True, help="Seconds from one kill of Redis to the next.")
def main(seconds: float, every: float) -> None:
    """Kill Redis again and again while customers read; exit code 1 when a read failed or went back."""
    console = Console()
    with (
        console.status("Reading while Redis comes and goes"),
        tempfile.TemporaryDirectory(prefix="portal-outage-") as one,
    ):
        folder = Path(one)
        shown = asyncio.run(outage(folder, seconds=seconds, every_seconds=every))
    console.print(_table(shown))
    for words in (*shown.failed[:5], *shown.went_back[:5]):
        console.print(words, style="red")
    sys.exit(0 if shown.good else 1)


def _table(shown: Shown) -> Table:
    table = Table("what", "count", title="Redis killed and started again")
    rows = {
        "kills": shown.kills,
        **{f"reads from {rung}": count for rung, count in sorted(shown.reads.items())},
        **{f"reads said to be {state}": count for state, count in sorted(shown.states.items())},
        "versions seen": shown.versions,
        "slowest answer, seconds": round(shown.slowest_seconds, 2),
        "failed": len(shown.failed),
        "went back in version": len(shown.went_back),
    }
    for what, count in rows.items():
        table.add_row(what, f"{count:,}")
    return table


if __name__ == "__main__":
    main()
