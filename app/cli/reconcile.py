"""`portal reconcile`: what the owning systems say now, against what we know."""

import asyncio
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

from app import settings, telemetry
from app.cli.durations import DURATION
from app.cli.running import cancelled_by_signals
from app.reconcile.report import Report
from app.reconcile.rounds import forever, once, open_rounds
from app.reconcile.run import Extent
from app.settings import Settings
from app.sources import declared_sources
from projections.database import DATABASE_UNAVAILABLE
from projections.reconciliation.kinds import KINDS
from projections.sources.declared import DeclaredSource

PARTIAL = 1
_RECORDS = ("pulled", "same", "different", "unknown", "outdated", "unreadable")
COUNTS = (*_RECORDS, "emitted", "accepted", "duplicate", "held", "quarantined")


@click.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--source", "key", help="Only the source declared under this key.")
@click.option("--dry-run", is_flag=True, help="Emit nothing and remember nothing; say what would be emitted.")
@click.option("--full", is_flag=True, help="Pull everything, not only what changed since the last run.")
@click.option("--since", type=DURATION, help="Pull what changed within so long (90d, 12h), beside the other runs.")
@click.option("--every", type=DURATION, help="Go on until stopped, a round every so long (15m).")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON, a round a line.")
def reconcile(kind: str, *, key: str | None, as_json: bool, every: timedelta | None, **given: object) -> None:
    """Pull a snapshot of KIND from the systems that own it and take in what differs from what is known here.

    Sources are declared in PORTAL_SOURCES_FILE, with an `api`. What differs comes in as events of the source, through
    the same checks as any event; what is the same, or older than what is known, emits nothing. A run that was broken
    off is continued by the next.

    \b
    Examples:
      portal reconcile invoices --every 15m
      portal reconcile shipments --source tms --dry-run
      portal reconcile invoices --since 7d --json
      portal reconcile invoices --full

    Exit codes: 0 done, or stopped by you; 1 an upstream or the database failed, or records were quarantined;
    2 wrong options.
    """  # noqa: D301 - click takes the backslash-b as its mark for lines not to be wrapped
    extent = msgspec.convert(given, Extent)
    if extent.full and extent.since is not None:
        raise click.UsageError("--full is everything, --since a part of it: give one of them.")
    if every is not None and not every:
        raise click.UsageError("--every takes a duration of a second or more.")
    configured = settings.load()
    sources = _chosen(configured, kind, key)
    telemetry.configure(configured.log_level, configured.log_format)
    try:
        clean = asyncio.run(_run(configured, sources, extent, every, as_json=as_json))
    except DATABASE_UNAVAILABLE as error:
        raise click.ClickException(f"{error}; what was taken stays, run it again") from None
    if not clean:
        raise SystemExit(PARTIAL)


def _chosen(configured: Settings, kind: str, key: str | None) -> dict[str, DeclaredSource]:
    able = {name: one for name, one in declared_sources(configured).items() if one.api and one.api.kind == kind}
    if not able:
        raise click.UsageError(f"No source in PORTAL_SOURCES_FILE has an api of {kind}.")
    if key is not None and key not in able:
        raise click.UsageError(f"No source {key} has an api of {kind}; there are {', '.join(sorted(able))}.")
    chosen = able if key is None else {key: able[key]}
    for name, one in chosen.items():
        try:
            _ = one.api and one.api.token(os.environ)
        except KeyError as error:
            raise click.UsageError(f"{name}: {error.args[0]} is not set; it has to hold the token.") from None
    return chosen


async def _run(
    configured: Settings,
    sources: Mapping[str, DeclaredSource],
    extent: Extent,
    every: timedelta | None,
    *,
    as_json: bool,
) -> bool:
    """Whether all went well. Stopped, a run ends where it is: what it took stays, the next goes on from there."""
    cancelled_by_signals()
    told = _tell if as_json else _print
    with suppress(asyncio.CancelledError):
        async with open_rounds(configured, sources) as rounds:
            if every is not None:
                await forever(rounds, extent, every, told)
            reports = await once(rounds, extent)
            told(reports)
            return all(report.clean for report in reports.values())
    return True


def _tell(reports: Mapping[str, Report]) -> None:
    click.echo(json.dumps({key: msgspec.to_builtins(report) for key, report in reports.items()}))


def _print(reports: Mapping[str, Report]) -> None:
    table = Table("Source", *(name.capitalize() for name in COUNTS), "Remarks")
    for key, report in reports.items():
        table.add_row(key, *(f"{getattr(report, name):,}" for name in COUNTS), _remarks(report))
    Console().print(table)
    for key, report in reports.items():
        if report.error is not None:
            click.echo(f"{key}: {report.error}", err=True)


def _remarks(report: Report) -> str:
    said = {
        "unchanged": report.unchanged,
        "resumed": report.resumed,
        "broken off": report.error is not None,
    }
    return ", ".join(words for words, holds in said.items() if holds)
