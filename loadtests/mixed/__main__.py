"""A hundred thousand messages in every format, clean and disturbed, and the views of both compared.

    python -m loadtests.mixed --messages 100000

Two intake workers and a projector take each run in, on a Postgres and a Valkey of their own and a database a run.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import asyncpg
import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from app.embedded import start
from app.embedded.servers import Servers
from loadtests.bench.databases import Databases
from loadtests.mixed.comparing import differences, found
from loadtests.mixed.lanes import lanes
from loadtests.mixed.mixture import Run, clean, disturbed, undisturbed
from projections.cache import Publisher
from projections.database import DatabaseRole, open_pool
from projections.redis import open_redis
from projections.runner import Projector

POLL_SECONDS = 0.1
# A run takes two minutes; one that has not ended by then hangs.
LIMIT_SECONDS = 1_200
_FAULTS = ("duplicates", "by another way", "late", "early", "malformed")


@click.command()
@click.option("--messages", default=100_000, show_default=True, help="Messages of the clean run, about.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same messages.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def mixed(messages: int, seed: int, *, as_json: bool) -> None:
    """Take messages in clean and disturbed: a tenth doubled, a tenth late, a twentieth broken, a twentieth too early."""
    with Progress(console=Console(stderr=True)) as progress:
        making = progress.add_task("messages made", total=None)
        written = clean(messages, seed)
        runs = {"clean": undisturbed(written), "disturbed": disturbed(written, seed)}
        progress.update(making, total=len(written), completed=len(written))
        with tempfile.TemporaryDirectory(prefix="portal-mixed-") as folder, start(Path(folder)) as servers:
            told, differing = asyncio.run(_run(servers, runs, Path(folder), progress))
    if as_json:
        click.echo(json.dumps({**told, "differences": differing}))
    else:
        _print(runs, told, differing)
    if any(differing.values()):
        raise SystemExit(1)


async def _run(
    servers: Servers, runs: dict[str, Run], folder: Path, progress: Progress
) -> tuple[dict[str, dict[str, float]], dict[str, int]]:
    databases = Databases(servers.database_url)
    told, results = {}, {}
    for name, run in runs.items():
        database_url = await databases.make(f"mixed_{name}")
        async with open_redis(servers.redis_url, timeout_seconds=5) as redis:
            # Both runs have positions and streams of the same names.
            await redis.flushall()
        started = time.monotonic()
        task = progress.add_task(f"{name} run", total=len(run.sent))
        said = await _taken_in(database_url, servers.redis_url, run, folder, progress, task)
        told[name] = {"sent": len(run.sent), **said, "seconds": round(time.monotonic() - started, 1)}
        results[name] = await found(database_url)
        told[name]["views"] = len(results[name].views)
    return told, differences(results["clean"], results["disturbed"], runs["disturbed"].quarantined)


async def _taken_in(
    database_url: str, redis_url: str, run: Run, folder: Path, progress: Progress, task: TaskID
) -> Counter[str]:
    """Feed a run to two workers, each a process, while it is projected; done when all is folded."""
    stop = asyncio.Event()
    async with (
        await open_pool(database_url, DatabaseRole.PROJECTOR) as pool,
        open_redis(redis_url, timeout_seconds=5) as redis,
    ):
        projecting = asyncio.create_task(Projector(pool, Publisher(redis), owner="mixed").run(stop))
        workers = []
        for number, lane in enumerate(lanes(run.sent)):
            file = folder / f"lane{number}"
            file.write_bytes(msgspec.msgpack.encode(lane))
            command = [sys.executable, "-m", "loadtests.mixed.lanes", database_url, redis_url, str(file)]
            worker = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env=os.environ)
            workers.append(_followed(worker, progress, task))
        async with asyncio.timeout(LIMIT_SECONDS):
            said = sum(await asyncio.gather(*workers), Counter())
            while not await _folded(database_url):  # noqa: ASYNC110 - the projector tells nobody how far it is
                await asyncio.sleep(POLL_SECONDS)
        stop.set()
        await projecting
    return said


async def _followed(worker: asyncio.subprocess.Process, progress: Progress, task: TaskID) -> Counter[str]:
    """What the worker's intake said; its last line. Every line before is a number of messages that are through."""
    said: Counter[str] | None = None
    try:
        async for line in worker.stdout or ():
            told = json.loads(line)
            if isinstance(told, int):
                progress.advance(task, told)
            else:
                said = Counter(told)
    finally:
        if worker.returncode is None and said is None:
            worker.terminate()
        code = await worker.wait()
    if said is None or code:
        raise click.ClickException(f"an intake worker ended with {code}")
    return said


async def _folded(database_url: str) -> bool:
    connection = await asyncpg.connect(database_url)
    try:
        behind: int = await connection.fetchval(
            "select sum(p.position - c.position) from log.partition p join portal.checkpoint c using (partition)"
        )
    finally:
        await connection.close()
    return behind == 0


def _print(runs: dict[str, Run], told: dict[str, dict[str, float]], differing: dict[str, int]) -> None:
    console = Console()
    formats = ", ".join(f"{count:,} {name}" for name, count in runs["clean"].counts.most_common())
    faults = ", ".join(f"{runs['disturbed'].counts[name]:,} {name}" for name in _FAULTS)
    console.print(f"Messages: {formats}\nDisturbed: {faults}\n")
    table = Table("", *runs)
    for row in ("sent", "accepted", "held", "duplicate", "quarantined", "views", "seconds"):
        table.add_row(row, *(f"{told[name].get(row, 0):,}" for name in runs))
    console.print(table)
    table = Table("must be 0", "")
    for row, count in differing.items():
        table.add_row(row, f"{count:,}", style="bold red" if count else "")
    console.print(table)


if __name__ == "__main__":
    mixed()
