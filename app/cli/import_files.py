"""`portal import`: files of native messages, message by message."""

import asyncio
import glob
import json
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import rich_click as click
from rich.console import Console
from rich.table import Table

from app import settings
from app.cli.importing import import_all
from app.settings import Settings
from app.sources import declared_sources
from projections.sources.declared import DeclaredSource, SourcesFileError, declared
from projections.sources.registry import FORMATS
from projections.sources.taking import Account

PARTIAL = 1
_COUNTS = ("messages", "accepted", "duplicate", "held", "quarantined", "ignored")


@click.command("import")
@click.argument("files", nargs=-1, required=True)
@click.option("--source", "key", help="The key of a source declared in PORTAL_SOURCES_FILE.")
@click.option("--format", type=click.Choice(sorted(FORMATS)), help="Instead of --source: the format.")
@click.option("--name", help="With --format: the source's name, such as /carrier/abfs.")
@click.option("--tenant", help="With --format: whose the messages are when they do not say.")
@click.option("--carrier", help="With --format: the carrier (SCAC) they speak of when they do not say.")
@click.option("--zone", help="With --format: the time zone of times without an offset, such as Europe/Berlin.")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def import_files(files: tuple[str, ...], key: str | None, *, as_json: bool, **given: str | None) -> None:
    """Import FILES (globs are fine): X12, EDIFACT, EPCIS, DCSA, CSV, carriers' JSON, or CloudEvents, one a line.

    A file is taken message by message: a broken one is quarantined with its reason, the others are taken.
    Importing a file twice changes nothing.

    \b
    Examples:
      portal import --source abfs-status inbox/*.edi
      portal import --format x12 --name /carrier/abfs --carrier ABFS --zone America/Chicago status.edi
      portal import --format events events.ndjson

    Exit codes: 0 all taken; 1 some quarantined, a file unreadable, or the database away; 2 wrong options.
    """  # noqa: D301 - click takes the backslash-b as its mark for lines not to be wrapped
    configured = settings.load()
    one = _chosen(configured, key, {name: value for name, value in given.items() if value is not None})
    try:
        accounts = asyncio.run(import_all(configured, one, key, _paths(files)))
    except (OSError, asyncpg.PostgresError) as error:
        raise click.ClickException(f"{error}; what was taken stays, import the files again") from None
    if as_json:
        click.echo(json.dumps({str(path): _told(account) for path, account in accounts.items()}))
    else:
        _print(accounts)
    if any(account is None or account.quarantined for account in accounts.values()):
        raise SystemExit(PARTIAL)


def _paths(patterns: Sequence[str]) -> list[Path]:
    """The files of all patterns, each once; a pattern that fits nothing is taken for a file's name."""
    found = [match for pattern in patterns for match in sorted(glob.glob(pattern)) or [pattern]]  # noqa: PTH207 - may be absolute
    return [Path(name) for name in dict.fromkeys(found)]


def _chosen(configured: Settings, key: str | None, given: dict[str, str]) -> DeclaredSource:
    if key is None:
        return _given(given)
    if given:
        raise click.UsageError(f"--source says it all; leave out {', '.join(f'--{name}' for name in given)}.")
    if configured.sources_file is None:
        raise click.UsageError("--source needs PORTAL_SOURCES_FILE.")
    known = declared_sources(configured)
    if key not in known:
        raise click.UsageError(f"No source is declared as {key}; there are {', '.join(sorted(known)) or 'none'}.")
    return known[key]


def _given(given: dict[str, str]) -> DeclaredSource:
    if "format" not in given:
        raise click.UsageError("Say --source, or --format and --name.")
    if given["format"] == "events":
        # CloudEvents name their own source; any role serves.
        given = {"name": "/erp/import", **given}
    elif "name" not in given:
        raise click.UsageError("--format needs --name, such as /carrier/abfs.")
    try:
        return declared("options", given, FORMATS)
    except SourcesFileError as error:
        raise click.UsageError(str(error)) from None


def _told(account: Account | None) -> dict[str, object] | None:
    if account is None:
        return None
    return {name: getattr(account, name) for name in _COUNTS} | {"reasons": account.reasons}


def _print(accounts: dict[Path, Account | None]) -> None:
    table = Table("File", *(name.capitalize() for name in _COUNTS), "Reasons")
    for path, account in accounts.items():
        if account is None:
            table.add_row(str(path), *["-"] * len(_COUNTS), "unreadable")
            continue
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(account.reasons.items()))
        table.add_row(str(path), *(f"{getattr(account, name):,}" for name in _COUNTS), reasons)
    Console().print(table)
