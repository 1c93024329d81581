"""Who writes in which format: a simulated event as its source would have sent it."""

import msgspec

from loadtests.mixed import others, x12
from loadtests.mixed.known import Thing
from loadtests.mixed.messages import Sent, native
from projections.event import Event
from projections.events import ChargePosted, ShipmentShipped, ShipmentTendered, TenderAccepted, TenderRejected
from projections.sources.adapter import Source

# Two simulated carriers go under the codes of carriers whose webhooks are mapped.
RENAMED = (
    (b"TRVL", b"TRAL"),
    (b"/carrier/trvl", b"/carrier/tral"),
    (b"GRVF", b"BLCR"),
    (b"/carrier/grvf", b"/carrier/blcr"),
)
_X12 = frozenset({"rhnk", "alpx", "pdmt", "lstr", "aqla"})
_IFTSTA = frozenset({"hnsr", "pkeu"})
_DCSA = frozenset({"ocna", "blsk"})
_CSV = frozenset({"velo", "swpx"})


def as_sent(event: Event, thing: Thing, control: int) -> Sent | None:
    """The event as a native message; None where its source speaks CloudEvents."""
    role, _, name = event.source.lstrip("/").partition("/")
    match role:
        case "carrier":
            return _carriers(event, thing, name, control)
        case "wms":
            own = Source(event.source, tenant=thing.tenant)
            if isinstance(event.data, ShipmentShipped):
                return _sent("x12", own, x12.ship_notice_856(event, thing, control))
            return _sent("epcis", own, others.epcis(event))
        case "3pl":
            return _sent("csv", Source(event.source, tenant=thing.tenant), others.csv(event))
        case "tms":
            return _tenders(event, thing, control)
    return None


def _tenders(event: Event, thing: Thing, control: int) -> Sent | None:
    """The TMS offers and bills; what it would say of the carrier's answer, the carrier says itself."""
    data = event.data
    if isinstance(data, ChargePosted):
        return _sent("x12", Source(event.source, tenant=thing.tenant), x12.freight_210(event, thing, control))
    if isinstance(data, ShipmentTendered):
        return _sent("x12", Source(event.source, tenant=thing.tenant), x12.tender_204(event, thing, control))
    if isinstance(data, TenderAccepted | TenderRejected):
        scac = data.carrier.scac
        answering = Source(f"/carrier/{scac.lower()}", tenant=thing.tenant, carrier=scac)
        return _sent("x12", answering, x12.tender_990(event, control))
    return None


def _carriers(event: Event, thing: Thing, name: str, control: int) -> Sent | None:
    own = Source(event.source, carrier=name.upper())
    sent = None
    if name in _X12:
        sent = _sent("x12", own, x12.status_214(event, thing, control))
    elif name in _IFTSTA:
        zoned = msgspec.structs.replace(own, zone=others.IFTSTA_ZONE)
        sent = _sent("edifact", zoned, others.iftsta(event, control))
    elif name in _DCSA:
        sent = _sent("dcsa", own, others.dcsa(event))
    elif name in _CSV:
        sent = _sent("csv", own, others.csv(event))
    elif name == "blcr":
        sent = _sent("carrier_json:bluecrest", own, others.bluecrest(event))
    elif name == "ndvk":
        sent = _sent("carrier_json:nordvik", own, others.nordvik(event, thing))
    elif name == "tral":
        bound = msgspec.structs.replace(own, tenant=thing.tenant)
        sent = _sent("carrier_json:transalpina", bound, others.transalpina(event, thing))
    return sent


def _sent(form: str, source: Source, body: bytes | None) -> Sent | None:
    return native(form, source, body) if body is not None else None
