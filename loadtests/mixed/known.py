"""What a sender knows of the shipments it writes about: the numbers every system gave them so far."""

import msgspec

from projections.event import Event
from projections.events import About, OrderReleased, PackagePacked, ShipmentPlanned
from projections.intake.correlation import Name, name_of, names_of
from projections.references import ReferenceType


class Thing(msgspec.Struct):
    """An order or a shipment: whose, its first message's place in the run, its numbers by type, its packages."""

    tenant: str
    first: int
    numbers: dict[ReferenceType, str] = {}
    packages: list[str] = []


class Ledger:
    """Things by every name that leads to them. Note the events of a run in their order."""

    def __init__(self) -> None:
        self._things: dict[Name, Thing] = {}

    def note(self, event: Event, place: int) -> Thing | None:
        """Learn from an event what there is; gives the thing it is about, if that is known by now."""
        data = event.data
        if not isinstance(data, About):
            return None
        about = name_of(data.about, event.tenant)
        if about is None:
            return None
        thing = self._things.get(about)
        if thing is None and isinstance(data, OrderReleased | ShipmentPlanned):
            thing = Thing(event.tenant or "", place)
        if thing is not None:
            self._learn(event, data, thing)
        return thing

    def _learn(self, event: Event, data: About, thing: Thing) -> None:
        for name in names_of(event):
            self._things.setdefault(name, thing)
        for reference in (data.about, *data.references):
            thing.numbers.setdefault(reference.type, reference.value)
        if isinstance(data, PackagePacked):
            thing.packages.append(data.package)
        invoice = getattr(data, "invoice", None)
        if invoice is not None:
            self._things.setdefault(Name(f"tenant:{event.tenant}", ReferenceType.INVOICE, invoice), thing)
