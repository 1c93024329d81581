"""`portal audit`: whether the audit log is what was written, and all of it as a file."""

import csv
import io
import sys
from collections.abc import Callable
from typing import Literal

import msgspec
import rich_click as click

from app.cli.instants import instant
from app.cli.replaying import ask
from projections.audit.reading import AuditRow, Verified, WantedRows, all_rows
from projections.audit.reading import verify as verified
from projections.database import Pool

# Every row is read, and there may be hundreds of millions.
HOURS_SECONDS = 6 * 3_600


@click.group()
def audit() -> None:
    """Verify the audit log, and export it.

    \b
    Examples:
      portal audit verify
      portal audit export --since 2026-03-01T00:00:00Z > march.ndjson
    """  # noqa: D301 - \b keeps the examples as they are


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def verify(*, as_json: bool) -> None:
    """Check every row against the digests. What is printed last stands for all of it: note it elsewhere.

    \b
    Examples:
      portal audit verify
      portal audit verify --json

    Exit codes: 0 all as written; 1 a row was changed or is missing, or the database away.
    """  # noqa: D301 - \b keeps the examples as they are
    found = ask(_verified, timeout_seconds=HOURS_SECONDS)
    if as_json:
        click.echo(msgspec.json.encode(found))
    elif found.broken is None:
        click.echo(f"{found.rows} rows, all as written; the last is {found.last_id} {found.last_digest}")
    else:
        click.echo(f"row {found.broken} was changed or is missing; so may be what follows")
    if found.broken is not None:
        raise SystemExit(1)


async def _verified(pool: Pool) -> Verified:
    async with pool.acquire() as connection:
        return await verified(connection)


@audit.command()
@click.option("--since", callback=instant, help="At this time or since (RFC 3339).")
@click.option("--until", callback=instant, help="Before this time.")
@click.option("--tenant", help="About this customer's data.")
@click.option("--format", "form", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True)
def export(form: Literal["ndjson", "csv"], **wanted: object) -> None:
    """Write the audit log to standard output, the oldest first, with its digests.

    \b
    Examples:
      portal audit export > audit.ndjson
      portal audit export --tenant nordwind --since 2026-03-01T00:00:00Z --format csv > nordwind.csv
    """  # noqa: D301 - \b keeps the examples as they are
    chosen = msgspec.convert(wanted, WantedRows)
    line = _csv_line if form == "csv" else _json_line
    if form == "csv":
        _write(_csv_text(AuditRow.__struct_fields__))
    ask(lambda pool: _export(pool, chosen, line), timeout_seconds=HOURS_SECONDS)


async def _export(pool: Pool, wanted: WantedRows, line: Callable[[AuditRow], bytes]) -> None:
    async with pool.acquire() as connection:
        async for row in all_rows(connection, wanted):
            _write(line(row))


def _json_line(row: AuditRow) -> bytes:
    return msgspec.json.encode(row) + b"\n"


def _csv_line(row: AuditRow) -> bytes:
    detail = msgspec.json.encode(row.detail).decode()
    said = (row.id, row.at.isoformat(), row.actor, row.client_id, row.tenant, row.action, row.target)
    return _csv_text((*said, detail, row.digest))


def _csv_text(values: tuple[object, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue().encode()


def _write(line: bytes) -> None:
    sys.stdout.buffer.write(line)
