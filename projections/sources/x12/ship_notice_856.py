"""X12 856, ship notice: what was packed into which package, and what left.

The tree (HL) is read as it is, whichever of the standard's structures (BSN-05) it has: items below packs, packs below
items, packs within tares, or no packs at all. A package holds the items of the levels below it; one within another
holds its own alone, so nothing is counted twice. An item is a line of the order above it.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from projections.event import RejectionReason
from projections.events import EventData, PackagePacked, ShipmentShipped
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.codes.x12_freight import CANCELLING_PURPOSES
from projections.sources.x12.items import Items, items_of
from projections.sources.x12.levels import ORDER, PACKAGES, SHIPMENT, Level, levels_of, weight_kg
from projections.sources.x12.naming import MAX_REFERENCES, SHIPPERS_ORDER, Named, best, named, reference, scac, sscc
from projections.sources.x12.reading import UnreadableError, at, created_at, instant, whole_number
from projections.sources.x12.syntax import Segment, TransactionSet
from projections.sources.x12.taking import Said, Statement

SHIPPED = "011"
_SCAC = "2"
_SSCC_QUALIFIERS = frozenset({"GM", "AA"})
_CARRIERS_PACKAGE = "CP"


class _Notice(msgspec.Struct, frozen=True):
    """The shipment a notice is of, its carrier if named, and all its levels."""

    beginning: Segment
    levels: list[Level]
    carrier: str | None
    source: Source

    def of(self, code: str) -> list[Segment]:
        return [segment for level in self.levels if level.code == code for segment in level.segments]


def ship_notice_856(message: TransactionSet, source: Source) -> Iterator[Said]:
    """A `package.packed` for each package that has a number, then the `shipment.shipped`."""
    beginning = next((segment for segment in message.segments if segment[0] == "BSN"), None)
    if beginning is None:
        raise UnreadableError("it has no BSN")
    if at(beginning, 1) in CANCELLING_PURPOSES:
        raise UnreadableError("it takes back an earlier ship notice, which only its sender's events can do")
    levels = levels_of(message.segments)
    if not levels:
        raise UnreadableError("it has no HL, so it names nothing that was shipped", RejectionReason.MALFORMED)
    notice = _Notice(beginning, levels, _carrier(levels, source), source)
    about, shipped_at = _about(notice), _shipped_at(notice, message)
    items = items_of(levels)
    for data in _packages(notice, about, items):
        yield Statement(shipped_at, data)
    yield Statement(shipped_at, _shipped(notice, about, items))
    for problem in items.problems:
        yield UnreadableError(f"{problem}; so no lines are given")


def _carrier(levels: list[Level], source: Source) -> str | None:
    routes = (segment for level in levels for segment in level.segments if segment[0] == "TD5")
    return scac(next((at(route, 3) for route in routes if at(route, 2) == _SCAC), ""), source)


def _about(notice: _Notice) -> Reference:
    """The warehouse's own number (BSN-02) where the tenant is declared, else what a carrier knows it by."""
    tenant = notice.source.tenant
    own = reference(ReferenceType.WMS_SHIPMENT, at(notice.beginning, 2), None, tenant)
    found = own or best(named(notice.of(SHIPMENT)), SHIPPERS_ORDER, notice.carrier, tenant)
    if found is None:
        detail = "no identifier of the shipment that can be used: BSN-02 needs a tenant, a REF the carrier of TD5"
        raise UnreadableError(detail, RejectionReason.WRONG_REFERENCE)
    return found


def _shipped_at(notice: _Notice, message: TransactionSet) -> datetime:
    """The ship date (DTM*011), with the notice's own time when it is of that day and has none; else the notice's."""
    date, time, code = "", "", ""
    for segment in notice.of(SHIPMENT):
        if segment[0] == "DTM" and at(segment, 1) == SHIPPED:
            date, time, code = at(segment, 2), at(segment, 3), at(segment, 4)
    made, made_time = at(notice.beginning, 3), at(notice.beginning, 4)
    if date in {"", made} and not time:
        date, time = made, made_time
    return instant(date, time, code, notice.source)[0] if date else created_at(message, notice.source)


def _shipped(notice: _Notice, about: Reference, items: Items) -> EventData:
    shipment = [level for level in notice.levels if level.code == SHIPMENT]
    counts = (whole_number(at(one, 2)) for one in notice.of(SHIPMENT) if one[0] == "TD1")
    weights = [weight for level in shipment if (weight := weight_kg(level)) is not None]
    return ShipmentShipped(
        about=about,
        references=_references(_shipments_names(notice), notice, about),
        lines=() if items.problems else items.shipped,
        packages_count=next((count for count in counts if count is not None and count >= 0), None),
        weight_kg=round(sum(weights), 3) if weights else None,
    )


def _shipments_names(notice: _Notice) -> Iterator[Named]:
    """What else the shipment is called. The carrier's number (CN) is what it calls a PRO, or a tracking number."""
    for kind, value in named(notice.of(SHIPMENT)):
        yield kind, value
        if kind is ReferenceType.PRO:
            yield ReferenceType.TRACKING_NUMBER, value
    for level in notice.levels:
        if level.code == ORDER and (purchase_order := at(level.first("PRF"), 1)):
            yield ReferenceType.CUSTOMER_PO, purchase_order


def _packages(notice: _Notice, about: Reference, items: Items) -> Iterator[EventData]:
    for level in notice.levels:
        if level.code not in PACKAGES:
            continue
        code, tracking_number = _marks(level)
        package = code or tracking_number
        if package is None:
            continue
        names = _package_names(code, tracking_number)
        yield PackagePacked(
            about=about,
            references=_references(names, notice, about),
            package=package[:80],
            tracking_number=tracking_number[:80] if tracking_number else None,
            weight_kg=weight_kg(level),
            lines=() if items.problems else items.packed.get(level.number, ()),
        )


def _package_names(code: str | None, tracking_number: str | None) -> Iterator[Named]:
    if code and sscc(code):
        yield ReferenceType.PACKAGE_SSCC, code
    if tracking_number:
        yield ReferenceType.TRACKING_NUMBER, tracking_number


def _marks(level: Level) -> tuple[str | None, str | None]:
    """A package's number, its SSCC if it has one, and its tracking number: MAN (two pairs each) and REF."""
    own: str | None = None
    tracking = next(
        (value for kind, value in named(level.segments) if kind in {ReferenceType.PRO, ReferenceType.TRACKING_NUMBER}),
        None,
    )
    for segment in level.segments:
        for qualifier, value in ((at(segment, 1), at(segment, 2)), (at(segment, 4), at(segment, 5))):
            if segment[0] != "MAN" or not value:
                continue
            if qualifier == _CARRIERS_PACKAGE:
                tracking = value
            elif own is None or qualifier in _SSCC_QUALIFIERS:
                own = sscc(value) or value
    return own, tracking


def _references(names: Iterator[Named], notice: _Notice, about: Reference) -> tuple[Reference, ...]:
    found = (reference(kind, value, notice.carrier, notice.source.tenant) for kind, value in names)
    return tuple(dict.fromkeys(one for one in found if one is not None and one != about))[:MAX_REFERENCES]
