"""A shipment up to the dock door: planned, tendered, packed, shipped."""

from datetime import datetime, timedelta
from math import ceil

import msgspec

from app.simulator.carriers import Haulier
from app.simulator.network import TMS, Site, Tenant, Warehouse
from app.simulator.orders import Order, Portion
from app.simulator.script import Script
from projections.events import (
    PackagePacked,
    ReferenceLinked,
    ShipmentCancelled,
    ShipmentMilestone,
    ShipmentPlanned,
    ShipmentShipped,
    ShipmentTendered,
    TenderAccepted,
    TenderRejected,
)
from projections.references import Reference, ReferenceType
from projections.values import ShipmentLine

SHORT_PICKED, REJECTED = 0.05, 0.06
PARCEL_KG, PALLET_KG, MOST_PACKAGES = 24.0, 420.0, 4
_REJECTIONS = ("No capacity on this lane", "Pickup window too short", "Rate not agreed", "Equipment not available")


class Shipment(msgspec.Struct, frozen=True):
    """A shipment as all systems know it. `track` is the carrier's own number for it."""

    tenant: Tenant
    number: str
    wms_number: str
    bol: str
    haulier: Haulier
    warehouse: Warehouse
    site: Site
    portion: Portion
    promised_at: datetime
    track: Reference

    @property
    def about(self) -> Reference:
        return Reference(ReferenceType.TMS_SHIPMENT, self.number)

    @property
    def wms(self) -> Reference:
        return Reference(ReferenceType.WMS_SHIPMENT, self.wms_number)


def shipment(script: Script, order: Order, portion: Portion, haulier: Haulier) -> Shipment:
    numbers = script.numbers
    bol = numbers.named("BL")
    track = {
        "parcel": lambda: Reference(ReferenceType.TRACKING_NUMBER, numbers.tracking(haulier.scac), haulier.scac),
        "ocean": lambda: Reference(ReferenceType.BOL, bol, haulier.scac),
    }.get(haulier.mode, lambda: Reference(ReferenceType.PRO, numbers.pro(), haulier.scac))()
    script.shipments += 1
    wms_number = numbers.named(f"W{order.warehouse.code}")
    return Shipment(
        order.tenant, numbers.named("SHP"), wms_number, bol, haulier, order.warehouse, order.site, portion,
        portion.promised_at, track,
    )  # fmt: skip


def plan(script: Script, ship: Shipment, at: datetime, pickup_at: datetime, delivery_at: datetime) -> datetime:
    """Plan it and find a carrier. Returns when the carrier is settled."""
    script.say(at, TMS, _planned(ship, ship.haulier, pickup_at, delivery_at), ship.tenant.slug)
    if ship.haulier.mode == "parcel":
        return at
    tendered_at = script.after(at, 0.05, 0.6)
    if script.chance(REJECTED):
        tendered_at = _rejected(script, ship, tendered_at, pickup_at, delivery_at)
    script.say(tendered_at, TMS, ShipmentTendered(about=ship.about, carrier=ship.haulier.value), ship.tenant.slug)
    accepted_at = script.after(tendered_at, 0.2, 2)
    bol = Reference(ReferenceType.BOL, ship.bol, ship.haulier.scac)
    links: tuple[Reference, ...] = (ship.track,) if ship.track == bol else (ship.track, bol)
    if script.chance(0.1):
        # Some booking systems say yes first and give their numbers later.
        script.say(
            script.after(accepted_at, 0.1, 0.4),
            TMS,
            ReferenceLinked(about=ship.about, references=links),
            ship.tenant.slug,
        )
        links = ()
    script.say(
        accepted_at,
        TMS,
        TenderAccepted(about=ship.about, references=links, carrier=ship.haulier.value),
        ship.tenant.slug,
    )
    return script.after(accepted_at, 0.5, 0.6)


