"""Open subscriptions over two workers, which are killed one after the other while shipments change.

    python -m loadtests.subscriptions --subscriptions 1000 --seconds 60

Everything is a process of its own, as in production. Each subscriber counts what it is told, and goes on from its last
cursor when its connection breaks. Each change must reach each subscriber once, and in order.
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from app.demo.children import Children
from app.embedded import start
from auth.issuer.clients import Client, create_client
from loadtests.outage import _answered, _free_port
from projections.database import DatabaseRole, open_pool
from projections.intake.intake import Intake
from projections.intake.outcomes import Message
from projections.migrations.migrate import migrate

WORKERS = 2
SHIPMENTS_A_TENANT = 20
PATIENCE_SECONDS = 30.0
RETRY_SECONDS = 0.2
QUERY = """subscription ($after: String) {
  shipmentChanged(after: $after) { cursor sequence shipmentId changedAt shipment { status etaAt } } }"""
HEAD = "{ changes(first: 1) { headCursor } }"
# across tenants: what was written, to hold what was told against.
WRITTEN = (
    "select tenant, sequence, subject_id from portal.change where subject_id like 'shp%' order by tenant, sequence"
)
# across tenants: how far the projector is.
BEHIND = """select count(*) from log.event e join portal.checkpoint c using (partition) where e.position > c.position"""

Told = tuple[int, str]


class Outcome(msgspec.Struct):
    """What came of it; whatever went wrong, in words."""

    subscriptions: int = 0
    changes: int = 0
    told: int = 0
    broken_off: int = 0
    kills: int = 0
    delays_seconds: list[float] = []
    lost: list[str] = []
    doubled: list[str] = []
    disordered: list[str] = []

    @property
    def good(self) -> bool:
        return self.changes > 0 and self.kills > 0 and not (self.lost or self.doubled or self.disordered)

    def delay_seconds(self, share: float) -> float:
        delays = sorted(self.delays_seconds)
        return delays[int(share * (len(delays) - 1))] if delays else 0.0


class Subscriber:
    """A partner's program: one subscription, gone on with from its last cursor."""

    def __init__(self, url: str, token: str, cursor: str) -> None:
        self._url = f"ws{url.removeprefix('http')}/graphql"
        self._token = token
        self._cursor = cursor
        self.is_open = asyncio.Event()
        self.told: list[Told] = []
        self.delays_seconds: list[float] = []
        self.broken_off = 0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(WebSocketException, OSError, TimeoutError):
                await self._follow()
            self.broken_off += 1
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        async with connect(
            self._url,
            subprotocols=[Subprotocol("graphql-transport-ws")],
            open_timeout=PATIENCE_SECONDS,
            close_timeout=1,
            compression=None,
            proxy=None,
        ) as socket:
            await socket.send(_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {self._token}"}}))
            await socket.recv()
            asked = {"query": QUERY, "variables": {"after": self._cursor}}
            await socket.send(_json({"id": "1", "type": "subscribe", "payload": asked}))
            self.is_open.set()
            async for text in socket:
                message = msgspec.json.decode(text)
                if message["type"] == "next":
                    self._learn(message["payload"]["data"]["shipmentChanged"])
                elif message["type"] == "ping":
                    await socket.send(_json({"type": "pong"}))

    def _learn(self, told: dict[str, str]) -> None:
        self.told.append((int(told["sequence"]), told["shipmentId"]))
        self.delays_seconds.append(time.time() - datetime.fromisoformat(told["changedAt"]).timestamp())
        self._cursor = told["cursor"]


class Plan(msgspec.Struct, frozen=True):
    subscriptions: int
    seconds: float
    tenants: int
    events_a_second: float
    kills: int = WORKERS

    @property
    def names(self) -> list[str]:
        return [f"tenant-{number}" for number in range(self.tenants)]


async def subscriptions(database_url: str, redis_url: str, folder: Path, plan: Plan) -> Outcome:
    """Run it on these servers, whose database is migrated and empty."""
    port = _free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environment = inherited | {
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_REDIS_URL": redis_url,
        "PORTAL_DATA_DIR": str(folder),
        "PORTAL_PORT": str(port),
        "PORTAL_WORKERS": str(WORKERS),
        "PORTAL_RATE_LIMIT": "off",
    }
    with Children(environment, folder / "logs") as children:
        children.start("serve")
        children.start("project")
        async with await open_pool(database_url, DatabaseRole.PROJECTOR) as pool:
            source = Source(Intake(pool), plan)
            await source.plan_shipments()
            return await _run(f"http://127.0.0.1:{port}", database_url, source, plan, children)


async def _run(url: str, database_url: str, source: "Source", plan: Plan, children: Children) -> Outcome:
    tokens = await _tokens(database_url, url, plan.names)
    reading = await asyncpg.connect(database_url)
    try:
        await _caught_up(reading)
        cursors = [await _head(url, token) for token in tokens]
        before = await _written(reading)
        subscribers = [
            Subscriber(url, tokens[number % plan.tenants], cursors[number % plan.tenants])
            for number in range(plan.subscriptions)
        ]
        following = [asyncio.create_task(one.follow()) for one in subscribers]
        try:
            async with asyncio.timeout(2 * PATIENCE_SECONDS):
                await asyncio.gather(*(one.is_open.wait() for one in subscribers))
            outcome = Outcome(subscriptions=len(subscribers))
            await asyncio.gather(source.change(), _kill(children, plan, outcome))
            await _caught_up(reading)
            written = await _written(reading)
            expected = [written[name][len(before[name]) :] for name in plan.names]
            await _told(subscribers, expected, plan)
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
    finally:
        await reading.close()
    children.check()
    _judge(subscribers, expected, plan, outcome)
    return outcome


def _judge(subscribers: Sequence[Subscriber], expected: list[list[Told]], plan: Plan, outcome: Outcome) -> None:
    outcome.changes = sum(map(len, expected))
    for number, one in enumerate(subscribers):
        name, wanted = f"subscriber {number}", expected[number % plan.tenants]
        outcome.told += len(one.told)
        outcome.broken_off += one.broken_off
        outcome.delays_seconds += one.delays_seconds
        if missing := set(wanted) - set(one.told):
            outcome.lost.append(f"{name} was not told {len(missing)}, the first {min(missing)}")
        if len(set(one.told)) < len(one.told) or set(one.told) - set(wanted):
            outcome.doubled.append(f"{name} was told {len(one.told)} instead of {len(wanted)}")
        if one.told != sorted(one.told):
            outcome.disordered.append(name)


class Source:
    """Tells of shipments, by the same door as any source."""

    def __init__(self, intake: Intake, plan: Plan) -> None:
        self._intake = intake
        self._plan = plan
        self._count = 0

    async def plan_shipments(self) -> None:
        for tenant in self._plan.names:
            for number in range(SHIPMENTS_A_TENANT):
                planned = {"ship_to": {"name": "Depot", "city": "Kiel", "country": "DE"}, "lines": []}
                await self._take(tenant, "shipment.planned.v1", _about(tenant, number) | planned)

    async def change(self) -> None:
        """New times of arrival, one after the other over all tenants."""
        until, started = time.monotonic() + self._plan.seconds, time.monotonic()
        sent = 0
        while time.monotonic() < until:
            tenant = self._plan.names[sent % self._plan.tenants]
            eta_at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=sent)
            about = _about(tenant, sent // self._plan.tenants % SHIPMENTS_A_TENANT)
            await self._take(tenant, "shipment.eta_changed.v1", about | {"eta_at": eta_at})
            sent += 1
            await asyncio.sleep(max(0.0, started + sent / self._plan.events_a_second - time.monotonic()))

    async def _take(self, tenant: str, kind: str, data: dict[str, object]) -> None:
        self._count += 1
        event = {
            "specversion": "1.0",
            "id": f"live-{self._count}",
            "source": "/tms/main",
            "type": kind,
            "time": datetime.now(UTC),
            "tenant": tenant,
            "data": data,
        }
        (outcome,) = await self._intake.take([Message(msgspec.json.encode(event), "loadtest")])
        assert outcome.status == "accepted", outcome


def _about(tenant: str, number: int) -> dict[str, object]:
    return {"about": {"type": "tms_shipment", "value": f"{tenant}-S-{number}"}}


async def _kill(children: Children, plan: Plan, outcome: Outcome) -> None:
    """Kill workers, none twice: the server starts each anew, unless it was just started."""
    for worker in _workers(children.pid("serve"))[: plan.kills]:
        await asyncio.sleep(plan.seconds / (plan.kills + 1))
        os.kill(worker, signal.SIGKILL)
        outcome.kills += 1


def _workers(server: int) -> list[int]:
    found = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in found if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def _tokens(database_url: str, url: str, names: Sequence[str]) -> list[str]:
    async with (
        await open_pool(database_url, DatabaseRole.ISSUER, connections=1) as pool,
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http,
    ):
        scopes = ("shipments:read",)
        secrets = [await create_client(pool, Client(name, name, scopes, tenant=name)) for name in names]
        answers = [await _answered(http, url, name, secret) for name, secret in zip(names, secrets, strict=True)]
        return [str(answer.json()["access_token"]) for answer in answers]


async def _head(url: str, token: str) -> str:
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await http.post(f"{url}/graphql", json={"query": HEAD}, headers=headers)
        return str(answer.json()["data"]["changes"]["headCursor"])


async def _caught_up(reading: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await reading.fetchval(BEHIND):  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.1)


async def _written(reading: "asyncpg.Connection[asyncpg.Record]") -> dict[str, list[Told]]:
    written: dict[str, list[Told]] = {}
    for tenant, sequence, subject_id in await reading.fetch(WRITTEN):
        written.setdefault(tenant, []).append((sequence, subject_id))
    return written


async def _told(subscribers: Sequence[Subscriber], expected: list[list[Told]], plan: Plan) -> None:
    """Wait until all have been told as much as was written, or long enough."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            wanted = [len(expected[number % plan.tenants]) for number in range(len(subscribers))]
            while any(len(one.told) < count for one, count in zip(subscribers, wanted, strict=True)):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)


def _json(message: object) -> str:
    return msgspec.json.encode(message).decode()


@click.command()
@click.option("--subscriptions", "count", default=1_000, show_default=True, help="How many are open.")
@click.option("--seconds", default=60.0, show_default=True, help="For how long shipments change.")
@click.option("--tenants", default=20, show_default=True, help="Customers whose shipments change.")
@click.option("--rate", default=10.0, show_default=True, help="Changes a second, over all customers.")
def main(count: int, seconds: float, tenants: int, rate: float) -> None:
    """Hold subscriptions open while workers are killed; exit code 1 when a change was lost, doubled or out of order."""
    console = Console()
    plan = Plan(count, seconds, tenants, rate)
    with (
        console.status("Following changes while workers come and go"),
        tempfile.TemporaryDirectory(prefix="portal-subscriptions-") as one,
        start(Path(one)) as servers,
    ):
        asyncio.run(migrate(servers.database_url))
        outcome = asyncio.run(subscriptions(servers.database_url, servers.redis_url, Path(one), plan))
    console.print(_table(outcome))
    for words in (*outcome.lost[:5], *outcome.doubled[:5], *outcome.disordered[:5]):
        console.print(words, style="red")
    sys.exit(0 if outcome.good else 1)


def _table(outcome: Outcome) -> Table:
    table = Table("what", "count", title="Subscriptions while workers are killed")
    rows: dict[str, float] = {
        "subscriptions": outcome.subscriptions,
        "workers killed": outcome.kills,
        "connections broken off and made again": outcome.broken_off,
        "changes": outcome.changes,
        "changes told": outcome.told,
        "delay, median, seconds": round(outcome.delay_seconds(0.5), 3),
        "delay, 99 of 100 within, seconds": round(outcome.delay_seconds(0.99), 3),
        "subscribers that lost one": len(outcome.lost),
        "subscribers told one twice": len(outcome.doubled),
        "subscribers told out of order": len(outcome.disordered),
    }
    for what, count in rows.items():
        table.add_row(what, f"{count:,}")
    return table


if __name__ == "__main__":
    main()
