"""`portal demo`: the whole product on this machine, with a simulated network that feeds it."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import msgspec
import rich_click as click
from rich.console import Console

from app import settings
from app.demo import accounts, papers
from app.demo.accounts import Demo, Sample
from app.demo.children import ChildEndedError, Children
from app.embedded import EmbeddedUnavailable, start
from app.settings import Settings
from app.simulator.network import network
from projections.database import DatabaseRole, open_pool
from projections.feed.names import stream_name
from projections.migrations.migrate import migrate
from projections.redis import open_redis

SEED, TENANTS = 1, 6
HISTORY_DAYS = 30
READY_SECONDS = 60.0
HISTORY_SECONDS = 300.0
POLL_SECONDS = 0.2
PAPERS_SECONDS = 30.0
# Shown on every answer, and not in the way of whoever tries out how much the service can take.
GENEROUS = "1000000/minute"
# Not clean on purpose: what the service is for.
TROUBLE = ("--duplicates", "0.02", "--late", "0.01", "--disorder", "0.05", "--malformed", "0.005")

_BEHIND = "select sum(p.position - c.position)::bigint from log.partition p join portal.checkpoint c using (partition)"


class DemoFailedError(click.ClickException):
    """The demo cannot go on; the message says why and where to look."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), envvar="PORTAL_PORT", default=8_000, show_default=True,
              help="The port the portal answers on.")  # fmt: skip
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), envvar="PORTAL_DATA_DIR",
              default=Path(".portal"), show_default=True, help="Where everything is kept.")  # fmt: skip
def demo(port: int, data_dir: Path) -> None:
    """Run everything on this machine: Postgres, Valkey, issuer, intake, projector, API and a simulated network.

    Ctrl-C stops all of it. A second start on the same folder goes on with the same data.

    \b
    Examples:
      portal demo
      PORTAL_PORT=8080 PORTAL_DATA_DIR=/tmp/portal portal demo
    """  # noqa: D301 - \b keeps the examples as they are
    # A signal to stop ends the demo in order, whoever sends it; a shell may have started us with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    console = Console(stderr=True)
    folder = data_dir.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _stores(folder, console) as (database_url, redis_url):
            _run(folder, port, {"PORTAL_DATABASE_URL": database_url, "PORTAL_REDIS_URL": redis_url}, console)
    except (EmbeddedUnavailable, ChildEndedError) as error:
        raise DemoFailedError(f"{error}\nThe logs are in {folder / 'logs'}.") from None
    except KeyboardInterrupt:
        console.print("Stopped.")


@contextmanager
def _stores(folder: Path, console: Console) -> Iterator[tuple[str, str]]:
    """The servers the environment names, else our own."""
    database_url, redis_url = os.environ.get("PORTAL_DATABASE_URL"), os.environ.get("PORTAL_REDIS_URL")
    if database_url and redis_url:
        yield database_url, redis_url
        return
    with console.status("Starting Postgres and Valkey"):
        servers = start(folder / "servers", postgres=not database_url, valkey=not redis_url)
    with servers:
        yield database_url or servers.database_url, redis_url or servers.redis_url


def _run(folder: Path, port: int, stores: dict[str, str], console: Console) -> None:
    own = {**stores, "PORTAL_PORT": str(port), "PORTAL_DATA_DIR": str(folder)}
    limits = dict.fromkeys(("PORTAL_RATE_LIMIT", "PORTAL_FAILURE_LIMIT"), GENEROUS)
    environment = {"PORTAL_GRAPHQL_INTROSPECTION": "true", **limits, **os.environ, **own}
    configured = settings.load(environment)
    file = folder / "demo.json"
    earlier = accounts.recall(file)
    tenants = [tenant.slug for tenant in network(SEED, TENANTS).tenants]
    made = accounts.plan(configured.public_url, tenants, earlier)
    with console.status("Migrating"):
        asyncio.run(migrate(configured.database_url))
        asyncio.run(accounts.register(configured, made))
    with Children(environment, folder / "logs") as children:
        children.start("serve")
        children.start("intake")
        children.start("project")
        _wait_for_api(configured, children, console)
        made.samples = _simulate(folder, configured, children, console, earlier)
        accounts.save(file, made)
        _say_where_to_look(console, file, made)
        looked_at = 0.0
        while True:
            children.check()
            if time.monotonic() - looked_at > PAPERS_SECONDS:
                looked_at = time.monotonic()
                # While somebody tries out an outage there are none.
                with suppress(httpx.HTTPError):
                    papers.bring(made)
            time.sleep(POLL_SECONDS)


def _wait_for_api(configured: Settings, children: Children, console: Console) -> None:
    deadline = time.monotonic() + READY_SECONDS
    with console.status(f"Starting the portal at {configured.public_url}"):
        while True:
            children.check()
            try:
                if httpx.get(f"{configured.public_url}/readyz", timeout=1, trust_env=False).is_success:
                    return
            except httpx.HTTPError:
                pass
            if time.monotonic() > deadline:
                raise ChildEndedError(f"the portal did not get ready within {READY_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)


def _simulate(
    folder: Path, configured: Settings, children: Children, console: Console, earlier: Demo | None
) -> dict[str, Sample]:
    """Start the network: at first with a past, later just on from now. Returns what there is to look at."""
    samples = folder / "samples.json"
    if earlier is not None and earlier.samples:
        children.start("simulate", *TROUBLE)
        return dict(earlier.samples)
    samples.unlink(missing_ok=True)
    children.start("simulate", "--history", f"{HISTORY_DAYS}d", "--samples", str(samples), *TROUBLE)
    deadline = time.monotonic() + HISTORY_SECONDS
    with console.status(f"Feeding the last {HISTORY_DAYS} days of a simulated network") as status:
        while True:
            children.check()
            behind = asyncio.run(_behind(configured))
            told = samples.exists() and samples.stat().st_size > 0
            status.update(f"Feeding the last {HISTORY_DAYS} days of a simulated network, {behind:,} events to go")
            # The live part keeps a few events under way at any time.
            if (told and behind < 500) or time.monotonic() > deadline:  # noqa: PLR2004
                break
            time.sleep(POLL_SECONDS)
    return msgspec.json.decode(samples.read_bytes(), type=dict[str, Sample]) if samples.exists() else {}


async def _behind(configured: Settings) -> int:
    """Events on their way: in the feed, and in the log but not folded."""
    async with open_redis(configured.redis_url, timeout_seconds=2) as redis:
        waiting: int = await redis.xlen(stream_name(0))
    async with await open_pool(configured.database_url, DatabaseRole.PROJECTOR, connections=1) as pool:
        return waiting + int(await pool.fetchval(_BEHIND) or 0)


def _say_where_to_look(console: Console, file: Path, made: Demo) -> None:
    reader = made.clients[0]
    sample = made.samples.get(reader.tenant or "")
    console.print(f"\n[bold]The portal answers at {made.base_url}[/], its API is described at {made.base_url}/docs")
    console.print(f"Clients, users and samples: {file}\n")
    console.print("In another terminal:", style="bold")
    lines = [
        f"TOKEN=$(.venv/bin/portal token --demo {file} --tenant {reader.tenant})",
        f'curl -s -H "Authorization: Bearer $TOKEN" "{made.base_url}/v1/shipments?limit=3"',
    ]
    if sample is not None:
        lines.append(f'curl -s -H "Authorization: Bearer $TOKEN" {made.base_url}/v1/shipments/{sample.shipment_id}')
    for line in lines:
        console.print(f"  {line}", soft_wrap=True, highlight=False, markup=False)
    console.print("\nCtrl-C stops everything.")
