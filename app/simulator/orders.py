"""An order's own part of a story: released, perhaps amended, allocated, backordered, invoiced, paid."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from app.simulator.catalogue import CATALOGUE, Item
from app.simulator.network import ERP, Site, Tenant, Warehouse
from app.simulator.script import Script
from projections.events import (
    InvoicePosted,
    LineAllocated,
    LineBackordered,
    OrderAmended,
    OrderCancelled,
    OrderReleased,
    PaymentChanged,
)
from projections.references import Reference, ReferenceType
from projections.values import Money, OrderLine, ShipmentLine

BACKORDERED, SPLIT, AMENDED, OVERDUE, BLOCKED, PARTLY_PAID = 0.09, 0.12, 0.05, 0.12, 0.03, 0.06
# The rest comes by EDI at any hour.
OFFICE_HOURS, REPROMISED = 0.8, 0.7
MOST_LINES = 8
VAT = 119
_CANCELLATIONS = (
    "Ordered twice",
    "Project postponed",
    "Customer found stock at another branch",
    "Wrong article ordered",
)


class Order(msgspec.Struct, frozen=True):
    tenant: Tenant
    number: str
    site: Site
    warehouse: Warehouse
    lines: tuple[OrderLine, ...]
    items: tuple[Item, ...]
    released_at: datetime
    promised_at: datetime

    @property
    def about(self) -> Reference:
        return Reference(ReferenceType.ERP_ORDER, self.number)


class Portion(msgspec.Struct, frozen=True):
    """What of one or more orders can ship together, and from when."""

    lines: tuple[ShipmentLine, ...]
    weight_kg: float
    ready_at: datetime
    promised_at: datetime


def release(script: Script, tenant: Tenant, site: Site, warehouse: Warehouse, lead_days: float, packs: int) -> Order:
    """The order comes out of the ERP; `packs` is about how many packs of a thing are bought."""
    random = script.random
    count = min(MOST_LINES, 1 + int(random.expovariate(0.7)))
    items = tuple(random.sample(CATALOGUE, count))
    released_at = script.start
    if script.chance(OFFICE_HOURS):
        released_at = script.working(released_at, warehouse.city)
    promised = script.working(working_days_later(released_at, lead_days), site.city)
    promised = promised.replace(minute=0, second=0, microsecond=0)
    lines = tuple(
        OrderLine(number, item.sku, item.pack * random.randint(1, packs), item.description, promised)
        for number, item in enumerate(items, 1)
    )
    order = Order(tenant, script.numbers.named("SO"), site, warehouse, lines, items, released_at, promised)
    purchase = Reference(ReferenceType.CUSTOMER_PO, f"PO-{random.randrange(100_000, 999_999)}")
    ordered_at = script.after(order.released_at, -20, -0.2)
    script.say(
        order.released_at,
        ERP,
        OrderReleased(
            about=order.about,
            references=(purchase,),
            lines=lines,
            ordered_at=ordered_at,
            promised_at=promised,
            ship_to=site.place,
        ),
        tenant.slug,
    )
    script.orders += 1
    return _amended(script, order) if script.chance(AMENDED) else order


def _amended(script: Script, order: Order) -> Order:
    """The customer wants more of the first line, or the promise moves by a day."""
    at = script.after(order.released_at, 0.1, 0.6)
    first, *rest = order.lines
    if script.chance(0.5):
        more = msgspec.structs.replace(first, quantity=first.quantity + order.items[0].pack)
        script.say(at, ERP, OrderAmended(about=order.about, lines=(more,)), order.tenant.slug)
        return msgspec.structs.replace(order, lines=(more, *rest))
    promised = order.promised_at + timedelta(days=1)
    script.say(at, ERP, OrderAmended(about=order.about, promised_at=promised), order.tenant.slug)
    return msgspec.structs.replace(order, promised_at=promised)


def cancel(script: Script, order: Order, at: datetime) -> None:
    reason = script.random.choice(_CANCELLATIONS)
    script.say(at, ERP, OrderCancelled(about=order.about, reason=reason), order.tenant.slug)


def fulfil(script: Script, order: Order) -> list[Portion]:
    """Stock is set aside; what is short or lies elsewhere ships later, as a portion of its own."""
    at = script.working(script.after(order.released_at, 0.7, 3), order.warehouse.city)
    waiting = script.random.choice(order.lines) if script.chance(BACKORDERED) else None
    for line in order.lines:
        at = script.after(at, 0.01, 0.2)
        if line is not waiting:
            _allocate(script, order, at, line, line.quantity)
    if waiting:
        return _backordered(script, order, at, waiting)
    if len(order.lines) > 1 and script.chance(SPLIT):
        middle = script.random.randrange(1, len(order.lines))
        first, second = order.lines[:middle], order.lines[middle:]
        return [_portion(order, first, at), _portion(order, second, script.after(at, 4, 20))]
    return [_portion(order, order.lines, at)]


def _backordered(script: Script, order: Order, at: datetime, line: OrderLine) -> list[Portion]:
    tenant, source = order.tenant.slug, order.warehouse.source
    there = line.quantity * script.random.choice((0, 0, 1, 2)) // 4
    restocked = script.working(script.after(at, 30, 140), order.warehouse.city)
    expected = restocked.replace(minute=0, second=0) + timedelta(hours=script.random.choice((-5, 0, 0, 4)))
    if there:
        _allocate(script, order, at, line, there)
    waits = LineBackordered(about=order.about, line=line.line, quantity=line.quantity - there, expected_at=expected)
    script.say(at, source, waits, tenant)
    script.say(restocked, source, LineBackordered(about=order.about, line=line.line, quantity=0), tenant)
    _allocate(script, order, script.after(restocked, 0.05, 0.5), line, line.quantity)
    rest = [one for one in order.lines if one is not line]
    now = rest + ([msgspec.structs.replace(line, quantity=there)] if there else [])
    late = _portion(order, [msgspec.structs.replace(line, quantity=line.quantity - there)], restocked)
    if script.chance(REPROMISED):
        promised = expected.replace(microsecond=0) + (order.promised_at - order.released_at)
        again = msgspec.structs.replace(line, promised_at=promised)
        script.say(script.after(at, 0.5, 3), ERP, OrderAmended(about=order.about, lines=(again,)), tenant)
        late = msgspec.structs.replace(late, promised_at=promised)
    return [_portion(order, now, at), late] if now else [late]


def _allocate(script: Script, order: Order, at: datetime, line: OrderLine, quantity: int) -> None:
    script.say(
        at,
        order.warehouse.source,
        LineAllocated(about=order.about, line=line.line, quantity=quantity),
        order.tenant.slug,
    )


def _portion(order: Order, lines: "list[OrderLine] | tuple[OrderLine, ...]", ready_at: datetime) -> Portion:
    weight = sum(line.quantity * order.items[line.line - 1].weight_kg for line in lines)
    pieces = tuple(ShipmentLine(order.number, line.line, line.quantity) for line in lines)
    return Portion(pieces, round(weight * 1.04 + 0.4, 1), ready_at, order.promised_at)


def joined(portions: list[Portion]) -> Portion:
    """Several portions as one, ready when the last of them is."""
    lines = tuple(line for portion in portions for line in portion.lines)
    weight, ready_at = sum(one.weight_kg for one in portions), max(one.ready_at for one in portions)
    return Portion(lines, round(weight, 1), ready_at, max(one.promised_at for one in portions))


def invoice(script: Script, order: Order, shipped_at: datetime) -> None:
    """The bill goes out after the goods; most pay in time."""
    slug, number = order.tenant.slug, script.numbers.named("INV")
    cents = (
        sum(line.quantity * item.price_cents for line, item in zip(order.lines, order.items, strict=True)) * VAT // 100
    )
    posted_at = script.after(shipped_at, 2, 18)
    due_at = posted_at + timedelta(days=30)
    total = money(cents, order.tenant.currency)
    script.say(posted_at, ERP, InvoicePosted(about=order.about, invoice=number, total=total, due_at=due_at), slug)
    _paid(script, order, number, posted_at, due_at)


def _paid(script: Script, order: Order, number: str, posted_at: datetime, due_at: datetime) -> None:
    slug, about = order.tenant.slug, Reference(ReferenceType.INVOICE, number)
    paid_at = script.after(posted_at, 5 * 24, 29 * 24)
    if script.chance(BLOCKED):
        script.say(
            script.after(posted_at, 10, 60), ERP, PaymentChanged(about=about, invoice=number, status="blocked"), slug
        )
    if script.chance(PARTLY_PAID):
        script.say(paid_at, ERP, PaymentChanged(about=about, invoice=number, status="partially_paid"), slug)
        paid_at = script.after(paid_at, 30, 150)
    if script.chance(OVERDUE):
        script.say(due_at, ERP, PaymentChanged(about=about, invoice=number, status="overdue"), slug)
        paid_at = script.after(due_at, 20, 300)
    script.say(paid_at, ERP, PaymentChanged(about=about, invoice=number, status="paid"), slug)


def working_days_later(at: datetime, days: float) -> datetime:
    """So many days later, Saturdays and Sundays not counted."""
    weekends = (at.weekday() + int(days)) // 5
    return at + timedelta(days=days + 2 * weekends)


def money(cents: int, currency: str) -> Money:
    return Money(Decimal(cents).scaleb(-2), currency)
