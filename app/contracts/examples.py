"""One event of every type, all of one story: a customer's order from its release to its return.

Nordwind Baustoffhandel orders hinges and rails as SO-20071. They travel from Hamburg to Kiel as TS-88412
on load LD-3307 and arrive a day late, one rail short. A second order is called off before it ships.
Built from the structs the intake decodes into, so the type checker guards what the contract shows.
"""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec

from projections import events
from projections.event import Event
from projections.events import EVENT_TYPES, EventData
from projections.ownership import authority_of, role_of
from projections.references import Reference, ReferenceType
from projections.values import Carrier, Money, OrderLine, Place, ShipmentLine, Stop, StopShipment

TENANT = "nordwind"
_NAMES = {data_type: name for name, data_type in EVENT_TYPES.items()}
_ERP, _WMS, _TMS, _CARRIER, _CRM = "/erp/main", "/wms/hamburg", "/tms/main", "/carrier/ndvk", "/crm/service"
_ZONE = timezone(timedelta(hours=1))


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=_ZONE)


def _order(number: str) -> Reference:
    return Reference(ReferenceType.ERP_ORDER, number)


def _shipment(number: str) -> Reference:
    return Reference(ReferenceType.TMS_SHIPMENT, number)


_ORDER, _CALLED_OFF = _order("SO-20071"), _order("SO-20072")
_SHIPMENT, _CALLED_OFF_SHIPMENT = _shipment("TS-88412"), _shipment("TS-88413")
_AT_WMS = Reference(ReferenceType.WMS_SHIPMENT, "WS-5530")
_PRO = Reference(ReferenceType.PRO, "NV-730184562", "NDVK")
_LOAD = Reference(ReferenceType.LOAD, "LD-3307")
_INVOICE = "INV-90412"
_RETURN = "RMA-2208"
_DELAY = "NV-EX-5512"
_SSCC = "340123450000738214"

_ALPEX = Carrier("ALPX", "Alpex Spedition")
_NORDVIK = Carrier("NDVK", "Nordvik Transport")
_HAMBURG = Place("Distribution centre Hamburg", "Hamburg", country="DE", postal_code="21129", code="DEHAM")
_NEUMUENSTER = Place("Terminal Neumünster", "Neumünster", country="DE")
_KIEL = Place("Nordwind branch Kiel", "Kiel", "Schleswig-Holstein", "DE", "24143", "DEKEL")
_PROMISED = _at(6, 12)
_SHIPPED = (ShipmentLine("SO-20071", 1, 240), ShipmentLine("SO-20071", 2, 39))


class Example(msgspec.Struct, frozen=True):
    """An event as its source says it."""

    time: datetime
    source: str
    id: str
    data: EventData
    tenant: str | None = TENANT

    @property
    def type(self) -> str:
        return _NAMES[type(self.data)]

    @property
    def event(self) -> Event:
        """The event this is understood as; without bytes, for it was never sent."""
        role = role_of(self.source)
        authority = authority_of(self.type, role) if role else None
        return Event(self.id, self.source, self.type, self.time, self.tenant, authority or 0, self.data, b"")

    @property
    def cloud_event(self) -> dict[str, Any]:
        """The CloudEvent, as JSON values."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "time": self.time.isoformat(),
            **({"tenant": self.tenant} if self.tenant else {}),
            "datacontenttype": "application/json",
            "data": about_first(msgspec.json.decode(msgspec.json.encode(self.data))),
        }


def about_first(fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields in reading order: what an event is about, then what it says of it."""
    named = {name: fields[name] for name in ("about", "references") if name in fields}
    return named | fields


_ORDER_STORY = (
    Example(
        _at(2, 7, 30),
        _ERP,
        "erp-700412",
        events.CustomerChanged(name="Nordwind Baustoffhandel", contact_email="logistik@nordwind.example"),
    ),
    Example(
        _at(2, 9, 15),
        _ERP,
        "erp-700431",
        events.OrderReleased(
            about=_ORDER,
            references=(Reference(ReferenceType.CUSTOMER_PO, "PO-4500118"),),
            lines=(
                OrderLine(1, "HINGE-40", 240, "Hinge 40 mm, galvanised", _PROMISED),
                OrderLine(2, "RAIL-2M", 60, "Mounting rail 2 m"),
            ),
            ordered_at=_at(2, 8, 50),
            promised_at=_PROMISED,
            ship_to=_KIEL,
        ),
    ),
    Example(
        _at(2, 11, 5),
        _ERP,
        "erp-700498",
        events.OrderAmended(about=_ORDER, lines=(OrderLine(2, "RAIL-2M", 40, "Mounting rail 2 m"),)),
    ),
    Example(_at(2, 11, 20), _WMS, "wms-h-81120", events.LineAllocated(about=_ORDER, line=1, quantity=240)),
    Example(
        _at(2, 11, 21),
        _WMS,
        "wms-h-81121",
        events.LineBackordered(about=_ORDER, line=2, quantity=1, expected_at=_at(16, 8)),
    ),
    Example(
        _at(3, 8, 10),
        _ERP,
        "erp-700702",
        events.OrderCancelled(about=_CALLED_OFF, reason="Ordered twice"),
    ),
    Example(
        _at(3, 8, 12),
        _TMS,
        "tms-41077",
        events.ShipmentCancelled(about=_CALLED_OFF_SHIPMENT, reason="Its order was cancelled"),
    ),
)

