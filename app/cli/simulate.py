"""`portal simulate`: a network worth looking at, into the feed or a file."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from app.cli.durations import DURATION
from app.cli.running import cancelled_by_signals
from app.simulator.disorder import Disorder, disturbed
from app.simulator.emission import Emission
from app.simulator.publish import Feed, FeedUnavailableError, FileFeed, RedisFeed, Tally, broadcast, connect
from app.simulator.simulation import Knobs, Simulation

FAILED = 1
SHARE = click.FloatRange(0, 1)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line, as given."""

    redis_url: str | None
    out: Path | None
    shards: int
    seed: int
    tenants: int
    rate: float
    history: timedelta
    live: bool
    speed: float
    orders: int | None
    shipments: int | None
    events: int | None
    duplicates: float
    late: float
    disorder: float
    malformed: float
    samples: Path | None
    as_json: bool


@click.command(context_settings={"show_default": True})
@click.option("--redis-url", envvar="PORTAL_REDIS_URL", help="Where the feed's streams live.  [env: PORTAL_REDIS_URL]")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write one event a line here instead.")
@click.option("--shards", type=click.IntRange(1, 64), default=1, help="How many streams, portal:feed:0 and on.")
@click.option("--seed", type=int, default=1, help="Another seed, another network. The same seed and start repeat.")
@click.option("--tenants", type=click.IntRange(1, 500), default=6, help="How many customers.")
@click.option("--rate", type=click.FloatRange(0.1), default=60.0, help="Orders a simulated day, on average.")
@click.option("--history", type=DURATION, default="0d", help="First tell the past of so long, e.g. 90d or 12h.")
@click.option("--live/--no-live", default=True, help="Then go on with the present, until stopped.")
@click.option("--speed", type=click.FloatRange(1.001), default=1440.0, help="Live: how much faster than real life.")
@click.option("--orders", type=click.IntRange(1), help="Begin no more orders than this.")
@click.option("--shipments", type=click.IntRange(1), help="Begin no more shipments than this.")
@click.option("--events", type=click.IntRange(1), help="Stop after so many messages.")
@click.option("--duplicates", type=SHARE, default=0.0, help="Share of messages sent twice.")
@click.option("--late", type=SHARE, default=0.0, help="Share that comes 500 to 5,000 messages late.")
@click.option("--disorder", type=SHARE, default=0.0, help="Share that comes 2 to 40 messages late.")
@click.option("--malformed", type=SHARE, default=0.0, help="Share of messages with a broken copy beside them.")
@click.option("--samples", type=click.Path(dir_okay=False, path_type=Path), help="Write numbers to look up, by tenant.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def simulate(**given: Any) -> None:  # noqa: ANN401 - click passes each option by name; Options types them
    """Simulate a network of customers, warehouses and carriers and publish what its systems say.

    Orders are released, packed, tendered, shipped, delayed, delivered and paid. The past runs as fast as the feed
    takes it; the present runs at --speed (1440: a day a minute), every event stamped with the time it is sent.

    Each run makes new orders: what an earlier run left on its way stays as it was last heard of.

    \b
    Examples:
      portal simulate --history 14d
      portal simulate --history 90d --no-live --out events.ndjson --seed 7
      portal simulate --speed 3600 --duplicates 0.02 --late 0.02 --malformed 0.005
      portal simulate --history 180d --rate 600 --shipments 50000 --no-live --json

    Exit codes: 0 done or stopped by you, 1 the feed cannot be written, 2 wrong options.
    """  # noqa: D301 - click takes the backslash-b as its mark for lines not to be wrapped
    options = Options(**given)
    if options.out is None and options.redis_url is None:
        raise click.UsageError("Say where to publish: --redis-url (or PORTAL_REDIS_URL), or --out FILE.")
    if not options.live and not options.history:
        raise click.UsageError("Nothing to do: give --history, or leave out --no-live.")
    try:
        asyncio.run(_run(options))
    except FeedUnavailableError as error:
        click.echo(f"The feed at PORTAL_REDIS_URL cannot be written: {error}", err=True)
        sys.exit(FAILED)


async def _run(options: Options) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    knobs = Knobs(
        start=now - options.history,
        seed=options.seed,
        tenants=options.tenants,
        orders_per_day=options.rate,
        orders=options.orders,
        shipments=options.shipments,
    )
    simulation, tally, started = Simulation(knobs), Tally(), monotonic()
    with ExitStack() as opened:
        feed = await _feed(options, opened)
        cancelled_by_signals()
        # Stopped by the user: not an error, what was sent counts.
        with suppress(asyncio.CancelledError):
            await _publish(simulation, options, now, feed, tally)
    _summarise(simulation, options, tally, monotonic() - started)


async def _feed(options: Options, opened: ExitStack) -> Feed:
    if options.out is not None:
        try:
            return FileFeed(opened.enter_context(options.out.open("wb")))
        except OSError as error:
            raise click.UsageError(f"--out: {error}") from error
    try:
        feed = RedisFeed(connect(options.redis_url or ""), options.shards)
    except ValueError as error:
        raise click.UsageError(f"--redis-url: {error}") from error
    await feed.reach()
    return feed


async def _publish(simulation: Simulation, options: Options, now: datetime, feed: Feed, tally: Tally) -> None:
    disorder = Disorder(
        duplicates=options.duplicates, late=options.late, disorder=options.disorder, malformed=options.malformed
    )

    def bounded(stream: Iterator[Emission], seed: int) -> Iterator[Emission]:
        faulty = disturbed(stream, disorder, seed)
        return faulty if options.events is None else islice(faulty, options.events - tally.events)

    with _Progress(simulation.knobs.start, now, tally) as progress:
        # The history's late messages come before it ends: whoever looks then finds all of it.
        await broadcast(bounded(simulation.history(now), options.seed), feed, progress.sent)
        progress.history_told()
        if options.samples:
            options.samples.write_bytes(msgspec.json.format(msgspec.json.encode(simulation.samples(now))))
        if options.live:
            await broadcast(bounded(simulation.live(now, options.speed), options.seed + 1), feed, progress.sent)


class _Progress(Progress):
    """A bar over the simulated past, then a count of the present; on stderr, so that stdout stays the result's."""

    def __init__(self, start: datetime, end: datetime, tally: Tally) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        super().__init__(*columns, console=Console(stderr=True))
        self._start, self._tally, self._name = start, tally, "history"
        self._total = (end - start).total_seconds()
        self._task = self.add_task(self._name, total=self._total or None)

    def sent(self, batch: Sequence[Emission]) -> None:
        self._tally.add(batch)
        past = min((batch[-1].at - self._start).total_seconds(), self._total)
        self.update(self._task, completed=past, description=f"{self._name}, {self._tally.events:,} events")

    def history_told(self) -> None:
        self.update(self._task, completed=self._total)
        self._name = "live"


def _summarise(simulation: Simulation, options: Options, tally: Tally, seconds: float) -> None:
    summary = {
        "events": tally.events,
        "orders": simulation.orders,
        "shipments": simulation.shipments,
        "duplicates": tally.duplicate,
        "late": tally.late,
        "disordered": tally.disordered,
        "malformed": tally.malformed,
        "seconds": round(seconds, 2),
    }
    if options.as_json:
        click.echo(msgspec.json.encode(summary))
    else:
        click.echo(", ".join(f"{count:,} {name}" for name, count in summary.items()))
