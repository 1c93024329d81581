"""An EPCIS event as far as we read it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import msgspec

from projections.event import RejectionReason
from projections.sources.adapter import Source, TzSource, placed_in_time
from projections.sources.epcis.identifiers import gln_of, sscc_of, transaction_number, word
from projections.sources.json_fields import Fields, RefusedError
from projections.values import Place

_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)", re.ASCII)
_FARTHEST_OFFSET = timedelta(hours=14)
_ACTIONS = frozenset({"ADD", "OBSERVE", "DELETE"})
_TYPES = frozenset({"ObjectEvent", "AggregationEvent", "AssociationEvent", "TransactionEvent", "TransformationEvent"})


class EpcisEvent(msgspec.Struct, frozen=True):
    """What, when, where and why. `units` are SSCCs; `document` numbers are by CBV type, `raw_step` is as it came.

    `at_destination` is None when the event names no destination or not where it happened.
    """

    native_id: str
    type: str
    at: datetime
    tz_source: TzSource | None
    action: str | None
    step: str | None
    disposition: str | None
    parent: str | None
    units: tuple[str, ...]
    documents: dict[str, str]
    place: Place | None
    at_destination: bool | None
    withdrawn_at: datetime | None


def read_event(fields: Fields, source: Source) -> EpcisEvent:
    """Raises RefusedError."""
    kind = re.split(r"[:/#]", fields.needed("type", "@type", "isA"))[-1]
    if kind not in _TYPES:
        known = ", ".join(sorted(_TYPES))
        raise RefusedError(RejectionReason.UNKNOWN_TYPE, f"no event is called {kind[:60]}: {known}", fields.at("type"))
    at, tz_source = _event_time(fields, source)
    step, disposition = fields.text("bizStep"), fields.text("disposition")
    return EpcisEvent(
        native_id=fields.text("eventID") or "",
        type=kind,
        at=at,
        tz_source=tz_source,
        action=_action(fields, kind),
        step=word(step) if step else None,
        disposition=word(disposition) if disposition else None,
        parent=fields.text("parentID"),
        units=tuple(dict.fromkeys(_units(fields))),
        documents=_documents(fields),
        place=_place(fields),
        at_destination=_at_destination(fields),
        withdrawn_at=_withdrawn_at(fields, at),
    )


def _event_time(fields: Fields, source: Source) -> tuple[datetime, TzSource | None]:
    """When it happened, on the clock of where it happened.

    `eventTime` is a moment, in any offset; `eventTimeZoneOffset` is the offset in effect at the place (EPCIS 2.0,
    section 7.4.1). Without an offset of its own, which the standard forbids, the former is read in the latter.
    """
    moment = fields.time("eventTime")
    if moment is None:
        raise RefusedError(RejectionReason.INVALID, "eventTime is missing", fields.at("eventTime"))
    offset = _offset(fields)
    at, tz_source = placed_in_time(moment, source, offset=offset)
    return at.astimezone(offset) if offset else at, tz_source


def _offset(fields: Fields) -> timezone | None:
    text = fields.text("eventTimeZoneOffset")
    if text is None or text == "Z":
        return None
    match = _OFFSET.fullmatch(text)
    delta = timedelta(hours=int(match[2]), minutes=int(match[3])) if match else None
    if match is None or delta is None or delta > _FARTHEST_OFFSET:
        detail = f"eventTimeZoneOffset {text[:20]!r} is not an offset from -14:00 to +14:00"
        raise RefusedError(RejectionReason.INVALID, detail, fields.at("eventTimeZoneOffset"))
    return timezone(-delta if match[1] == "-" else delta)


def _action(fields: Fields, kind: str) -> str | None:
    if kind == "TransformationEvent":
        return None
    action = fields.needed("action")
    if action not in _ACTIONS:
        raise RefusedError(RejectionReason.INVALID, f"no action is called {action[:20]}", fields.at("action"))
    return action


def _units(fields: Fields) -> Iterator[str]:
    """The logistic units it is about: the outermost that has a number, else those within it."""
    parent = fields.text("parentID")
    if parent and (sscc := _sscc(parent, fields.at("parentID"))):
        yield sscc
        return
    for name in ("epcList", "childEPCs"):
        for epc, pointer in fields.texts(name):
            if sscc := _sscc(epc, pointer):
                yield sscc


def _sscc(epc: str, pointer: str) -> str | None:
    try:
        return sscc_of(epc)
    except ValueError as error:
        raise RefusedError(RejectionReason.WRONG_REFERENCE, str(error), pointer) from None


def _documents(fields: Fields) -> dict[str, str]:
    """The first number of each type of business transaction; shipment and consignment numbers may be EPCs as well."""
    found: dict[str, str] = {}
    for each in fields.each("bizTransactionList"):
        number = transaction_number(each.needed("bizTransaction"))
        if number:
            found.setdefault(word(each.text("type") or ""), number)
    for epc, _ in fields.texts("epcList"):
        for scheme in ("gsin", "ginc"):
            if epc.startswith(f"urn:epc:id:{scheme}:"):
                found.setdefault(scheme, transaction_number(epc))
    return found


def _identifier(fields: Fields, name: str) -> str | None:
    """The id of a place, which JSON-LD may also write without its object."""
    return fields.text(name) if isinstance(fields.members.get(name), str) else fields.inner(name).text("id", "@id")


def _place(fields: Fields) -> Place | None:
    """Where it happened, else where the goods are after it."""
    for name in ("readPoint", "bizLocation"):
        identifier = _identifier(fields, name)
        if identifier and (gln := gln_of(identifier)):
            return Place(code=gln)
    return None


def _at_destination(fields: Fields) -> bool | None:
    """Whether it happened where the goods were to go, as far as the event says.

    The destination's location counts; where none is given, its possessing party (CBV 2.0, section 7.4).
    """
    here = {_site(one) for name in ("readPoint", "bizLocation") if (one := _identifier(fields, name))}
    there: dict[str, set[str]] = {}
    for each in fields.each("destinationList"):
        there.setdefault(word(each.text("type") or ""), set()).add(_site(each.needed("destination")))
    sites = there.get("location") or there.get("possessing_party")
    return bool(here & sites) if here and sites else None


def _site(identifier: str) -> str:
    """A place by its GLN, so that a dock door is at the site it belongs to."""
    return gln_of(identifier) or identifier


def _withdrawn_at(fields: Fields, at: datetime) -> datetime | None:
    """When the event was declared to be in error; None when it was not."""
    if "errorDeclaration" not in fields:
        return None
    declared_at = fields.inner("errorDeclaration").time("declarationTime")
    return declared_at.replace(tzinfo=declared_at.tzinfo or at.tzinfo) if declared_at else at
