"""Which reference a message is about: the best of the identifiers it gives, by the standard's qualifiers."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from projections.references import REFERENCE_TYPES, Reference, ReferenceType, Uniqueness
from projections.sources.adapter import Source
from projections.sources.codes.x12 import REFERENCE_QUALIFIERS
from projections.sources.x12.reading import at
from projections.sources.x12.syntax import Segment

MAX_VALUE = 80
MAX_REFERENCES = 50
CARRIERS_ORDER = (
    ReferenceType.PRO,
    ReferenceType.TRACKING_NUMBER,
    ReferenceType.BOL,
    ReferenceType.TMS_SHIPMENT,
)
SHIPPERS_ORDER = (
    ReferenceType.TMS_SHIPMENT,
    ReferenceType.BOL,
    ReferenceType.PRO,
    ReferenceType.TRACKING_NUMBER,
)
_SCAC = re.compile(r"[A-Za-z0-9_\-]{2,10}")
_SSCC = re.compile(r"[0-9]{18}")

Named: TypeAlias = tuple[ReferenceType, str]


def named(segments: Iterable[Segment]) -> Iterator[Named]:
    """The identifiers of a shipment in REF, N9 (qualifier, value) and L11 (value, qualifier) segments."""
    for segment in segments:
        if segment[0] == "L11":
            value, qualifier = at(segment, 1), at(segment, 2)
        elif segment[0] in {"REF", "N9"}:
            qualifier, value = at(segment, 1), at(segment, 2)
        else:
            continue
        kind = REFERENCE_QUALIFIERS.get(qualifier)
        if kind is not None and value:
            yield kind, value


def reference(kind: ReferenceType, value: str, carrier: str | None, tenant: str | None) -> Reference | None:
    """The reference, or None when the message lacks what its value is unique within."""
    if not 0 < len(value) <= MAX_VALUE:
        return None
    match REFERENCE_TYPES[kind].unique_within:
        case Uniqueness.CARRIER:
            return Reference(kind, value, carrier) if carrier else None
        case Uniqueness.TENANT:
            return Reference(kind, value) if tenant else None
        case Uniqueness.NETWORK:
            return Reference(kind, value)


def best(
    candidates: Iterable[Named], order: Iterable[ReferenceType], carrier: str | None, tenant: str | None
) -> Reference | None:
    """The first that can be used, in the order of types given and, within a type, of appearance."""
    given = list(candidates)
    for wanted in order:
        for kind, value in given:
            if kind is wanted and (found := reference(kind, value, carrier, tenant)):
                return found
    return None


def scac(text: str, source: Source) -> str | None:
    """The carrier the message names, else the one declared for its source."""
    return text.upper() if _SCAC.fullmatch(text) else source.carrier


def sscc(text: str) -> str | None:
    """The 18 digits of a serial shipping container code, without the application identifier 00 some put before it."""
    digits = text.replace("(00)", "").replace(" ", "")
    digits = digits[2:] if digits.startswith("00") and len(digits) == len("00") + 18 else digits
    return digits if _SSCC.fullmatch(digits) else None
