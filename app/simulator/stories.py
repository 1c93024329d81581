"""The stories there are: what one wave of orders goes through from release to payment."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from app.simulator import loads, orders, shipments
from app.simulator.carriers import Haulier, Mode
from app.simulator.endings import conclude, papers_at_pickup
from app.simulator.journeys import travel
from app.simulator.network import Site, Tenant, Warehouse
from app.simulator.orders import Order, Portion
from app.simulator.places import distance_km
from app.simulator.routes import route
from app.simulator.script import Script
from projections.references import Reference

# Heavier goes on a pallet; further is worth the rail for heavy goods.
PARCEL_LIMIT_KG, RAIL_KG, RAIL_KM = 70.0, 900.0, 700.0
CANCELLED, RAIL, SCATTERED = 0.02, 0.35, 0.3
MOST_ON_A_LOAD = 5


class Known(msgspec.Struct, frozen=True):
    """A shipment by its numbers, and from when on they can be looked up."""

    tenant: str
    order: str
    shipment: str
    track: Reference
    known_at: datetime
    done_at: datetime


def tell(script: Script) -> list[Known]:
    """Write one story into the script; which kind is up to its chance."""
    kinds: tuple[Callable[[Script], list[Known]], ...] = (_plain, _together, _consolidated, _import, _express)
    return script.random.choices(kinds, (62, 10, 20, 4, 4))[0](script)


def _plain(script: Script) -> list[Known]:
    """One order, in one shipment or several."""
    tenant, site, warehouse = _customer(script)
    order = orders.release(
        script, tenant, site, warehouse, _lead_days(warehouse, site), script.random.choice((2, 3, 8))
    )
    portions = orders.fulfil(script, order)
    if script.chance(CANCELLED):
        return _called_off(script, order, portions[0])
    known = [_ship(script, order, portion, _overland(script, order, portion)) for portion in portions]
    orders.invoice(script, order, min(one.known_at for one in known))
    return known


def _together(script: Script) -> list[Known]:
    """Two orders of one branch leave in one shipment."""
    tenant, site, warehouse = _customer(script)
    lead = _lead_days(warehouse, site)
    pair = [orders.release(script, tenant, site, warehouse, lead, 3) for _ in range(2)]
    firsts = [_first_portion(script, order) for order in pair]
    portion = orders.joined(firsts)
    known = _ship(script, pair[0], portion, _overland(script, pair[0], portion))
    for order in pair:
        orders.invoice(script, order, known.known_at)
    return [known]


def _first_portion(script: Script, order: Order) -> Portion:
    """What can go with others now; what must wait goes on its own later, so that nobody else waits for it."""
    first, *rest = orders.fulfil(script, order)
    for portion in rest:
        _ship(script, order, portion, _overland(script, order, portion))
    return first


def _import(script: Script) -> list[Known]:
    """A container straight from the plant."""
    return _from_abroad(script, script.world.plant, "ocean", 28, 60)


def _express(script: Script) -> list[Known]:
    """Goods a building site waits for, by air."""
    warehouse = script.world.plant if script.chance(0.5) else None
    return _from_abroad(script, warehouse, "air", 6, 4)


def _from_abroad(script: Script, warehouse: Warehouse | None, mode: Mode, lead_days: float, packs: int) -> list[Known]:
    tenant, site, nearby = _customer(script)
    order = orders.release(script, tenant, site, warehouse or nearby, lead_days, packs)
    portion = orders.joined(orders.fulfil(script, order))
    known = _ship(script, order, portion, script.random.choice(script.world.hauliers(mode, tenant.continent)))
    orders.invoice(script, order, known.known_at)
    return [known]


def _ship(script: Script, order: Order, portion: Portion, haulier: Haulier) -> Known:
    """One shipment alone: from its plan to its end."""
    ship = shipments.shipment(script, order, portion, haulier)
    planned_at = script.after(portion.ready_at, 0.3, 2.5)
    pickup_at = script.working(script.after(planned_at, 8, 20), order.warehouse.city)
    steps = route(script, haulier, order.warehouse, order.site, pickup_at)
    settled_at = shipments.plan(script, ship, planned_at, pickup_at, steps[-1].at)
    shipments.load_dock(script, ship, settled_at, max(pickup_at, settled_at))
    papers_at_pickup(script, ship, pickup_at)
    end = travel(script, ship, steps)
    conclude(script, ship, end)
    return Known(order.tenant.slug, order.number, ship.number, ship.track, pickup_at, end.at)


def _called_off(script: Script, order: Order, portion: Portion) -> list[Known]:
    """The customer cancels; a shipment planned already is cancelled with the order."""
    cancelled_at = script.after(portion.ready_at, 4, 16)
    if script.chance(0.5):
        haulier = _overland(script, order, portion)
        ship = shipments.shipment(script, order, portion, haulier)
        pickup_at = cancelled_at + timedelta(hours=12)
        shipments.plan(script, ship, script.after(portion.ready_at, 0.3, 1), pickup_at, order.promised_at)
        shipments.cancel(script, ship, script.after(cancelled_at, 0.1, 0.5), "Order cancelled")
    orders.cancel(script, order, cancelled_at)
    return []


def _consolidated(script: Script) -> list[Known]:
    """Orders of several customers from one warehouse share a truck."""
    tenant, first, warehouse = _customer(script)
    neighbours = [one for one in script.world.tenants if one.continent == tenant.continent]
    others = script.random.choices(neighbours, k=script.random.randint(1, MOST_ON_A_LOAD - 1))
    haulier = script.random.choice(script.world.hauliers("road", tenant.continent))
    batch: list[tuple[Order, Portion]] = []
    for customer in (tenant, *others):
        site = _on_the_way(script, customer, first)
        order = orders.release(script, customer, site, warehouse, _lead_days(warehouse, site) + 1, 20)
        batch.append((order, _first_portion(script, order)))
    return _on_one_truck(script, warehouse, haulier, batch)


def _on_the_way(script: Script, customer: Tenant, first: Site) -> Site:
    """A truck's customers mostly lie close together, some in the same town."""
    if script.chance(SCATTERED):
        return script.random.choice(customer.sites)
    return min(customer.sites, key=lambda site: distance_km(site.city, first.city))