def _planned(ship: Shipment, haulier: Haulier, pickup_at: datetime, delivery_at: datetime) -> ShipmentPlanned:
    return ShipmentPlanned(
        about=ship.about,
        references=(ship.wms,),
        ship_to=ship.site.place,
        carrier=haulier.value,
        service=haulier.service,
        mode=haulier.mode,
        origin=ship.warehouse.place,
        planned_pickup_at=pickup_at,
        planned_delivery_at=delivery_at.replace(minute=0, second=0),
        promised_at=ship.promised_at,
        lines=ship.portion.lines,
    )


def _rejected(script: Script, ship: Shipment, at: datetime, pickup_at: datetime, delivery_at: datetime) -> datetime:
    """Another carrier is asked first and declines; the plan is then made again with the one that goes."""
    others = [one for one in script.world.hauliers(ship.haulier.mode, ship.tenant.continent) if one != ship.haulier]
    if not others:
        return at
    declines = script.random.choice(others)
    slug, reason = ship.tenant.slug, script.random.choice(_REJECTIONS)
    script.say(at, TMS, ShipmentTendered(about=ship.about, carrier=declines.value), slug)
    no_at = script.after(at, 0.3, 2.5)
    script.say(no_at, TMS, TenderRejected(about=ship.about, carrier=declines.value, reason=reason), slug)
    again_at = script.after(no_at, 0.1, 0.8)
    script.say(again_at, TMS, _planned(ship, ship.haulier, pickup_at, delivery_at), slug)
    return script.after(again_at, 0.05, 0.3)


def cancel(script: Script, ship: Shipment, at: datetime, reason: str) -> None:
    script.say(at, TMS, ShipmentCancelled(about=ship.about, reason=reason), ship.tenant.slug)


def load_dock(script: Script, ship: Shipment, start: datetime, pickup_at: datetime) -> None:
    """Pick, pack and confirm what left, between `start` and the pickup."""
    source, slug = ship.warehouse.source, ship.tenant.slug
    room = max((pickup_at - start) * 0.5, timedelta(minutes=20))
    if ship.warehouse.third_party:
        # Their system tells us of the floor; our own warehouses do not.
        script.say(start + room * 0.1, source, ShipmentMilestone(about=ship.about, code="picking_started"), slug)
    packed_at = start + room * 0.6
    count = _packages(script, ship, packed_at)
    if ship.warehouse.third_party:
        packed = ShipmentMilestone(about=ship.about, code="packed", place=ship.warehouse.place)
        script.say(script.after(packed_at, 0.1, 0.3), source, packed, slug)
    shipped = ShipmentShipped(
        about=ship.wms, lines=_picked(script, ship), packages_count=count, weight_kg=ship.portion.weight_kg
    )
    script.say(max(script.after(pickup_at, -0.4, -0.05), packed_at), source, shipped, slug)


def _packages(script: Script, ship: Shipment, at: datetime) -> int:
    parcel = ship.haulier.mode == "parcel"
    lines, weight = ship.portion.lines, ship.portion.weight_kg
    count = min(MOST_PACKAGES, ceil(weight / (PARCEL_KG if parcel else PALLET_KG)))
    for number in range(count):
        sscc, tracking = script.numbers.sscc(), None
        links = [Reference(ReferenceType.PACKAGE_SSCC, sscc)]
        if parcel:
            # The first package's number stands for all of them.
            tracking = ship.track.value if number == 0 else script.numbers.tracking(ship.haulier.scac)
            links.append(Reference(ReferenceType.TRACKING_NUMBER, tracking, ship.haulier.scac))
        inside = lines[number::count] if count <= len(lines) else ()
        packed = PackagePacked(
            about=ship.wms, references=tuple(links), package=sscc, tracking_number=tracking,
            weight_kg=round(weight / count, 1), lines=inside,
        )  # fmt: skip
        script.say(at + timedelta(minutes=4 * number), ship.warehouse.source, packed, ship.tenant.slug)
    return count


def _picked(script: Script, ship: Shipment) -> tuple[ShipmentLine, ...]:
    """What was planned, or now and then less of one line: a short pick."""
    lines = ship.portion.lines
    if not script.chance(SHORT_PICKED):
        return lines
    first, *rest = lines
    return (msgspec.structs.replace(first, quantity=first.quantity * script.random.randint(50, 95) // 100), *rest)
