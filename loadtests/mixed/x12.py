"""What carriers, the warehouses and the TMS write in X12: 214, 856, 204, 990 and 210, an interchange a message."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby

from loadtests.mixed.known import Thing
from projections.event import Event
from projections.events import (
    ChargePosted,
    EtaChanged,
    ShipmentMilestone,
    ShipmentShipped,
    ShipmentTendered,
    TenderAccepted,
    TenderRejected,
)
from projections.references import ReferenceType
from projections.sources.codes.x12 import STATUSES
from projections.values import Place

_CODES = {one.milestone: code for code, one in STATUSES.items() if one.milestone and not (one.exception or one.clears)}
_QUALIFIERS = {ReferenceType.PRO: "CN", ReferenceType.BOL: "BM", ReferenceType.TRACKING_NUMBER: "2I"}


def status_214(event: Event, thing: Thing, control: int) -> bytes | None:
    data = event.data
    if isinstance(data, ShipmentMilestone):
        code, when, where = _CODES.get(data.code), event.occurred_at, data.place
    elif isinstance(data, EtaChanged):
        code, when, where = "AG", data.eta_at, None
    else:
        return None
    if code is None or data.about.type is not ReferenceType.PRO:
        return None
    shipper = thing.numbers[ReferenceType.TMS_SHIPMENT]
    segments = [
        f"B10*{data.about.value}*{shipper}*{data.about.carrier}",
        "LX*1",
        f"AT7*{code}*NS***{_date(when)}*{_time(when)}*UT",
        *_ms1(where),
    ]
    return interchange("214", "QM", segments, event.occurred_at, control)


def ship_notice_856(event: Event, thing: Thing, control: int) -> bytes | None:
    data = event.data
    if not isinstance(data, ShipmentShipped):
        return None
    day, clock = _date(event.occurred_at), _time(event.occurred_at)
    segments = [
        f"BSN*00*{data.about.value}*{day}*{clock}*0001",
        "HL*1**S",
        f"TD1*CTN25*{data.packages_count}****G*{data.weight_kg}*KG",
        f"DTM*011*{day}*{clock}",
        *_orders(data),
    ]
    return interchange("856", "SH", segments, event.occurred_at, control) if thing.numbers else None


def _orders(data: ShipmentShipped) -> Iterator[str]:
    level = 1
    for order, lines in groupby(data.lines, lambda line: line.order):
        level += 1
        above = level
        yield f"HL*{level}*1*O"
        yield f"PRF*{order}"
        for line in lines:
            level += 1
            yield f"HL*{level}*{above}*I"
            yield f"LIN*{line.line}"
            yield f"SN1**{line.quantity}*EA"
    yield f"CTT*{level}"


def tender_204(event: Event, thing: Thing, control: int) -> bytes | None:
    """The tender of one shipment: a load of its own, from where it lies to where it goes."""
    data = event.data
    if not isinstance(data, ShipmentTendered):
        return None
    number = thing.numbers[ReferenceType.TMS_SHIPMENT]
    segments = [
        f"B2**{data.carrier.scac}**LT-{number}**PP",
        "B2A*00",
        "S5*1*CL",
        f"L11*{number}*SI",
        f"G62*69*{_date(event.occurred_at)}*U*{_time(event.occurred_at)}*UT",
        "S5*2*CU",
        f"L11*{number}*SI",
    ]
    return interchange("204", "SM", segments, event.occurred_at, control)


def tender_990(event: Event, control: int) -> bytes | None:
    data = event.data
    if not isinstance(data, TenderAccepted | TenderRejected):
        return None
    answer = "A" if isinstance(data, TenderAccepted) else "D"
    links = [f"N9*{_QUALIFIERS[one.type]}*{one.value}" for one in data.references if one.type in _QUALIFIERS]
    segments = [f"B1*{data.carrier.scac}*{data.about.value}*{_date(event.occurred_at)}*{answer}", *links]
    return interchange("990", "GF", segments, event.occurred_at, control)


def freight_210(event: Event, thing: Thing, control: int) -> bytes | None:
    data = event.data
    if not isinstance(data, ChargePosted):
        return None
    number, amount = thing.numbers[ReferenceType.TMS_SHIPMENT], data.money.amount
    segments = [
        f"B3**{data.charge}*{number}*PP**{_date(event.occurred_at)}",
        f"C3*{data.money.currency}",
        "LX*1",
        f"L1*1***{amount}********{data.kind}",
        f"L3*****{amount}",
    ]
    return interchange("210", "IM", segments, event.occurred_at, control)


def interchange(code: str, group: str, segments: list[str], at: datetime, control: int) -> bytes:
    """One transaction set in an interchange of its own."""
    day, clock = _date(at), _time(at)[:4]
    parties = f"ZZ*{'SENDER':<15}*ZZ*{'PORTAL':<15}"
    parts = [
        f"ISA*00*{'':10}*00*{'':10}*{parties}*{day[2:]}*{clock}*U*00401*{control:09}*0*P*>",
        f"GS*{group}*SENDER*PORTAL*{day}*{clock}*{control}*X*004010",
        f"ST*{code}*0001",
        *segments,
        f"SE*{len(segments) + 2}*0001",
        f"GE*1*{control}",
        f"IEA*1*{control:09}",
    ]
    return "".join(f"{part}~" for part in parts).encode()


def _ms1(place: Place | None) -> list[str]:
    return [f"MS1*{place.city}**{place.country}"] if place and place.city else []


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d")


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H%M%S")