def _on_one_truck(
    script: Script, warehouse: Warehouse, haulier: Haulier, batch: list[tuple[Order, Portion]]
) -> list[Known]:
    ships = [shipments.shipment(script, order, portion, haulier) for order, portion in batch]
    planned_at = script.after(max(portion.ready_at for _, portion in batch), 0.5, 2)
    pickup_at = script.working(script.after(planned_at, 8, 20), warehouse.city)
    stops = loads.halts(script, haulier, warehouse, ships, pickup_at)
    due = {ship.number: halt.at for halt in stops for ship in halt.shipments}
    for ship in ships:
        settled_at = shipments.plan(script, ship, planned_at, pickup_at, due[ship.number])
        shipments.load_dock(script, ship, settled_at, max(pickup_at, settled_at))
    load = loads.plan(script, warehouse, stops, script.after(planned_at, 1, 3), pickup_at)
    ends = loads.drive(script, load, warehouse, stops, pickup_at)
    for ship, end in ends:
        conclude(script, ship, end)
    for order, _ in batch:
        orders.invoice(script, order, pickup_at)
    return [
        Known(ship.tenant.slug, ship.portion.lines[0].order, ship.number, ship.track, pickup_at, end.at)
        for ship, end in ends
    ]


def _customer(script: Script) -> tuple[Tenant, Site, Warehouse]:
    tenant = script.random.choice(script.world.tenants)
    site = script.random.choice(tenant.sites)
    return tenant, site, script.random.choice(script.world.warehouses[tenant.continent])


def _lead_days(warehouse: Warehouse, site: Site) -> float:
    """What sales promises: two days to pick and pack, then some 550 km a day, weekends aside."""
    return 1.9 + distance_km(warehouse.city, site.city) / 550


def _overland(script: Script, order: Order, portion: Portion) -> Haulier:
    mode: Mode = "parcel" if portion.weight_kg <= PARCEL_LIMIT_KG else "road"
    far = distance_km(order.warehouse.city, order.site.city) > RAIL_KM
    if far and portion.weight_kg > RAIL_KG and script.chance(RAIL):
        mode = "rail"
    possible = script.world.hauliers(mode, order.tenant.continent) or script.world.hauliers(
        "road", order.tenant.continent
    )
    return script.random.choice(possible)
