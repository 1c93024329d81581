"""How goods travel when nothing goes wrong: the milestones of each mode with realistic hours."""

from datetime import datetime

import msgspec

from app.simulator.carriers import Haulier
from app.simulator.network import Site, Warehouse
from app.simulator.places import AIRPORTS, PORTS, City, distance_km, nearest
from app.simulator.script import Script
from projections.values import Place

# Below this a truck drives through; above, groupage is reloaded at hubs.
DIRECT_KM = 180.0
# What a driver covers in a day, rests counted (Regulation (EC) 561/2006 leaves about 9 of 24 hours at the wheel).
DRIVING_SHARE = 0.55


class Step(msgspec.Struct, frozen=True):
    at: datetime
    code: str
    place: Place


class Route:
    """A route under way: each call adds the next step."""

    def __init__(self, script: Script, start: datetime) -> None:
        self._script = script
        self._at = start
        self.steps: list[Step] = []

    def step(self, code: str, place: Place, low_hours: float = 0.0, high_hours: float = 0.0) -> None:
        self._at = self._script.after(self._at, low_hours, high_hours)
        self.steps.append(Step(self._at, code, place))

    def until_working(self, city: City) -> None:
        """Nobody receives goods at night or on a Sunday."""
        self._at = self._script.working(self._at, city)


def route(script: Script, haulier: Haulier, warehouse: Warehouse, site: Site, pickup_at: datetime) -> list[Step]:
    """The steps from a warehouse's door to a customer's."""
    way = Route(script, pickup_at)
    way.step("picked_up", warehouse.place)
    match haulier.mode:
        case "ocean":
            _ocean(way, haulier, warehouse, site)
        case "air":
            _air(way, haulier, warehouse, site)
        case "parcel":
            _parcel(way, haulier, warehouse, site)
        case "road" | "rail":
            _overland(way, haulier, warehouse, site)
    way.until_working(site.city)
    way.step("out_for_delivery", site.hub.place(), 0.1, 1.0)
    if haulier.mode != "parcel":
        way.step("arrived_at_delivery", site.place, 0.6, 3.0)
    way.step("delivered", site.place, 0.2, 1.2)
    return way.steps


def hours(kilometres: float, speed_kmh: float, share: float = 1.0) -> tuple[float, float]:
    """The range of hours for so many kilometres when only a share of the day is driven."""
    plain = kilometres / speed_kmh / share
    return plain * 0.9, plain * 1.25 + 0.2


def _overland(way: Route, haulier: Haulier, warehouse: Warehouse, site: Site) -> None:
    direct = distance_km(warehouse.city, site.city)
    terminal = "rail terminal" if haulier.mode == "rail" else "terminal"
    if direct < DIRECT_KM or warehouse.hub is site.hub:
        way.step("departed", warehouse.place, 0.2, 0.8)
        way.step(
            "arrived_at_terminal", site.hub.place(f"{site.hub.name} {terminal}"), *hours(direct, haulier.speed_kmh)
        )
        return
    way.step("arrived_at_terminal", warehouse.hub.place(f"{warehouse.hub.name} {terminal}"), 1.5, 5)
    way.step("departed_terminal", warehouse.hub.place(f"{warehouse.hub.name} {terminal}"), 1.5, 7)
    trunk = hours(distance_km(warehouse.hub, site.hub), haulier.speed_kmh, DRIVING_SHARE)
    way.step("arrived_at_terminal", site.hub.place(f"{site.hub.name} {terminal}"), *trunk)


def _parcel(way: Route, haulier: Haulier, warehouse: Warehouse, site: Site) -> None:
    first, last = (hub.place(f"{hub.name} parcel centre") for hub in (warehouse.hub, site.hub))
    way.step("arrived_at_terminal", first, 1, 4)
    if warehouse.hub is not site.hub:
        way.step("departed_terminal", first, 1, 4)
        way.step("arrived_at_terminal", last, *hours(distance_km(warehouse.hub, site.hub), haulier.speed_kmh, 0.8))
    way.step("terminal_scan", last, 0.5, 3)


def _ocean(way: Route, haulier: Haulier, warehouse: Warehouse, site: Site) -> None:
    origin = nearest(warehouse.city, PORTS[warehouse.city.continent])
    port = nearest(site.city, PORTS[site.city.continent])
    here, there = origin.place(f"{origin.name} container terminal"), port.place(f"{port.name} container terminal")
    # Ships round continents: the sea way from Asia is some 17,000 km to either coast's big ports.
    sailing = hours(17_000, haulier.speed_kmh)
    way.step("arrived_at_terminal", here, 6, 30)
    way.step("vessel_departed", here, 24, 80)
    way.step("vessel_arrived", there, *sailing)
    way.step("discharged", there, 8, 30)
    way.step("customs_cleared", there, 6, 40)
    way.step("departed_terminal", there, 4, 30)
    way.step("delivery_appointment_set", site.hub.place(), 0.5, 2)
    way.step(
        "arrived_at_terminal",
        site.hub.place(f"{site.hub.name} inland depot"),
        *hours(distance_km(port, site.hub), 55.0),
    )


def _air(way: Route, haulier: Haulier, warehouse: Warehouse, site: Site) -> None:
    origin = nearest(warehouse.city, AIRPORTS[warehouse.city.continent])
    airport = nearest(site.city, AIRPORTS[site.city.continent])
    here, there = (city.place(f"{city.name} airport, cargo") for city in (origin, airport))
    way.step("arrived_at_terminal", here, 2, 6)
    way.step("departed", here, 2, 9)
    way.step("arrived_at_terminal", there, *hours(distance_km(origin, airport) + 300, haulier.speed_kmh))
    if warehouse.city.country != site.city.country:
        way.step("customs_cleared", there, 1, 8)
    way.step("departed_terminal", there, 1, 4)
