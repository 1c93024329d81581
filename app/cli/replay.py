"""`portal replay`: what could not be taken in, and taking it again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec
import rich_click as click

from app.cli.actors import operator
from app.cli.instants import instant
from app.cli.replay_held import held
from app.cli.replay_tables import print_entries, print_one, print_replay, write_raw
from app.cli.replaying import ask, dry_run, replayed
from app.rest.ops.replays import answer_of
from projections.database import DatabaseRole
from projections.event import RejectionReason
from projections.quarantine import entries as quarantine
from projections.quarantine.entries import State, Wanted
from projections.quarantine.replay import Chosen

PARTIAL = 1
Command = TypeVar("Command", bound=Callable[..., Any])


def _narrowing(command: Command) -> Command:
    """The options that say which entries."""
    for option in (
        click.option("--since", callback=instant, help="Seen at this time or since (RFC 3339)."),
        click.option("--type", "event_type", help="Of this type of event, such as shipment.planned.v1."),
        click.option("--source", help="From this source; the beginning of its path serves."),
        click.option("--reason", type=click.Choice([one.value for one in RejectionReason]), help="Refused for this."),
    ):
        command = option(command)
    return command


@click.group()
def replay() -> None:
    """See what could not be taken in, mend it, and take it again; or decide that it stays out.

    \b
    Examples:
      portal replay list --reason not_owner
      portal replay show 12 --raw > message.edi
      portal replay run 12 --body mended.edi --dry-run
      portal replay run --source /carrier/abfs
      portal replay discard 12 --reason "test message"
      portal replay held list
    """  # noqa: D301 - \b keeps the examples as they are


@replay.command("list")
@_narrowing
@click.option("--state", type=click.Choice(get_args(State)), default="open", show_default=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the entries as JSON.")
def list_entries(state: State, limit: int, *, as_json: bool, **wanted: object) -> None:
    """List refused messages, the newest first.

    \b
    Examples:
      portal replay list
      portal replay list --source /carrier/ --since 2026-03-02T00:00:00Z
    """  # noqa: D301 - \b keeps the examples as they are
    found = ask(lambda pool: quarantine.entries(pool, msgspec.convert(wanted, Wanted), state=state, limit=limit))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        print_entries(found)


@replay.command()
@click.argument("entry_id", metavar="ID", type=click.IntRange(1, 2**53 - 1))
@click.option("--raw", is_flag=True, help="The bytes as they came, to a file or a pipe: they may be hostile.")
@click.option("--replacement", is_flag=True, help="The bytes last given in their stead.")
@click.option("--json", "as_json", is_flag=True, help="Print the entry as JSON.")
def show(entry_id: int, *, raw: bool, replacement: bool, as_json: bool) -> None:
    """Show one refused message: why, whose, and its bytes.

    \b
    Examples:
      portal replay show 12
      portal replay show 12 --raw > message.edi
    """  # noqa: D301 - \b keeps the examples as they are
    found = ask(lambda pool: quarantine.entry(pool, entry_id))
    content = ask(lambda pool: quarantine.content(pool, entry_id))
    wanted = content.replacement if replacement else content.original
    if wanted is None:
        raise click.ClickException("Nothing was given in its stead.")
    if raw:
        write_raw(wanted)
    elif as_json:
        click.echo(msgspec.json.encode(found))
    else:
        print_one(found, wanted)


@replay.command()
@click.argument("ids", nargs=-1, type=click.IntRange(1, 2**53 - 1))
@_narrowing
@click.option("--all", "everything", is_flag=True, help="All that is open.")
@click.option("--dry-run", "trial", is_flag=True, help="Only say what would become of them, and change in whose views.")
@click.option("--body", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Take this file instead of the one entry's bytes; both are kept.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
def run(
    ids: tuple[int, ...], *, everything: bool, trial: bool, body: Path | None, as_json: bool, **wanted: object
) -> None:
    """Take refused messages again, by IDS or by what they have in common; the oldest first.

    Native messages are read again as their source is declared now. What waited for them is released with them.

    \b
    Examples:
      portal replay run 12 13 --dry-run
      portal replay run 12 --body mended.json
      portal replay run --reason unknown_code --source /carrier/abfs
      portal replay run --all --json

    Exit codes: 0 all taken; 1 some refused again, or the database away; 2 wrong options.
    """  # noqa: D301 - \b keeps the examples as they are
    narrowed = any(value is not None for value in wanted.values())
    if bool(ids) + narrowed + everything != 1:
        raise click.UsageError("Say which: IDS, or --reason, --source, --type and --since, or --all.")
    if body is not None and len(set(ids)) != 1:
        raise click.UsageError("--body is for one entry, named by its id.")
    chosen = Chosen(ids=ids or None, wanted=msgspec.convert(wanted, Wanted))
    given = body.read_bytes() if body else None
    came = answer_of(dry_run(chosen, given) if trial else replayed(chosen, given), dry_run=trial)
    if as_json:
        click.echo(msgspec.json.encode(came))
    else:
        print_replay(came)
    if any(one.status == "quarantined" for one in came.entries):
        raise SystemExit(PARTIAL)


@replay.command()
@click.argument("entry_id", metavar="ID", type=click.IntRange(1, 2**53 - 1))
@click.option("--reason", required=True, help="Why, for the audit log.")
def discard(entry_id: int, reason: str) -> None:
    """Decide that a refused message stays out. It is kept, and can still be taken again by its id.

    \b
    Examples:
      portal replay discard 12 --reason "test message"
    """  # noqa: D301 - \b keeps the examples as they are
    ask(lambda pool: quarantine.discard(pool, entry_id, operator("portal replay"), reason), DatabaseRole.PROJECTOR)
    click.echo(f"{entry_id} is discarded")


replay.add_command(held)
