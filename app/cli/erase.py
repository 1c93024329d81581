"""`portal erase`: take a person out of everything, provably."""

import msgspec
import rich_click as click
from rich.console import Console

from app import settings
from app.blobs import blob_store
from app.cli.actors import operator
from app.cli.replay_tables import print_rows
from app.cli.replaying import ask
from projections.blobs import Blobs
from projections.database import DatabaseRole, Pool
from projections.erasure.erasing import Erasure, would_erase
from projections.erasure.erasing import erase as erased
from projections.erasure.finding import TooManyError
from projections.erasure.person import Person, TooVagueError

# All of a customer's history is read.
HOURS_SECONDS = 6 * 3_600


@click.command()
@click.option("--tenant", required=True, help="Whose data: the customer.")
@click.option("--text", "texts", multiple=True, required=True,
              help="A name, an address, a mail address: how the person appears. Give as many as there are.")  # fmt: skip
@click.option("--reason", required=True, help="Why, for the audit log; without naming the person.")
@click.option("--dry-run", "trial", is_flag=True, help="Only say where the person is found.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def erase(tenant: str, texts: tuple[str, ...], reason: str, *, trial: bool, as_json: bool) -> None:
    """Erase a person from a customer's events, refused and waiting messages, and so from every view.

    Found are whole words in any case. In events, values of personal fields become `[erased]`; identifiers stay.
    Views follow as soon as the projector has folded. Cannot be undone.

    \b
    Examples:
      portal erase --tenant nordwind --text "Erika Muster" --reason "request 4711" --dry-run
      portal erase --tenant nordwind --text "Erika Muster" --text erika@example.com --reason "request 4711"
    """  # noqa: D301 - \b keeps the examples as they are
    try:
        person = Person(texts)
    except TooVagueError as error:
        raise click.BadParameter(str(error), param_hint="--text") from None
    if person.in_text(reason):
        raise click.BadParameter("it names the person, and the audit log is never changed", param_hint="--reason")
    try:
        if trial:
            came = ask(
                lambda pool: would_erase(pool, person, tenant), DatabaseRole.ERASER, timeout_seconds=HOURS_SECONDS
            )
        else:
            came = ask(
                lambda pool: erased(pool, _blobs(pool), person, tenant, actor=operator("portal erase"), because=reason),
                DatabaseRole.ERASER,
                timeout_seconds=HOURS_SECONDS,
            )
    except TooManyError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(msgspec.json.encode(came))
    else:
        _print(came, trial=trial)


def _blobs(pool: Pool) -> Blobs:
    return blob_store(settings.load(), pool, pool)


def _print(came: Erasure, *, trial: bool) -> None:
    rows = [
        (one.kept_in, one.place, one.event_type, one.source, one.event_id, "yes" if one.changes else "no", one.stays)
        for one in came.found
    ]
    if rows:
        print_rows(("In", "Place", "Event type", "Source", "Event", "Would go" if trial else "Gone", "Stays"), rows)
    Console().print(
        f"{sum(one.changes for one in came.found)} found, {len(came.subjects)} orders and shipments folded anew"
        + (" if it were done" if trial else "")
    )
