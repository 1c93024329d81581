"""What of the GraphQL schema would break clients of the last release."""

from pathlib import Path
from typing import Final

from graphql import GraphQLSchema, build_schema, find_breaking_changes

# Within the folder of contracts; a release copies `schema.graphql` there.
RELEASED: Final = Path("released") / "schema.graphql"


def broken(folder: Path, schema: GraphQLSchema) -> list[str]:
    """Each change since the release in this folder that a client could notice as an error; none without a release."""
    try:
        released = (folder / RELEASED).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [change.description for change in find_breaking_changes(build_schema(released), schema)]
