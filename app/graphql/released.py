"""The schema held against that of the last release: clients in the world go on working."""

from pathlib import Path

from graphql import GraphQLError, build_schema
from graphql.utilities import find_breaking_changes

from app.graphql.schema import sdl

RELEASED = Path("released") / "schema.graphql"


def breaking_changes(folder: Path) -> list[str]:
    """In words, what clients of the last release would miss. Its schema is copied there when a release is made."""
    try:
        released = build_schema((folder / RELEASED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except GraphQLError as error:
        return [f"{RELEASED} is no schema: {error.message}"]
    return [one.description for one in find_breaking_changes(released, build_schema(sdl()))]
