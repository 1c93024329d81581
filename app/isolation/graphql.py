"""GraphQL's door: every field of the schema is asked for, under every argument, with what is another's."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_leaf_type,
)

from app.isolation.drivers import Driven, Driver
from app.isolation.exchange import Exchange, Request
from app.isolation.knowledge import Knowledge
from app.isolation.tricks import tricks

PATH: Final = "/graphql"
# A field's description names the scopes it takes.
_SCOPE: Final = re.compile(r"`([a-z]+:[a-z]+)`")
_STATUSES: Final = frozenset({200, 400, 401, 403, 404, 405, 406, 414, 503})
# A document within a document within the one asked for; more would show the same again.
_DOCUMENTS_DEEP: Final = 2
_CHOICES_MAX: Final = 3

Arguments = dict[str, Any]


def graphql(sdl: str) -> Driver:
    """A driver for each field of the root; what says only who asks goes along with each."""
    schema = build_schema(sdl)

    async def driven(_: Exchange) -> list[Driven]:
        root = schema.query_type
        fields = root.fields if root else {}
        return [_driven(schema, name, field) for name, field in fields.items() if name != "viewer"]

    return driven


def _driven(schema: GraphQLSchema, name: str, field: GraphQLField) -> Driven:
    queries = [_query(name, field, f"{{{one}}}") for one in selections(schema, get_named_type(field.type), 0)]

    def own(known: Knowledge) -> Iterator[Request]:
        for number, variables in enumerate(_variables(field, known)):
            # The first choice of arguments under each query; the others under one, which asks for the same fields.
            for query in queries if number == 0 else queries[:1]:
                yield _request(query, variables)

    def unusual(known: Knowledge) -> Iterator[Request]:
        plain = next(own(known), None)
        if plain is not None:
            yield from tricks(plain, known)

    return Driven(
        id=f"graphql.{name}",
        name=f"GraphQL {name}",
        audience="customers",
        scopes=tuple(sorted(set(_SCOPE.findall(field.description or "")))),
        statuses=_STATUSES,
        is_read=True,
        is_removal=False,
        own=own,
        tricks=unusual,
    )


def _request(query: str, variables: Arguments) -> Request:
    # By GET, so that answers are compared whole.
    asked = {"query": query, "variables": msgspec.json.encode(variables).decode()}
    return Request("GET", f"{PATH}?{urlencode(asked)}")


def _query(name: str, field: GraphQLField, selected: str) -> str:
    declared = ",".join(f"${one}:{argument.type}" for one, argument in field.args.items())
    given = ",".join(f"{one}:${one}" for one in field.args)
    return f"query({declared}){{viewer{{tenant}} {name}({given}){selected}}}"


def selections(schema: GraphQLSchema, kind: Any, documents: int) -> Iterator[str]:  # noqa: ANN401 - a composite type
    """All fields of a type, and theirs; of an interface, a selection for each type that has it."""
    if not isinstance(kind, GraphQLObjectType):
        for one in schema.get_possible_types(kind):
            yield from (f"__typename ...on {one.name}{{{inner}}}" for inner in selections(schema, one, documents))
        return
    documents += any(one.name == "Node" for one in kind.interfaces)
    yield " ".join(_selected(schema, kind, documents))


def _selected(schema: GraphQLSchema, kind: GraphQLObjectType, documents: int) -> Iterator[str]:
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            yield name
        elif is_composite_type(inner) and not (_is_document(inner) and documents >= _DOCUMENTS_DEEP):
            found = list(selections(schema, inner, documents))
            # What several types have need not be of one type: each is asked for under a name of its own.
            aliases = [""] if len(found) == 1 else [f"{name}{number}:" for number in range(len(found))]
            yield from (f"{alias}{name}{{{one}}}" for alias, one in zip(aliases, found, strict=True))


def _is_document(kind: Any) -> bool:  # noqa: ANN401 - a composite type
    return any(one.name == "Node" for one in getattr(kind, "interfaces", ()))


def _variables(field: GraphQLField, known: Knowledge) -> Iterator[Arguments]:
    """Each value of each argument once, the required ones given."""
    needed = {name: one for name, one in field.args.items() if get_nullable_type(one.type) is not one.type}
    least = {name: choices[0] for name, one in needed.items() if (choices := _choices(name, one, known))}
    yield least
    for name, argument in field.args.items():
        for choice in _choices(name, argument, known):
            yield least | {name: choice}


def _choices(name: str, argument: GraphQLArgument | Any, known: Knowledge) -> list[Any]:  # noqa: ANN401 - or an input field
    kind = get_nullable_type(argument.type)
    if isinstance(kind, GraphQLInputObjectType):
        return [{inner: one} for inner, field in kind.fields.items() for one in _choices(inner, field, known)]
    if isinstance(kind, GraphQLList):
        inner = _choices(name.removesuffix("s"), GraphQLArgument(kind.of_type), known)
        return [inner] if name == "ids" else [[one] for one in inner]
    named = get_named_type(argument.type)
    if isinstance(named, GraphQLEnumType):
        return list(named.values)[:_CHOICES_MAX]
    plain: dict[str, list[Any]] = {
        "Int": [1, 200],
        "Boolean": [True, False],
        "DateTime": [datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "2000-01-01T00:00:00Z"],
    }
    return plain.get(named.name) or _own(name, known)


def _own(name: str, known: Knowledge) -> list[Any]:
    """What is the tenant's, for an argument of this name."""
    return known.values("cursor" if name == "after" else _snake(name))


def _snake(name: str) -> str:
    return re.sub("(?=[A-Z])", "_", name).lower()
