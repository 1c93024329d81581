"""`portal replay held`: what waits for something not known yet."""

from datetime import UTC, datetime, timedelta

import msgspec
import rich_click as click

from app import settings
from app.cli.actors import operator
from app.cli.replay_tables import print_held, print_one, write_raw
from app.cli.replaying import ask
from projections.database import DatabaseRole
from projections.quarantine import held as holding
from projections.quarantine.held import WantedHeld


@click.group()
def held() -> None:
    """See what waits for an order, shipment or load that nobody made known yet, or give it up.

    \b
    Examples:
      portal replay held list --too-long
      portal replay held show 5f0c…
      portal replay held discard 5f0c… --reason "test shipment"
    """  # noqa: D301 - \b keeps the examples as they are


@held.command("list")
@click.option("--source", help="From this source; the beginning of its path serves.")
@click.option("--type", "event_type", help="Of this type of event, such as shipment.milestone.v1.")
@click.option("--reference", help="Waiting for this identifier.")
@click.option("--too-long", is_flag=True, help="Only what waits longer than PORTAL_HELD_SECONDS.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_held(limit: int, *, too_long: bool, as_json: bool, **wanted: str | None) -> None:
    """List what waits and for what, the oldest first.

    \b
    Examples:
      portal replay held list
      portal replay held list --reference PRO-730184562
    """  # noqa: D301 - \b keeps the examples as they are
    before = datetime.now(UTC) - timedelta(seconds=settings.load().held_seconds) if too_long else None
    found = ask(lambda pool: holding.held(pool, WantedHeld(**wanted, held_before=before), limit=limit))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        print_held(found)


@held.command()
@click.argument("key")
@click.option("--raw", is_flag=True, help="The bytes as they came, to a file or a pipe: they may be hostile.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show(key: str, *, raw: bool, as_json: bool) -> None:
    """Show one event that waits, and its bytes.

    \b
    Examples:
      portal replay held show 5f0c…
    """  # noqa: D301 - \b keeps the examples as they are
    found = ask(lambda pool: holding.held_event(pool, key))
    content = ask(lambda pool: holding.held_content(pool, key))
    if raw:
        write_raw(content)
    elif as_json:
        click.echo(msgspec.json.encode(found))
    else:
        print_one(found, content)


@held.command()
@click.argument("key")
@click.option("--reason", required=True, help="Why, for the audit log.")
def discard(key: str, reason: str) -> None:
    """Give an event up: it waits no longer, and the quarantine keeps it as discarded.

    \b
    Examples:
      portal replay held discard 5f0c… --reason "test shipment"
    """  # noqa: D301 - \b keeps the examples as they are
    kept = ask(lambda pool: holding.let_go(pool, key, operator("portal replay"), reason), DatabaseRole.PROJECTOR)
    click.echo(f"given up; the quarantine keeps it as {kept.id}")
