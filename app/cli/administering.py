"""What the commands that administer the embedded issuer share."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, get_args

import rich_click as click
from rich.console import Console
from rich.table import Table

from app import settings
from app.cli.actors import operator
from app.settings import Settings
from auth.issuer.administration import UnknownError, audited
from auth.principal import BILL_TO, PartyRole
from projections.audit import AuditEntry
from projections.database import DATABASE_UNAVAILABLE, Connection, DatabaseRole, Pool, open_pool

Result = TypeVar("Result")

PARTY_ROLE = click.option(
    "--party-role",
    type=click.Choice(get_args(PartyRole)),
    default=BILL_TO,
    show_default=True,
    help="ship_to only receives goods: it is shown no charges and no invoices, whatever its scopes.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def own_issuer() -> Settings:
    """The settings, when it is the embedded issuer that is in use."""
    configured = settings.load()
    if configured.issuer:
        raise click.UsageError(f"PORTAL_ISSUER names {configured.issuer}: administer clients, users and keys there.")
    return configured


def with_pool(work: Callable[[Pool], Awaitable[Result]]) -> Result:
    """Do some work on the issuer's tables; what it cannot do ends the command with the reason."""
    configured = own_issuer()

    async def run() -> Result:
        async with await open_pool(configured.database_url, DatabaseRole.ISSUER, connections=1) as pool:
            return await work(pool)

    try:
        return asyncio.run(run())
    except (UnknownError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    except DATABASE_UNAVAILABLE as error:
        raise click.ClickException(f"Postgres: {error}") from None


def administer(
    command: str, action: str, target: str, deed: Callable[[Connection], Awaitable[Result]], **detail: object
) -> Result:
    """Do some administrative work, and write it down in the audit log."""
    entry = AuditEntry(operator(command), action, target, detail)
    return with_pool(lambda pool: audited(pool, entry, deed))


def show(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Rows as a table, or as a JSON list."""
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    table = Table(*(str(name) for name in (rows[0] if rows else {"none": ""})))
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    Console().print(table)


def say(said: dict[str, Any], words: str, *, as_json: bool) -> None:
    """What was done: as JSON, or in words."""
    click.echo(json.dumps(said) if as_json else words)


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