_PLANNING_STORY = (
    Example(
        _at(3, 9, 0),
        _TMS,
        "tms-41090",
        events.ShipmentPlanned(
            about=_SHIPMENT,
            ship_to=_KIEL,
            carrier=_ALPEX,
            service="Groupage 24/48",
            mode="road",
            origin=_HAMBURG,
            planned_pickup_at=_at(4, 15),
            planned_delivery_at=_at(5, 10),
            promised_at=_PROMISED,
            lines=(ShipmentLine("SO-20071", 1, 240), ShipmentLine("SO-20071", 2, 40)),
        ),
    ),
    Example(_at(3, 9, 2), _TMS, "tms-41091", events.ShipmentTendered(about=_SHIPMENT, carrier=_ALPEX)),
    Example(
        _at(3, 10, 30),
        _TMS,
        "tms-41104",
        events.TenderRejected(about=_SHIPMENT, carrier=_ALPEX, reason="No capacity on that day"),
    ),
    Example(_at(3, 13, 45), _TMS, "tms-41122", events.TenderAccepted(about=_SHIPMENT, carrier=_NORDVIK)),
    Example(
        _at(3, 14, 0),
        _TMS,
        "tms-41125",
        events.LoadPlanned(
            about=_LOAD,
            stops=(
                Stop(1, "pickup", _HAMBURG, _at(4, 15), (StopShipment(TENANT, "TS-88412"),)),
                Stop(2, "delivery", _KIEL, _at(5, 10), (StopShipment(TENANT, "TS-88412"),)),
            ),
            carrier=_NORDVIK,
            equipment="Curtain-sider 13.6 m",
        ),
        tenant=None,
    ),
    Example(_at(3, 14, 1), _TMS, "tms-41126", events.ShipmentAssigned(about=_SHIPMENT, load="LD-3307")),
    Example(_at(3, 14, 5), _TMS, "tms-41127", events.ReferenceLinked(about=_SHIPMENT, references=(_AT_WMS, _PRO))),
)

_JOURNEY_STORY = (
    Example(
        _at(4, 13, 10),
        _WMS,
        "wms-h-81377",
        events.PackagePacked(
            about=_AT_WMS,
            references=(Reference(ReferenceType.PACKAGE_SSCC, _SSCC),),
            package=_SSCC,
            tracking_number="NV-730184562-1",
            weight_kg=412.5,
            lines=_SHIPPED,
        ),
    ),
    Example(
        _at(4, 15, 20),
        _WMS,
        "wms-h-81402",
        events.ShipmentShipped(about=_AT_WMS, lines=_SHIPPED, packages_count=1, weight_kg=412.5),
    ),
    Example(
        _at(4, 15, 35),
        _CARRIER,
        "nv-9100231",
        events.LoadMilestone(about=_LOAD, code="departed", place=_HAMBURG, stop=1),
        tenant=None,
    ),
    Example(
        _at(4, 19, 40),
        _CARRIER,
        "nv-9100377",
        events.ShipmentMilestone(about=_PRO, code="arrived_at_terminal", place=_NEUMUENSTER, note="Dock 14"),
        tenant=None,
    ),
    Example(
        _at(5, 5, 50),
        _CARRIER,
        "nv-9100544",
        events.ExceptionRaised(
            about=_PRO, exception=_DELAY, code="mechanical", place=_NEUMUENSTER, note="Tail lift out of order"
        ),
        tenant=None,
    ),
    Example(_at(5, 5, 55), _CARRIER, "nv-9100545", events.EtaChanged(about=_PRO, eta_at=_at(6, 14)), tenant=None),
    Example(
        _at(5, 8, 30),
        _CRM,
        "crm-33018",
        events.CaseLinked(about=_SHIPMENT, case="CASE-7719"),
    ),
    Example(_at(6, 6, 10), _CARRIER, "nv-9100801", events.ExceptionCleared(about=_PRO, exception=_DELAY), tenant=None),
    Example(
        _at(6, 10, 5),
        _CARRIER,
        "nv-9100862",
        events.EventRetracted(about=_PRO, retracts="nv-9100860"),
        tenant=None,
    ),
    Example(
        _at(6, 13, 25),
        _CARRIER,
        "nv-9100899",
        events.DocumentAdded(
            about=_PRO, document="NV-POD-730184562", kind="pod", title="Proof of delivery", signed_by="J. Petersen"
        ),
        tenant=None,
    ),
    Example(_at(6, 14, 0), _CARRIER, "nv-9100910", events.SourceHeartbeat(carrier="NDVK"), tenant=None),
)

_MONEY_STORY = (
    Example(
        _at(6, 16, 0),
        _TMS,
        "tms-41390",
        events.ChargePosted(about=_SHIPMENT, charge="CH-55120", kind="Freight", money=Money(Decimal("186.40"), "EUR")),
    ),
    Example(
        _at(6, 18, 0),
        _ERP,
        "erp-701544",
        events.InvoicePosted(
            about=_ORDER, invoice=_INVOICE, total=Money(Decimal("1482.74"), "EUR"), due_at=_at(20, 23)
        ),
    ),
    Example(
        _at(9, 9, 0),
        _ERP,
        "erp-701702",
        events.ReturnAuthorised(about=_ORDER, authorisation=_RETURN, reason="Twelve hinges bent in transit"),
    ),
    Example(_at(12, 11, 40), _WMS, "wms-h-82215", events.ReturnReceived(about=_ORDER, authorisation=_RETURN)),
    Example(
        _at(19, 10, 15),
        _ERP,
        "erp-702960",
        events.PaymentChanged(about=_ORDER, invoice=_INVOICE, status="paid"),
    ),
)

STORY = (*_ORDER_STORY, *_PLANNING_STORY, *_JOURNEY_STORY, *_MONEY_STORY)
EXAMPLES = {example.type: example for example in STORY}
