"""What goes on beside the stories: customers' master records and the heartbeats of the sources."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random

from app.simulator.network import ERP, Network
from app.simulator.numbers import Run
from app.simulator.script import Moment
from projections.events import CustomerChanged, SourceHeartbeat

CUSTOMER_CHANGE = 0.02


def customers(world: Network, run: Run, at: datetime) -> Iterator[Moment]:
    """The ERP makes each customer known once."""
    for number, tenant in enumerate(world.tenants):
        record = CustomerChanged(name=tenant.name, contact_email=tenant.buyers[0])
        yield Moment(at, f"{run.code}-c{number}", ERP, record, tenant.slug)


def heartbeats(world: Network, run: Run, start: datetime, interval: timedelta, series: str) -> Iterator[Moment]:
    """Each source says at every interval that all it knows is told, without end; sometimes a customer's record changes."""
    random = Random(f"{run.code}:{series}")
    number = count()
    # Spread over the interval, in order; so one round ends before the next begins.
    spacing = interval / (len(world.sources) + 1)
    for beat in count(1):
        at = start + beat * interval
        for place, source in enumerate(world.sources):
            carrier = source.rsplit("/", 1)[1].upper() if source.startswith("/carrier/") else None
            yield Moment(
                at + place * spacing,
                f"{run.code}-{series}{next(number)}",
                source,
                SourceHeartbeat(carrier=carrier),
            )
        if random.random() < CUSTOMER_CHANGE:
            tenant = random.choice(world.tenants)
            record = CustomerChanged(name=tenant.name, contact_email=random.choice(tenant.buyers))
            said_at = at + len(world.sources) * spacing
            yield Moment(said_at, f"{run.code}-{series}{next(number)}", ERP, record, tenant.slug)
