"""A consolidated load: one truck, several customers, some of them at the same stop."""

from datetime import datetime, timedelta

import msgspec

from app.simulator.carriers import Haulier
from app.simulator.journeys import announce_eta, raise_trouble
from app.simulator.network import TMS, Warehouse
from app.simulator.places import distance_km
from app.simulator.routes import DRIVING_SHARE, Step, hours
from app.simulator.script import Script
from app.simulator.shipments import Shipment
from app.simulator.troubles import Disruption, disrupted
from projections.events import LoadMilestone, LoadPlanned, ShipmentAssigned
from projections.references import Reference, ReferenceType
from projections.values import Place, Stop, StopShipment

_EQUIPMENT = ("Curtainsider 13.6 m", "Box trailer 13.6 m", "Swap body", "Tail-lift truck 18 t")


class Halt(msgspec.Struct, frozen=True):
    """A delivery stop: when, and whose shipments come off there."""

    number: int
    at: datetime
    shipments: tuple[Shipment, ...]

    @property
    def place(self) -> Place:
        """The customer's own site; where several share the stop, a place that names none of them."""
        site = self.shipments[0].site
        alone = all(ship.tenant == self.shipments[0].tenant for ship in self.shipments)
        return site.place if alone else site.city.place(f"{site.city.name} trade park")


def halts(script: Script, haulier: Haulier, warehouse: Warehouse, ships: list[Shipment], start: datetime) -> list[Halt]:
    """The delivery stops in driving order, nearest first; shipments for one city share a stop."""
    by_city: dict[str, list[Shipment]] = {}
    for ship in sorted(ships, key=lambda one: distance_km(warehouse.city, one.site.city)):
        by_city.setdefault(ship.site.city.code, []).append(ship)
    found: list[Halt] = []
    at, city = start, warehouse.city
    for number, group in enumerate(by_city.values(), 2):
        there = group[0].site.city
        driven = script.after(at, *hours(distance_km(city, there), haulier.speed_kmh, DRIVING_SHARE))
        at = script.working(driven, there) + timedelta(minutes=40)
        city = there
        found.append(Halt(number, at, tuple(group)))
    return found


def plan(script: Script, warehouse: Warehouse, stops: list[Halt], at: datetime, pickup_at: datetime) -> Reference:
    """The TMS plans the load, then puts each shipment on it. Now and then it does so the other way round."""
    haulier = stops[0].shipments[0].haulier
    load = Reference(ReferenceType.LOAD, script.numbers.named("LD"))
    pickup = Stop(1, "pickup", warehouse.place, pickup_at, _aboard([one for halt in stops for one in halt.shipments]))
    deliveries = [Stop(halt.number, "delivery", halt.place, halt.at, _aboard(halt.shipments)) for halt in stops]
    equipment = script.random.choice(_EQUIPMENT)
    planned = LoadPlanned(about=load, stops=(pickup, *deliveries), carrier=haulier.value, equipment=equipment)
    script.say(at, TMS, planned)
    for halt in stops:
        for ship in halt.shipments:
            assigned = ShipmentAssigned(about=ship.about, load=load.value)
            script.say(script.after(at, -0.1, 0.5), TMS, assigned, ship.tenant.slug)
    return load


def _aboard(ships: "list[Shipment] | tuple[Shipment, ...]") -> tuple[StopShipment, ...]:
    return tuple(StopShipment(ship.tenant.slug, ship.number) for ship in ships)


def drive(
    script: Script, load: Reference, warehouse: Warehouse, stops: list[Halt], pickup_at: datetime
) -> list[tuple[Shipment, Step]]:
    """Tell the truck's way. Returns when and where each shipment was delivered.

    A trouble holds up the truck, so it strikes every customer whose goods are still aboard.
    """
    haulier = stops[0].shipments[0].haulier
    steps = [Step(pickup_at, "departed", warehouse.place)]
    steps += [Step(halt.at, "delivered", halt.place) for halt in stops]
    late, trouble = disrupted(script, haulier.mode, steps)
    # A failed attempt adds steps of its own; for a truck on its round the stop is only later.
    late = [late[0], *(step for step in late if step.code == "delivered")]
    _at_the_dock(script, load, warehouse, haulier, pickup_at)
    ends: list[tuple[Shipment, Step]] = []
    for halt, end, planned in zip(stops, late[1:], steps[1:], strict=True):
        _stop(script, load, haulier, halt, end)
        for ship in halt.shipments:
            announce_eta(script, ship, script.after(pickup_at, 0.3, 2), planned.at)
            if trouble and end.at != planned.at:
                _held_up(script, ship, trouble, end.at)
            ends.append((ship, end))
    return ends


def _at_the_dock(script: Script, load: Reference, warehouse: Warehouse, haulier: Haulier, at: datetime) -> None:
    for code, low, high in (("arrived_at_pickup", -2.5, -1.6), ("loading_started", -1.5, -1), ("loaded", -0.6, -0.2)):
        milestone = LoadMilestone(about=load, code=code, place=warehouse.place, stop=1)
        script.say(script.after(at, low, high), haulier.source, milestone)
    script.say(at, haulier.source, LoadMilestone(about=load, code="departed", place=warehouse.place))


def _stop(script: Script, load: Reference, haulier: Haulier, halt: Halt, end: Step) -> None:
    arrived = LoadMilestone(about=load, code="arrived_at_delivery", place=end.place, stop=halt.number)
    script.say(end.at - timedelta(minutes=script.random.randint(12, 38)), haulier.source, arrived)
    script.say(end.at, haulier.source, LoadMilestone(about=load, code="delivered", place=end.place, stop=halt.number))


def _held_up(script: Script, ship: Shipment, trouble: Disruption, arrives_at: datetime) -> None:
    # Each carrier file gets its own note, some minutes apart.
    raised_at = script.after(trouble.raised_at, 0, 0.3)
    own = msgspec.structs.replace(trouble, raised_at=raised_at)
    raise_trouble(script, ship, own, arrives_at)
