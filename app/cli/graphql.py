"""`portal graphql`: the documents partners' apps may ask by their hash."""

from pathlib import Path

import msgspec
import rich_click as click

from app.cli.actors import operator
from app.cli.administering import AS_JSON, show
from app.cli.replaying import ask
from app.graphql import registering
from projections.database import DatabaseRole


@click.group()
def graphql() -> None:
    """Registered GraphQL documents. With PORTAL_GRAPHQL_DOCUMENTS=registered only these may be asked.

    \b
    Examples:
      portal graphql register app/queries/*.graphql
      portal graphql list
    """  # noqa: D301 - \b keeps the examples as they are


@graphql.command()
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True)
@AS_JSON
def register(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Check documents against the schema and make them known by their SHA-256. All of them or none.

    A file is one document, or, as .json, several by their hashes, as clients' generators write them.

    \b
    Examples:
      portal graphql register shipment.graphql orders.graphql
      portal graphql register generated/persisted-documents.json
      portal graphql register --json queries/*.graphql > manifest.json

    Exit codes: 0 registered; 1 one cannot be asked, or the database away; 2 wrong options.
    """  # noqa: D301 - \b keeps the examples as they are
    documents = [document for file in files for document in _documents(file)]
    try:
        registered = ask(
            lambda pool: registering.register(pool, documents, operator("graphql register")), DatabaseRole.PROJECTOR
        )
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    show([msgspec.structs.asdict(one) for one in registered], as_json=as_json)


@graphql.command("list")
@AS_JSON
def list_documents(*, as_json: bool) -> None:
    """Show the registered documents with their hashes.

    \b
    Examples:
      portal graphql list --json
    """  # noqa: D301 - \b keeps the examples as they are
    show([msgspec.structs.asdict(one) for one in ask(registering.listed)], as_json=as_json)


def _documents(file: Path) -> list[tuple[str, str]]:
    """Name and text of each document of a file."""
    text = _text(file)
    if file.suffix != ".json":
        return [(file.name, text)]
    try:
        several = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise click.ClickException(f"{file} does not hold documents by their hashes: {error}.") from None
    return [(file.name, document) for document in several.values()]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8.") from None
