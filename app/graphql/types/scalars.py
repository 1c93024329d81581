"""Scalars. Documents hold them as the text that is answered, so that nothing is parsed to be written again."""

from datetime import UTC, datetime
from typing import Any, NewType

import msgspec
import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from projections.values import Instant

DateTime = NewType("DateTime", str)
Decimal = NewType("Decimal", str)
BigInt = NewType("BigInt", int)


def _instant(value: Any) -> datetime:  # noqa: ANN401 - whatever a client sends
    try:
        instant = msgspec.convert(value, Instant)
        # Near the first and last years an offset leads out of the calendar.
        instant.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise GraphQLError("DateTime takes a time with its offset (RFC 3339), say 2026-03-02T08:00:00Z.") from None
    return instant


def _as_it_is(value: str) -> str:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A time with its offset (RFC 3339).",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_as_it_is,
        parse_value=_instant,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number, as text.",
        serialize=_as_it_is,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number that may need more than 32 bits.",
        serialize=int,
    ),
}
