"""What is planted: every type of event there is, of every tenant, about things that belong together."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app.contracts.rules import about_types
from app.isolation.canaries import Canaries
from app.isolation.filling import Filler
from projections.events import EVENT_TYPES, LoadMilestone
from projections.ownership import OWNERS, Role
from projections.references import REFERENCE_TYPES, ReferenceType, SubjectKind, Uniqueness
from projections.statuses import EXCEPTIONS, MILESTONES
from projections.values import Stop

FIRST_WORDS = ("order.released.v1", "shipment.planned.v1")
# Makes known what the others speak of; the rest may come in any order.
_ORDER_OF_TELLING = {"order.released.v1": 0, "shipment.planned.v1": 1, "load.planned.v1": 2}
_ABOUT = {
    SubjectKind.ORDER: ReferenceType.ERP_ORDER,
    SubjectKind.SHIPMENT: ReferenceType.TMS_SHIPMENT,
    SubjectKind.LOAD: ReferenceType.LOAD,
}

CloudEvent = dict[str, Any]


class Names(msgspec.Struct, frozen=True):
    """What one tenant's things are called."""

    tenant: str
    order: str
    shipment: str
    load: str
    scac: str


class Storyteller:
    """Writes events, the later the newer, with canaries wherever one fits."""

    def __init__(self, canaries: Canaries) -> None:
        self._canaries = canaries
        self._now = datetime.now(UTC) - timedelta(hours=2)
        self._sources: dict[tuple[str | None, Role], str] = {}

    def names(self, tenant: str) -> Names:
        return Names(tenant, *(self._canaries.mint(tenant, name) for name in ("order", "shipment", "load", "scac")))

    def everything(self, names: Names) -> list[CloudEvent]:
        """An event of every type, of each kind of thing the type can be about."""
        told = sorted(EVENT_TYPES, key=lambda name: _ORDER_OF_TELLING.get(name, len(_ORDER_OF_TELLING)))
        return [event for event_type in told for event in self._of_type(event_type, names)]

    def seen_last(self, names: Names) -> CloudEvent:
        """A milestone customers are shown: what was told before it is folded when it is seen."""
        return next(self._of_type("shipment.milestone.v1", names))

    def common(self, tenant: str, shared: str) -> list[CloudEvent]:
        """An order and a shipment under words that other tenants use too: a PO number, a city, a carrier."""
        names = self.names(tenant)
        words = {
            "references": [{"type": "customer_po", "value": shared}],
            "city": shared,
            "Carrier.scac": shared,
        }
        return [event for name in FIRST_WORDS for event in self._of_type(name, names, **words)]

    def delivered(self, names: Names) -> list[CloudEvent]:
        """Another shipment, which has come: how deliveries turned out is told of such."""
        return self._another(names, "shipment.milestone.v1", **{"ShipmentMilestone.code": "delivered"})

    def troubled(self, names: Names) -> list[CloudEvent]:
        """Another shipment, which something keeps: what is wrong is listed of such."""
        return self._another(names, "shipment.exception_raised.v1")

    def _another(self, names: Names, event_type: str, **words: str) -> list[CloudEvent]:
        others = self.names(names.tenant)
        names = msgspec.structs.replace(names, order=others.order, shipment=others.shipment)
        told = (*FIRST_WORDS, event_type)
        return [event for name in told for event in self._of_type(name, names, **words)]

    def shared_load(self, everybody: Sequence[Names]) -> list[CloudEvent]:
        """One truck for all of them: each is to see its own stop of it."""
        load = self._canaries.mint(None, "shared load")
        about = {"type": "load", "value": load}
        stops = [self._stop(number, names) for number, names in enumerate(everybody, 1)]
        planned = self._event("load.planned.v1", None, {"about": about, "stops": stops})
        assigned = [
            self._event(
                "load.shipment_assigned.v1", names.tenant, {"about": _about(SubjectKind.SHIPMENT, names), "load": load}
            )
            for names in everybody
        ]
        reached = [self._reached(about, number, names) for number, names in enumerate(everybody, 1)]
        return [planned, *assigned, *reached]

    def taken_back(self, event: CloudEvent) -> CloudEvent:
        """The retraction of an event."""
        said = {"about": event["data"]["about"], "retracts": event["id"]}
        return self._event("event.retracted.v1", event["tenant"], said) | {"source": event["source"]}

    def _of_type(self, event_type: str, names: Names, **words: Any) -> Iterator[CloudEvent]:  # noqa: ANN401 - JSON
        kinds = {REFERENCE_TYPES[ReferenceType(one)].identifies for one in about_types(event_type)}
        named: list[SubjectKind | None] = [*sorted(kind for kind in kinds if kind)]
        for kind in named or [None]:
            given = self._meaning(event_type, names, kind) | words
            data = self._filler(names.tenant, given).fill(EVENT_TYPES[event_type], event_type)
            yield self._event(event_type, names.tenant, data, names.scac)

    def _meaning(self, event_type: str, names: Names, kind: SubjectKind | None) -> dict[str, Any]:
        """The fields that must name something that exists; all else is free."""
        given: dict[str, Any] = {
            "scac": names.scac,
            "line": 1,
            "stop": 1,
            "ShipmentLine.order": names.order,
            "ShipmentAssigned.load": names.load,
            "StopShipment.tenant": names.tenant,
            "StopShipment.tms_shipment": names.shipment,
            "SourceHeartbeat.carrier": names.scac,
            "ShipmentMilestone.code": _shown_code(at_stop=False),
            "LoadMilestone.code": _shown_code(at_stop=True),
            "ExceptionRaised.code": next(iter(EXCEPTIONS)),
        }
        if kind:
            given |= {"about": _about(kind, names), "references": self._references(event_type, names, kind)}
        return given

    def _references(self, event_type: str, names: Names, kind: SubjectKind) -> list[dict[str, str]]:
        """One of every type that may stand beside what the event is about."""
        found = []
        for name, meaning in REFERENCE_TYPES.items():
            if meaning.identifies in (kind, None):
                value = self._canaries.mint(names.tenant, f"{event_type}.references.{name}")
                by_carrier = {"carrier": names.scac} if meaning.unique_within is Uniqueness.CARRIER else {}
                found.append({"type": name.value, "value": value, **by_carrier})
        return found

    def _stop(self, number: int, names: Names) -> dict[str, Any]:
        given = {"stop": number, "tenant": names.tenant, "tms_shipment": names.shipment}
        return self._filler(names.tenant, given).fill(Stop, "shared load")

    def _reached(self, about: dict[str, str], number: int, names: Names) -> CloudEvent:
        given = {"about": about, "references": [], "stop": number, "code": _shown_code(at_stop=True)}
        data = self._filler(names.tenant, given).fill(LoadMilestone, "shared load's milestone")
        return self._event("load.milestone.v1", None, data)

    def _filler(self, tenant: str, given: dict[str, Any]) -> Filler:
        mint, mint_number = self._canaries.mint, self._canaries.mint_number
        return Filler(lambda field: mint(tenant, field), lambda field: mint_number(tenant, field), given)

    def _event(self, event_type: str, tenant: str | None, data: dict[str, Any], scac: str | None = None) -> CloudEvent:
        self._now += timedelta(seconds=1)
        return {
            "specversion": "1.0",
            "id": self._canaries.mint(tenant, f"{event_type} id"),
            "source": self._source(event_type, tenant, scac),
            "type": event_type,
            "time": self._now.isoformat(),
            **({"tenant": tenant} if tenant else {}),
            "data": data,
        }

    def _source(self, event_type: str, tenant: str | None, scac: str | None) -> str:
        """Who owns what the event sets, by a name of the tenant's own; a carrier speaks under its code."""
        weights = OWNERS[event_type]
        role = max(weights, key=lambda one: (weights[one], one.value))
        if (tenant, role) not in self._sources:
            name = scac if scac and role is Role.CARRIER else self._canaries.mint(tenant, f"{role} source")
            self._sources[tenant, role] = f"/{role.value}/{name}"
        return self._sources[tenant, role]


def _about(kind: SubjectKind, names: Names) -> dict[str, str]:
    value = {SubjectKind.ORDER: names.order, SubjectKind.SHIPMENT: names.shipment, SubjectKind.LOAD: names.load}[kind]
    return {"type": _ABOUT[kind].value, "value": value}


def _shown_code(*, at_stop: bool) -> str:
    """A milestone that a customer sees, and that ends nothing."""
    shown = (code for code, one in MILESTONES.items() if one.customer_visible and not one.closes_as)
    return next(code for code in shown if MILESTONES[code].at_stop is at_stop)
