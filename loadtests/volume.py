"""A large volume end to end: simulated events through the feed, the log and the projector, then the proof.

    python -m loadtests.volume --shipments 50000

Intake and projector run as the processes they are in production, on servers of their own. At the end
every view is compared, byte for byte, with a fold of the whole log from scratch.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import asyncpg
import rich_click as click
from rich.console import Console
from rich.progress import Progress

from app.embedded import start
from app.simulator.publish import RedisFeed, Tally, broadcast, connect
from app.simulator.simulation import ORDERS_A_STORY, Knobs, Simulation
from projections.feed.names import stream_name
from projections.migrations.migrate import migrate
from projections.redis import open_redis
from tests.refold import refold

POLL_SECONDS = 0.5
PAST = timedelta(days=330)
CALENDAR_DAYS = 110
QUIET_POLLS = 4


@click.command()
@click.option("--shipments", default=50_000, show_default=True, help="Shipments to simulate, some 22 events each.")
@click.option("--events", default=0, help="Stop after so many events; 0: when all stories are told.")
@click.option("--tenants", default=50, show_default=True, help="Customers.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def volume(shipments: int, events: int, tenants: int, *, as_json: bool) -> None:
    """Take in and project a large volume, and compare the views with a fold from scratch."""
    with tempfile.TemporaryDirectory(prefix="portal-volume-") as folder, start(Path(folder)) as servers:
        environment = {
            **os.environ,
            "PORTAL_DATABASE_URL": servers.database_url,
            "PORTAL_REDIS_URL": servers.redis_url,
            "PORTAL_LOG_LEVEL": "warning",
        }
        asyncio.run(migrate(servers.database_url))
        roles = {name: _start(name, environment) for name in ("intake", "project")}
        try:
            result = asyncio.run(_run(servers.database_url, servers.redis_url, roles, shipments, events, tenants))
        finally:
            for role in roles.values():
                role.terminate()
                role.wait(30)
    click.echo(json.dumps(result) if as_json else "\n".join(f"{name}: {value}" for name, value in result.items()))
    if result["views_different"] or result["quarantined"] or result["roles_ended"]:
        raise SystemExit(1)


def _start(name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "app.cli", name], env=environment)  # noqa: S603 - our own command


async def _run(
    database_url: str,
    redis_url: str,
    roles: dict[str, "subprocess.Popen[bytes]"],
    shipments: int,
    events: int,
    tenants: int,
) -> dict[str, object]:
    knobs = Knobs(
        start=datetime.now(UTC).replace(microsecond=0) - PAST,
        seed=7,
        tenants=tenants,
        orders_per_day=shipments * ORDERS_A_STORY / 1.66 / CALENDAR_DAYS,
        shipments=shipments,
    )
    simulation, tally = Simulation(knobs), Tally()
    stream = simulation.history()
    connection = await asyncpg.connect(database_url)
    peak = dict.fromkeys(roles, 0)
    started = time.monotonic()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("fed", total=events or shipments * 22)
        feeding = asyncio.create_task(
            broadcast(
                islice(stream, events) if events else stream,
                RedisFeed(connect(redis_url)),
                lambda batch: (tally.add(batch), progress.update(task, completed=tally.events)),
            )
        )
        await _until_folded(connection, redis_url, feeding, roles, peak)
        seconds = time.monotonic() - started
        compared, different = await _compare(connection, progress)
    answers = {
        "events": tally.events,
        "shipments": simulation.shipments,
        "seconds": round(seconds, 1),
        "events_per_second": round(tally.events / seconds),
        "log_rows": await connection.fetchval("select count(*) from log.event"),
        "held": await connection.fetchval("select count(*) from log.held"),
        "quarantined": await connection.fetchval("select count(*) from log.quarantine"),
        "views_compared": compared,
        "views_different": different,
        "peak_rss_mib": {name: kib // 1024 for name, kib in peak.items()},
        "roles_ended": [name for name, role in roles.items() if role.poll() is not None],
    }
    await connection.close()
    return answers


async def _until_folded(
    connection: "asyncpg.Connection[asyncpg.Record]",
    redis_url: str,
    feeding: "asyncio.Task[None]",
    roles: dict[str, "subprocess.Popen[bytes]"],
    peak: dict[str, int],
) -> None:
    """Wait until all that was fed is folded, watching the memory of both roles."""
    quiet = 0
    async with open_redis(redis_url, timeout_seconds=5) as redis:
        while quiet < QUIET_POLLS:
            await asyncio.sleep(POLL_SECONDS)
            for name, role in roles.items():
                peak[name] = max(peak[name], _rss_kib(role.pid))
            if feeding.done():
                feeding.result()
            behind = await connection.fetchval(
                "select sum(p.position - c.position) from log.partition p join portal.checkpoint c using (partition)"
            )
            idle = feeding.done() and behind == 0 and await redis.xlen(stream_name(0)) == 0
            quiet = quiet + 1 if idle else 0


def _rss_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


async def _compare(connection: "asyncpg.Connection[asyncpg.Record]", progress: Progress) -> tuple[int, int]:
    """How many views a fold of the log from scratch gives, and how many of the stored ones are not equal to it."""
    compared = different = 0
    task = progress.add_task("compared", total=None)
    async for views in refold(connection):
        tenants = sorted({tenant for tenant, _ in views})
        rows = await connection.fetch(
            "select tenant, id, document, summary, sources from portal.shipment_view where tenant = any($1)"
            " union all select tenant, id, document, summary, sources from portal.order_view where tenant = any($1)",
            tenants,
        )
        stored = {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}
        different += sum(stored.get(key) != tuple(view) for key, view in views.items()) + len(
            stored.keys() - views.keys()
        )
        compared += len(views)
        progress.update(task, completed=compared)
    return compared, different


if __name__ == "__main__":
    volume()
