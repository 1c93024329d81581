"""Query strings: each endpoint's parameters are a struct, and what is not in it is refused by name."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from app.problems import Problem, ProblemError
from app.reads.lists import Filters
from app.reads.seal import TOKEN_CHARACTERS_MAX
from projections.references import ReferenceType
from projections.statuses import PhaseName, Status
from projections.values import Instant

T = TypeVar("T", bound=msgspec.Struct)

# No control characters: they are in no identifier, and Postgres refuses some of them.
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
MAX_PARAMETERS = 50
# Repeated or with commas; a list is narrowed to any of them.
SEVERAL = frozenset({"status", "phase", "carrier"})


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What every list can be asked."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200, description="How many items a page may have.")] = 50
    cursor: Annotated[Words, msgspec.Meta(description="`next_cursor` of the page before.")] | None = None
    sort: Annotated[
        Literal["-created_at", "created_at"], msgspec.Meta(description="Newest first, or oldest first.")
    ] = "-created_at"
    status: Annotated[tuple[Status, ...], msgspec.Meta(description="Any of these statuses.")] | None = None
    phase: Annotated[tuple[PhaseName, ...], msgspec.Meta(description="Any of these phases.")] | None = None
    ship_to: Annotated[Words, msgspec.Meta(description="The city it goes to.")] | None = None
    has_exception: Annotated[bool, msgspec.Meta(description="With, or without, an open problem.")] | None = None
    updated_since: Annotated[Instant, msgspec.Meta(description="Changed at this time or since.")] | None = None
    eta_before: Annotated[Instant, msgspec.Meta(description="Expected before this time.")] | None = None
    eta_after: Annotated[Instant, msgspec.Meta(description="Expected after this time.")] | None = None
    reference: Annotated[Words, msgspec.Meta(description="Shows this identifier.")] | None = None

    def filters(self) -> Filters:
        """The part that narrows the list."""
        given = {name: getattr(self, name) for name in Filters.__struct_fields__ if hasattr(self, name)}
        return Filters(**given)


class ShipmentListQuery(ListQuery, frozen=True, kw_only=True):
    carrier: Annotated[tuple[Words, ...], msgspec.Meta(description="Any of these carriers (SCAC).")] | None = None
    order_id: Annotated[Words, msgspec.Meta(description="Carries part of this order (public id).")] | None = None
    at_risk: Annotated[bool, msgspec.Meta(description="Unlikely, or likely, to keep its promise.")] | None = None


class OrderListQuery(ListQuery, frozen=True, kw_only=True):
    """Orders: as every list."""


TIME_COST: Final = 10
_COUNTS: Final = f"Counts as {TIME_COST} of the rate limit."


class DocumentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What one document can be asked."""

    min_version: (
        Annotated[
            str,
            msgspec.Meta(
                min_length=1,
                max_length=TOKEN_CHARACTERS_MAX,
                description="A position given before; as the header `Portal-Min-Position`, for links that can have none.",
            ),
        ]
        | None
    ) = None
    as_of: Annotated[Instant, msgspec.Meta(description=f"As you were shown it at this time. {_COUNTS}")] | None = None
    effective_at: (
        Annotated[Instant, msgspec.Meta(description=f"What had happened by this time, as it is known now. {_COUNTS}")]
        | None
    ) = None

    @property
    def is_of_another_time(self) -> bool:
        return self.as_of is not None or self.effective_at is not None


class LookupQuery(msgspec.Struct, frozen=True, kw_only=True):
    reference: Annotated[Words, msgspec.Meta(description="Any identifier, as it is printed on the paper.")]
    type: Annotated[ReferenceType, msgspec.Meta(description="Only identifiers of this type.")] | None = None


def parse(query_string: bytes, shape: type[T]) -> T:
    """The parameters as a struct. Raises a problem that names each parameter that is unknown, or the wrong one."""
    given = _pairs(query_string)
    known = shape.__struct_fields__
    if any(name not in known for name, _ in given):
        raise unknown_parameters(query_string, known)
    values: dict[str, object] = {}
    for name, value in given:
        if name in SEVERAL:
            several = values.setdefault(name, [])
            several.extend(value.split(","))  # type: ignore[attr-defined]  # it is the list just set
        elif name in values:
            raise invalid_parameter(name, "given more than once")
        else:
            values[name] = value
    return as_struct(values, shape)


def as_struct(values: Mapping[str, object], shape: type[T]) -> T:
    """Values by name as a struct. Raises a problem that names the one that is wrong or missing."""
    try:
        query = msgspec.convert(values, shape, strict=False)
    except msgspec.ValidationError as error:
        words, _, path = str(error).partition(" - at `$.")
        missing = words.split("`")[1] if "missing required field" in words else ""
        raise invalid_parameter(path.rstrip("`").split("[")[0] or missing, words) from None
    _refuse_endless(query)
    return query


def _refuse_endless(query: msgspec.Struct) -> None:
    """Times that no clock can show: near the first and last years an offset leads out of the calendar."""
    for name in query.__struct_fields__:
        value = getattr(query, name)
        try:
            _ = isinstance(value, datetime) and value.astimezone(UTC)
        except OverflowError:
            raise invalid_parameter(name, "out of range") from None


def no_parameters(request: Request[Any, Any, Any]) -> None:
    """Raise a problem that names what was asked where nothing can be."""
    if request.scope["query_string"]:
        raise unknown_parameters(request.scope["query_string"], ())


def unknown_parameters(query_string: bytes, known: Collection[str]) -> Problem:
    names = sorted({name for name, _ in _pairs(query_string)} - set(known))
    errors = tuple(ProblemError(f"/query/{name}", "unknown_parameter", "not known here") for name in names)
    detail = f"Not known here: {', '.join(names)}." if names else "The query string cannot be understood."
    return Problem("unknown_parameter", detail, errors=errors)


def invalid_parameter(name: str, words: str) -> Problem:
    error = ProblemError(f"/query/{name}", "invalid_parameter", words)
    return Problem("invalid_parameter", f"{name}: {words}.", errors=(error,))


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query_string.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise Problem("invalid_parameter", f"More than {MAX_PARAMETERS} parameters.") from None
