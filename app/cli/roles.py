"""`portal serve`, `portal intake`, `portal project`: the three processes of the service, each as many times as needed."""

import asyncio
import os
import secrets
import socket
from typing import Any

import granian
import rich_click as click
import structlog
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

from app import settings
from app.cli.running import run_role
from app.settings import Settings
from app.sources import api_token, asked_about_shipments, declared_sources, source_proofs
from projections.audit.retention import keep_days
from projections.cache import Publisher
from projections.database import DatabaseRole, open_pool
from projections.feed.stream import StreamConsumer
from projections.intake.intake import Intake
from projections.redis import open_redis
from projections.runner import Projector

# Publishing a full batch is some megabytes.
PUBLISH_SECONDS = 2.0
STOP_SECONDS = 10
# Who takes longer to say what is wanted is not about to. Also how long a connection may rest between requests.
HEADER_SECONDS = 15
# Room for what the edge allows and answers itself; past that the connection is refused before we see it.
HEADER_BYTES_MAX = 65_536

log = structlog.get_logger()


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="Instead of PORTAL_PORT.")
@click.option("--workers", type=click.IntRange(1, 256), help="Instead of PORTAL_WORKERS.")
def serve(port: int | None, workers: int | None) -> None:
    """Serve the API and, unless PORTAL_ISSUER names another, the embedded token issuer.

    \b
    Examples:
      portal serve
      portal serve --port 8080 --workers 4
    """  # noqa: D301 - \b keeps the examples as they are
    given = {"PORTAL_PORT": port, "PORTAL_WORKERS": workers}
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    configured = settings.load()
    # Here, where it ends the command: workers that cannot start would be started again.
    declared = declared_sources(configured)
    source_proofs(declared)
    for one in asked_about_shipments(declared):
        api_token(one)
    server_of(configured).serve()


def server_of(configured: Settings) -> Any:  # noqa: ANN401 - granian's class is chosen at run time
    """The ASGI server of these settings. Its workers read the same environment."""
    return granian.Granian(
        "app.asgi:create_app",
        factory=True,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        address=configured.host,
        port=configured.port,
        workers=configured.workers,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]  # granian takes the name as well
        # Proxies speak HTTP/1.1 to us. With both, a connection that never says a word is waited for without end.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1_000, max_buffer_size=HEADER_BYTES_MAX),
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=configured.workers > 1,
    )


@click.command()
def intake() -> None:
    """Take events from the feed's Redis streams into the log, until stopped.

    \b
    Examples:
      portal intake
      PORTAL_FEED_SHARDS=4 portal intake
    """  # noqa: D301 - \b keeps the examples as they are
    run_role(_intake)


async def _intake(configured: Settings, stop: asyncio.Event) -> None:
    async with await open_pool(configured.database_url, DatabaseRole.PROJECTOR) as pool:
        taking = Intake(pool, max_event_bytes=configured.max_event_bytes)
        shards = range(configured.feed_shards)
        consumers = [StreamConsumer(configured.redis_url, taking, shard=shard) for shard in shards]
        log.info("intake.started", shards=len(consumers))
        await asyncio.gather(*(consumer.run(stop) for consumer in consumers))


@click.command()
def project() -> None:
    """Fold the log into views and publish them, until stopped. Run several: they share the partitions.

    \b
    Examples:
      portal project
    """  # noqa: D301 - \b keeps the examples as they are
    run_role(_project)


async def _project(configured: Settings, stop: asyncio.Event) -> None:
    # Process ids repeat, between containers above all; two projectors under one name would not fence each other.
    owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    redis = open_redis(configured.redis_url, timeout_seconds=PUBLISH_SECONDS)
    async with redis, await open_pool(configured.database_url, DatabaseRole.PROJECTOR) as pool:
        log.info("projector.started", owner=owner)
        projector = Projector(pool, Publisher(redis), owner=owner)
        await asyncio.gather(projector.run(stop), keep_days(pool, configured.audit_days, stop))
