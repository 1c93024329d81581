"""Which orders, shipments and loads an event speaks of. Pure: told what is known, says what follows.

The rules (design.md section 6):
- An event is about what its `about` reference names, and about nothing else: no guess from the others.
- `order.released` and `shipment.planned` make their reference known; further `references` link to it.
- An event whose reference is not known is held, and placed the moment the reference becomes known.
- A load's event goes to the load and to each shipment assigned to it, before or after.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from projections.event import Event, Rejection, RejectionReason
from projections.events import About, CustomerChanged, InvoicePosted, OrderReleased, ShipmentAssigned, ShipmentPlanned
from projections.references import Reference, ReferenceType, SubjectKind
from projections.subjects import Subject


class Name(NamedTuple):
    """A reference in the name space it is unique in."""

    scope: str
    type: str
    value: str


class Conflict(msgspec.Struct, frozen=True):
    """An event that would give one reference to two things. Which is right, no program can know."""

    event: Event
    detail: str
    pointer: str

    @property
    def rejection(self) -> Rejection:
        reason = RejectionReason.REFERENCE_CONFLICT
        return Rejection(reason, self.detail, self.pointer, self.event.source, self.event.id, self.event.type)


def name_of(reference: Reference, tenant: str | None) -> Name | None:
    scope = reference.scope(tenant)
    return Name(scope, reference.type.value, reference.value) if scope else None


def names_of(event: Event) -> list[Name]:
    """Every name an event uses: what must be known to place it."""
    data = event.data
    if not isinstance(data, About):
        return []
    return [name for reference in (data.about, *data.references) if (name := name_of(reference, event.tenant))]


def load_of(event: Event) -> Subject | None:
    """The load whose history placing this event takes, if any."""
    data = event.data
    if isinstance(data, ShipmentAssigned):
        return Subject.of(SubjectKind.LOAD, None, data.load)
    if isinstance(data, About) and data.about.identifies is SubjectKind.LOAD:
        return Subject.of(SubjectKind.LOAD, None, data.about.value)
    return None


def _links(event: Event, data: About) -> list[Name]:
    """The names an event makes known for what it is about."""
    linked = [reference for reference in data.references if reference.identifies is not None]
    if isinstance(data, InvoicePosted):
        linked.append(Reference(ReferenceType.INVOICE, data.invoice))
    return [name for reference in linked if (name := name_of(reference, event.tenant))]


class LoadHistory:
    """A load's own events so far, and the shipments assigned to it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.members: dict[str, Subject] = {}


class Correlation:
    """One batch's placing. Fill `known` and `loads` with what the store knows, then `place` events in turn."""

    def __init__(self) -> None:
        self.known: dict[Name, Subject] = {}
        self.loads: defaultdict[str, LoadHistory] = defaultdict(LoadHistory)
        self.placed: list[tuple[Subject, Event]] = []
        self.registered: dict[Name, Subject] = {}
        self.waiting: defaultdict[Name, list[Event]] = defaultdict(list)
        self._arrived: dict[bytes, int] = {}
        self.conflicts: dict[bytes, Conflict] = {}

    def place(self, event: Event) -> None:
        """Place one event, or hold it, or note why it cannot be. Those that waited for it are placed with it."""
        data = event.data
        if isinstance(data, CustomerChanged):
            self.placed.append((Subject(f"cus_{event.tenant}", event.tenant), event))
        if not isinstance(data, About):
            return
        name = name_of(data.about, event.tenant)
        if data.about.identifies is SubjectKind.LOAD:
            self._place_on_load(event, Subject.of(SubjectKind.LOAD, None, data.about.value))
        elif name is not None:
            self._place_by_name(event, data, name)

    def recall_on_load(self, load_id: str, event: Event) -> None:
        """Take note of an event that was placed on a load before; the names it uses must be in `known`."""
        history, data = self.loads[load_id], event.data
        if not isinstance(data, ShipmentAssigned):
            history.events.append(event)
            return
        name = name_of(data.about, event.tenant)
        member = self.known.get(name) if name else None
        if member is not None:
            history.members[member.id] = member

    def held(self) -> Iterable[tuple[Name, Event]]:
        """What could not be placed, with the name it waits for, in order of arrival."""
        waiting = [(name, event) for name, events in self.waiting.items() for event in events]
        return sorted(waiting, key=lambda one: self._arrived[one[1].key])

    def _place_by_name(self, event: Event, data: About, name: Name) -> None:
        subject = _created(event, data) or self.known.get(name)
        if subject is None:
            self.waiting[name].append(event)
            self._arrived.setdefault(event.key, len(self._arrived))
            return
        if event.tenant not in (None, subject.tenant):
            # A carrier's number names one customer's shipment; what another customer's systems say under it
            # must not reach that shipment, nor make their own numbers lead to it.
            detail = f"{name.type} {name.value} does not name a thing of {event.tenant}"
            self.conflicts[event.key] = Conflict(event, detail, "/data/about")
            return
        links = [name, *_links(event, data)]
        taken = next((link for link in links if self.known.get(link, subject) != subject), None)
        if taken is not None:
            detail = f"{taken.type} {taken.value} already names another"
            self.conflicts[event.key] = Conflict(event, detail, "/data/references")
            return
        self.placed.append((subject, event))
        if isinstance(data, ShipmentAssigned):
            self._assign(event, subject, data)
        for link in links:
            self._register(link, subject)

    def _register(self, name: Name, subject: Subject) -> None:
        if name in self.known:
            return
        self.known[name] = self.registered[name] = subject
        for event in self.waiting.pop(name, []):
            self.place(event)

    def _place_on_load(self, event: Event, load: Subject) -> None:
        history = self.loads[load.id]
        history.events.append(event)
        self.placed.append((load, event))
        self.placed.extend((member, event) for member in history.members.values())

    def _assign(self, event: Event, shipment: Subject, data: ShipmentAssigned) -> None:
        load = Subject.of(SubjectKind.LOAD, None, data.load)
        history = self.loads[load.id]
        self.placed.append((load, event))
        if shipment.id not in history.members:
            history.members[shipment.id] = shipment
            self.placed.extend((shipment, earlier) for earlier in history.events)


def _created(event: Event, data: About) -> Subject | None:
    """The subject whose first word this is."""
    if isinstance(data, OrderReleased):
        return Subject.of(SubjectKind.ORDER, event.tenant, data.about.value)
    if isinstance(data, ShipmentPlanned):
        return Subject.of(SubjectKind.SHIPMENT, event.tenant, data.about.value)
    return None
