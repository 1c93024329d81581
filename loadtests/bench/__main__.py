"""`python -m loadtests.bench`: measure, show, write results.json."""

import logging
import sys
import tempfile
from pathlib import Path

import rich_click as click
import structlog
import uvloop
from rich.console import Console

from app.embedded import EmbeddedUnavailable
from loadtests.bench.results import Results, encode, exit_code
from loadtests.bench.rows import TARGETS, Options, known, run
from loadtests.bench.shown import shown_progress, table

PIPE_COLUMNS = 150
RESULTS = Path(__file__).with_name("results.json")


@click.command(context_settings={"show_default": True})
@click.option("--rows", default="", show_default="all", help=f"Only these, comma between: {', '.join(TARGETS)}.")
@click.option("--seconds", type=click.FloatRange(0.2, 60), default=1.0, help="How long a round of reads lasts.")
@click.option(
    "--rounds", type=click.IntRange(1, 50), default=5, help="Alternating rounds a row; rows that write: up to 3."
)
@click.option("--events", type=click.IntRange(5_000, 1_000_000), default=60_000, help="How many events are simulated.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=RESULTS,
    show_default=RESULTS.name,
    help="Where the results go.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON instead of a table.")
def bench(rows: str, seconds: float, rounds: int, events: int, out: Path, as_json: bool) -> None:
    """Measure how close reads and writes come to what this machine can do at all.

    Each row alternates between the product and a limit on the same machine: reads against a bare ASGI
    application that answers as many bytes, writes against the raw bulk write of the same rows. Ratios can be
    compared between machines, rates cannot. Everything runs on loopback, in a folder of its own.

    \b
    Examples:
      python -m loadtests.bench
      python -m loadtests.bench --rows memory_hit,redis_hit --rounds 9
      python -m loadtests.bench --rows projector --events 200000 --json

    Exit codes: 0 all measured, whether targets were met or not; 1 a row could not be measured; 2 wrong options.
    """
    if not sys.platform.startswith("linux"):
        raise click.UsageError("The bench pins programs to cores and reads their CPU time: it needs Linux.")
    try:
        options = Options(rows=known(rows), seconds=seconds, rounds=rounds, events=events)
    except ValueError as error:
        raise click.UsageError(f"--rows: {error}") from None
    results = _measure(options)
    out.write_bytes(encode(results))
    if as_json:
        click.echo(encode(results))
    else:
        # Into a file or a pipe there is no width to keep to.
        (console if (console := Console()).is_terminal else Console(width=PIPE_COLUMNS)).print(table(results.rows))
    sys.exit(exit_code(results.rows))


def _measure(options: Options) -> Results:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    total = 2 * sum(options.rounds_of(row) for row in options.rows)
    try:
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder, shown_progress(total) as progress:
            return uvloop.run(run(options, Path(folder), progress))
    except EmbeddedUnavailable as error:
        click.echo(f"The bench starts its own Postgres and Valkey, which cannot be done here: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    bench()
