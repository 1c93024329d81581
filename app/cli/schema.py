"""`portal schema`: the machine-readable contract, as files."""

import sys
from pathlib import Path

import rich_click as click

from app.contracts.breaking import broken
from app.contracts.event_schemas import event_schema
from app.contracts.generate import contract_files, differences, json_text, write
from app.graphql.schema import CORE
from projections.events import EVENT_TYPES

DIFFERS = 1


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("openapi"))
@click.option("--check", is_flag=True, help="Write nothing; name the files that differ and exit with 1.")
@click.option(
    "--event", "event_type", metavar="TYPE", type=click.Choice(list(EVENT_TYPES)), help="Print one event's schema."
)
def schema(folder: Path, event_type: str | None, *, check: bool) -> None:
    """Write the contract into FOLDER (openapi/): OpenAPI, AsyncAPI, and a JSON Schema for each event type.

    All of it is made from the code, so it is committed as it is made and never edited. Events removed from the
    code lose their file. FOLDER/released/schema.graphql is the last release's: --check also names what would break
    its clients.

    \b
    Examples:
      portal schema
      portal schema --check
      portal schema build/contract
      portal schema --event shipment.milestone.v1

    Exit codes: 0 done, or nothing differs; 1 something differs or breaks clients (--check), or cannot be written; 2 wrong options.
    """  # noqa: D301 - click takes the backslash-b as its mark for lines not to be wrapped
    if event_type is not None:
        if check:
            raise click.UsageError("--event prints a schema, --check compares files: give one of them.")
        click.echo(json_text(event_schema(event_type)), nl=False)
    elif check:
        _compare(folder)
    else:
        _write(folder)


def _compare(folder: Path) -> None:
    different = differences(folder)
    for name in different:
        click.echo(f"differs: {folder / name}")
    if different:
        click.echo("Run `portal schema` and commit what it writes.", err=True)
    breaking = broken(folder, CORE)
    for change in breaking:
        click.echo(f"breaks clients of the last release: {change}")
    if different or breaking:
        sys.exit(DIFFERS)
    click.echo(f"{len(contract_files())} files in {folder} are up to date.")


def _write(folder: Path) -> None:
    try:
        touched = write(folder)
    except OSError as error:
        click.echo(f"{folder} cannot be written: {error}", err=True)
        sys.exit(DIFFERS)
    for path in touched:
        click.echo(f"wrote {path}" if path.exists() else f"removed {path}")
    click.echo(f"{len(touched)} of {len(contract_files())} files changed.")
