"""`python -m loadtests.load`: run Locust's users, headless and bounded."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import httpx
import rich_click as click

from app.demo.accounts import Demo
from loadtests.load.demos import RUNNING, NoDemoError, own_demo, recall
from loadtests.users import names

ROOT = Path(__file__).parents[2]
LOCUSTFILE = ROOT / "loadtests" / "locustfile.py"
REPORT = ROOT / "loadtests" / "report.html"
STOP_SECONDS, HANGS_SECONDS = 10, 60


@click.command(context_settings={"show_default": True})
@click.option("--demo", "file", type=click.Path(dir_okay=False, path_type=Path), envvar="LOAD_DEMO",
              show_default="a running one, else one of our own", help="demo.json of the demo to ask.")  # fmt: skip
@click.option("--users", type=click.IntRange(1, 500), default=20, help="How many at once.")
@click.option("--seconds", type=click.IntRange(1, 3_600), default=30, help="How long.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), default=REPORT,
              show_default="loadtests/report.html", help="Where the HTML report goes.")  # fmt: skip
def load(file: Path | None, users: int, seconds: int, report: Path) -> None:
    """Put users of all kinds on a demo: portal readers, CRM cards, partners' apps.

    Prints Locust's table and writes its HTML report. Each user waits between requests as people do: this shows that
    all works under load; how fast it is, `make bench` measures.

    \b
    Examples:
      python -m loadtests.load
      python -m loadtests.load --users 100 --seconds 120
      python -m loadtests.load --demo .portal/demo.json

    Exit codes: 0 no request failed; 1 some did, or there is no demo to ask; 2 wrong options.
    """
    named = file or RUNNING
    found = recall(named)
    if file and not found:
        raise click.ClickException(f"{file} names no demo that answers.")
    if not found:
        click.echo("Starting a demo of our own; the first time it is fed a month of a network.", err=True)
    try:
        with nullcontext(named) if found else own_demo() as at:
            code = run(at, users, seconds, report)
    except NoDemoError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Report: {report}", err=True)
    sys.exit(code)


def run(file: Path, users: int, seconds: int, report: Path) -> int:
    """Run the users whose doors this demo has; 0 when no request failed. Raises NoDemoError."""
    asked = recall(file)
    if asked is None:
        raise NoDemoError(f"{file} names no demo that answers.")
    kinds, left_out = names.offered(_paths(asked), graphql=_has_graphql(asked))
    for kind, why in left_out.items():
        click.echo(f"Without {kind}: {why}", err=True)
    command = [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--only-summary"),
        *("--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s"),
        *("--stop-timeout", str(STOP_SECONDS), "--html", str(report.absolute()), "--loglevel", "WARNING"),
        *kinds,
    ]
    environment = os.environ | {"LOAD_DEMO": str(file.absolute())}
    try:
        ended = subprocess.run(command, cwd=ROOT, env=environment, timeout=seconds + HANGS_SECONDS, check=False)  # noqa: S603 - our own command
    except subprocess.TimeoutExpired:
        click.echo("Locust did not end.", err=True)
        return 1
    return 1 if ended.returncode else 0


def _paths(asked: Demo) -> frozenset[str]:
    description = httpx.get(f"{asked.base_url}/openapi.json", timeout=5, trust_env=False).raise_for_status().json()
    return frozenset(description["paths"])


def _has_graphql(asked: Demo) -> bool:
    return httpx.post(f"{asked.base_url}/graphql", json={}, timeout=5, trust_env=False).status_code != 404


if __name__ == "__main__":
    load()
