"""How one carrier's JSON is read, as data: the shape of `carriers/*.toml`, and its checks."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from projections.references import REFERENCE_TYPES, ReferenceType, SubjectKind
from projections.sources.carrier_json.paths import FIELD_PATH, LIST_PATH
from projections.sources.signature import Signature
from projections.statuses import EXCEPTIONS, MILESTONES
from projections.values import Scac

FieldPath = Annotated[str, msgspec.Meta(pattern=rf"^{FIELD_PATH.pattern}$(?!\n)")]
ListPath = Annotated[str, msgspec.Meta(pattern=rf"^{LIST_PATH.pattern}$(?!\n)")]


class MappingError(Exception):
    """A mapping cannot be used; the message names the carrier's file, the table and what is wrong with it."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of a mapping's tables: a misspelt key is an error, not a silence."""


class TimeFields(Part, frozen=True):
    """Where a time stands, and how it is written.

    `format` is `iso8601`, `epoch_ms`, `epoch_s` or a strptime pattern. With `clock`, the time of day stands apart from
    the date and `format` is of both, joined by a space. Times without an offset are of the IANA zone at `zone_field`,
    else of `zone`, else of the place, the source or, as a last guess, UTC.
    """

    field: FieldPath
    format: str = "iso8601"
    clock: FieldPath | None = None
    zone_field: FieldPath | None = None
    zone: str | None = None


class AboutField(Part, frozen=True):
    """A field that names the shipment. The first that is given counts."""

    type: ReferenceType
    field: FieldPath


class PlaceFields(Part, frozen=True):
    name: FieldPath | None = None
    city: FieldPath | None = None
    region: FieldPath | None = None
    country: FieldPath | None = None
    postal_code: FieldPath | None = None
    code: FieldPath | None = None


class CodeMeaning(Part, frozen=True):
    """What a carrier's code means: a milestone, an exception, the end of exceptions, only an ETA, or nothing for us."""

    milestone: str | None = None
    exception: str | None = None
    clears: tuple[str, ...] = ()
    eta_only: bool = False
    ignore: bool = False


class Mapping(Part, frozen=True):
    """One carrier's mapping. `events` None: the body, or each object of its array, is one event."""

    carrier: Scac
    name: str
    code: FieldPath
    time: TimeFields
    about: Annotated[tuple[AboutField, ...], msgspec.Meta(min_length=1)]
    codes: dict[str, CodeMeaning]
    events: ListPath | None = None
    id: tuple[FieldPath, ...] = ()
    reason: FieldPath | None = None
    reasons: dict[str, str] = {}
    note: FieldPath | None = None
    eta: TimeFields | None = None
    place: PlaceFields = PlaceFields()
    signature: Signature | None = None


def mapping_of(where: str, table: dict[str, Any]) -> Mapping:
    """A mapping from its TOML, checked. Raises MappingError."""
    try:
        mapping = msgspec.convert(table, Mapping)
    except msgspec.ValidationError as error:
        raise MappingError(f"{where}: {error}") from None
    for problem in _problems(mapping):
        raise MappingError(f"{where}: {problem}")
    return mapping


def _problems(mapping: Mapping) -> list[str]:
    found = []
    for code, meaning in mapping.codes.items():
        found += [f"codes.{code}: {problem}" for problem in _meaning_problems(meaning)]
    found += [
        f"reasons.{reason}: no exception is called {exception}"
        for reason, exception in mapping.reasons.items()
        if exception not in EXCEPTIONS
    ]
    found += [
        f"about: a {one.type} does not name a shipment"
        for one in mapping.about
        if REFERENCE_TYPES[one.type].identifies is not SubjectKind.SHIPMENT
    ]
    for name, fields in (("time", mapping.time), ("eta", mapping.eta)):
        found += [f"{name}: {problem}" for problem in _time_problems(fields)] if fields else []
    return found


def _meaning_problems(meaning: CodeMeaning) -> list[str]:
    found = []
    if meaning.milestone is not None and meaning.milestone not in MILESTONES:
        found.append(f"no milestone is called {meaning.milestone}")
    found += [
        f"no exception is called {exception}"
        for exception in (meaning.exception, *meaning.clears)
        if exception is not None and exception not in EXCEPTIONS
    ]
    says = bool(meaning.milestone or meaning.exception or meaning.clears)
    if says + meaning.eta_only + meaning.ignore != 1:
        found.append("give what it means, or eta_only, or ignore")
    return found


def _time_problems(fields: TimeFields) -> list[str]:
    found = []
    if fields.zone is not None and not is_zone(fields.zone):
        found.append(f"no time zone is called {fields.zone}")
    if fields.format not in ("iso8601", "epoch_ms", "epoch_s") and "%" not in fields.format:
        found.append(f"{fields.format} is neither iso8601, epoch_ms, epoch_s nor a strptime pattern")
    if fields.clock is not None and "%" not in fields.format:
        found.append("with a clock, format must be a strptime pattern of date and time")
    return found


def is_zone(name: str) -> bool:
    """Whether the IANA tz database has a zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
