"""The results for people: a table, and progress while there are none yet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from loadtests.bench.results import BUSY_ENOUGH, Row


class ShownProgress:
    """A bar over all rounds, with what is being done now."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("starting", total=total)

    def say(self, words: str) -> None:
        self._progress.update(self._task, description=words)

    def step(self) -> None:
        self._progress.advance(self._task)


@contextmanager
def shown_progress(total: int) -> Iterator[ShownProgress]:
    """Progress on standard error: standard output is the results'."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    # Drawn seldom: the core it is drawn on also makes the load.
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=2) as progress:
        yield ShownProgress(progress, total)


def table(rows: Sequence[Row]) -> Table:
    shown = Table(title="Ratio to the limit of this machine (median of rounds; lowest to highest)")
    shown.add_column("row")
    for name in ("ratio", "range", "by CPU", "target", "met", "CPU µs (limit's)"):
        shown.add_column(name, justify="right")
    shown.add_column("peers")
    shown.add_column("remark")
    for row in rows:
        shown.add_row(row.row, *_figures(row), _peers(row), _remark(row))
    return shown


def _peers(row: Row) -> str:
    """Each peer's own ratio, and how many times as many answers ours gives."""
    times = {name: (row.ratio or 0) / ratio for name, ratio in row.peers.items() if ratio}
    return "\n".join(f"{name} {row.peers[name]:.3f}, ours {many:.0f} times that" for name, many in times.items())


def _figures(row: Row) -> tuple[str, str, str, str, str, str]:
    target = "-" if row.target is None else f"{row.target:.2f}"
    target = f"{row.rate_target:,.0f}/s" if row.rate_target is not None else target
    met = {None: "-", True: "[green]yes[/]", False: "[red]no[/]"}[row.met]
    if row.ratio is None:
        return "[red]none[/]", "", "", target, met, ""
    cpu = f"{row.cpu_us} ({row.limit_cpu_us})"
    by_cpu = "" if row.cpu_ratio is None else f"{row.cpu_ratio:.2f}"
    return f"{row.ratio:.2f}", f"{row.ratio_min:.2f}-{row.ratio_max:.2f}", by_cpu, target, met, cpu


def _remark(row: Row) -> str:
    if row.ratio is None or row.rate is None or row.limit_rate is None:
        return row.remark.rpartition("\n")[2]
    words = f"{row.rate:,.0f} against {row.limit_rate:,.0f} {row.unit}s/s"
    if row.unit == "request" and (row.limit_busy or 0) < BUSY_ENOUGH:
        words += f"; bare server only {row.limit_busy:.0%} busy: other work on this machine, or a slow load"
    return "; ".join(filter(None, (words, row.remark.replace("\n", " "))))
