"""The schema, as Strawberry has it and as graphql-core executes it."""

from typing import Any, Final

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from app.graphql.query import Query
from app.graphql.subscription import Subscription
from app.graphql.types.scalars import SCALARS


def member(source: Any, name: str) -> object:  # noqa: ANN401 - a decoded document, or an object of ours
    """A field's value: the member of a document that has its name, null where there is none."""
    return source.get(name) if isinstance(source, dict) else getattr(source, name)


def _schema() -> strawberry.Schema:
    config = StrawberryConfig(default_resolver=member, scalar_map=SCALARS, disable_field_suggestions=True)
    return strawberry.Schema(query=Query, subscription=Subscription, config=config)


SCHEMA: Final = _schema()
# The one place where we go past Strawberry's door: parsed documents are kept, and executed as they are.
CORE: Final[GraphQLSchema] = SCHEMA._schema  # noqa: SLF001


def sdl() -> str:
    """The schema in GraphQL's own language."""
    return SCHEMA.as_str() + "\n"
