"""`portal migrate`: bring the database up to date."""

import asyncio

import rich_click as click

from app import settings
from projections.migrations.migrate import MigrationChangedError
from projections.migrations.migrate import migrate as run_migrations


@click.command()
def migrate() -> None:
    """Apply the migrations the database does not have yet. Safe to run twice, and from several hosts at once.

    \b
    Examples:
      portal migrate
    """  # noqa: D301 - \b keeps the examples as they are
    configured = settings.load()
    try:
        applied = asyncio.run(run_migrations(configured.database_url))
    except (MigrationChangedError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"applied: {', '.join(applied)}" if applied else "up to date")
