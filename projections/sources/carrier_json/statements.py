"""What one event of a carrier's JSON says in our words, by the carrier's mapping."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from projections.event import RejectionReason
from projections.events import EtaChanged, EventData, ExceptionCleared, ExceptionRaised, ShipmentMilestone
from projections.references import REFERENCE_TYPES as MEANINGS
from projections.references import Reference, ReferenceType, Uniqueness
from projections.sources.adapter import Source, TzSource
from projections.sources.canonical import Statement
from projections.sources.carrier_json.mapping import CodeMeaning, Mapping
from projections.sources.carrier_json.paths import Found
from projections.sources.carrier_json.times import Unreadable, time_of
from projections.values import Place

# A code we have no word for: `unmapped` and its raw code say so; what it means is not guessed.
_UNKNOWN = CodeMeaning(milestone="unmapped")


class _Told(msgspec.Struct, frozen=True):
    """What all statements of one event share."""

    about: Reference
    place: Place | None
    note: str | None
    code: str
    reason: str | None
    tz_source: TzSource | None


def statements(found: Found, mapping: Mapping, source: Source) -> list[Statement]:
    """What an event says; nothing when its code is one to ignore. Raises Unreadable."""
    if not isinstance(found.event, dict):
        raise Unreadable(RejectionReason.INVALID, "it is not an object")
    code = found.text(mapping.code)
    if code is None:
        raise Unreadable(RejectionReason.INVALID, f"{mapping.code} gives no code")
    meaning = mapping.codes.get(code, _UNKNOWN)
    if meaning.ignore:
        return []
    where = _place(found, mapping)
    time = time_of(found, mapping.time, where, source)
    if time is None:
        raise Unreadable(RejectionReason.INVALID, f"{mapping.time.field} gives no time")
    at, tz_source = time
    told = _Told(
        _about(found, mapping, source),
        where,
        (found.text(mapping.note) or "")[:500] or None,
        code[:64],
        found.text(mapping.reason),
        tz_source,
    )
    said = list(_facts(meaning, mapping, told))
    said += _eta(found, mapping, told, source)
    if meaning.eta_only and not said:
        raise Unreadable(RejectionReason.INVALID, f"code {code} announces a new time, and none is given")
    return [_statement(data, at, found, mapping, source) for data in said]


def _statement(data: EventData, at: datetime, found: Found, mapping: Mapping, source: Source) -> Statement:
    native_id = "/".join(text for path in mapping.id if (text := found.text(path)) is not None)
    return Statement(data, at, source.tenant, native_id)


def _about(found: Found, mapping: Mapping, source: Source) -> Reference:
    for one in mapping.about:
        value = found.text(one.field)
        within = MEANINGS[one.type].unique_within
        if value is not None and (within is not Uniqueness.TENANT or source.tenant is not None):
            carrier = mapping.carrier if within is Uniqueness.CARRIER else None
            return Reference(ReferenceType(one.type), value, carrier)
    fields = ", ".join(one.field for one in mapping.about)
    raise Unreadable(RejectionReason.WRONG_REFERENCE, f"none of {fields} names the shipment")


def _place(found: Found, mapping: Mapping) -> Place | None:
    fields = mapping.place
    place = Place(
        name=found.text(fields.name),
        city=found.text(fields.city),
        region=found.text(fields.region),
        country=(found.text(fields.country) or "").upper() or None,
        postal_code=found.text(fields.postal_code),
        code=found.text(fields.code),
    )
    return None if place == Place() else place


def _facts(meaning: CodeMeaning, mapping: Mapping, told: _Told) -> Iterator[EventData]:
    if meaning.milestone is not None:
        yield ShipmentMilestone(
            about=told.about,
            code=meaning.milestone,
            place=told.place,
            note=told.note,
            raw_code=told.code,
            tz_source=told.tz_source,
        )
    exception, raw_code = _exception(meaning, mapping, told)
    if exception is not None:
        yield ExceptionRaised(
            about=told.about,
            exception=exception,
            code=exception,
            place=told.place,
            note=told.note,
            raw_code=raw_code[:64],
            tz_source=told.tz_source,
        )
    for cleared in meaning.clears:
        yield ExceptionCleared(about=told.about, exception=cleared)


def _exception(meaning: CodeMeaning, mapping: Mapping, told: _Told) -> tuple[str | None, str]:
    """The reason's exception, else the code's own. A reason nobody mapped is a problem only if the code says so."""
    mapped = mapping.reasons.get(told.reason) if told.reason else None
    if mapped is not None:
        return mapped, told.reason or told.code
    return meaning.exception, told.reason or told.code


def _eta(found: Found, mapping: Mapping, told: _Told, source: Source) -> Iterator[EventData]:
    if mapping.eta is None:
        return
    time = time_of(found, mapping.eta, None, source)
    if time is not None:
        yield EtaChanged(about=told.about, eta_at=time[0], tz_source=time[1])
