"""Events written for tests, as their sources would send them."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_IDS = itertools.count(1)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def message(event_type: str, data: dict[str, Any], **envelope: Any) -> bytes:
    """One CloudEvent; the envelope's attributes can be given, `hours` after START for its time."""
    hours = envelope.pop("hours", 0)
    attributes = {
        "specversion": "1.0",
        "id": f"e{next(_IDS)}",
        "source": "/tms/main",
        "type": event_type,
        "time": at(hours),
        "tenant": "nordwind",
        **envelope,
    }
    present = {name: value for name, value in attributes.items() if value is not None}
    return msgspec.json.encode(present | {"data": data})


def order_released(number: str = "SO-1", quantity: int = 10, **envelope: Any) -> bytes:
    data = {
        "about": {"type": "erp_order", "value": number},
        "references": [{"type": "customer_po", "value": f"PO-{number}"}],
        "lines": [{"line": 1, "sku": "HINGE-40", "quantity": quantity, "description": "Hinge 40 mm"}],
        "promised_at": at(96),
    }
    return message("order.released.v1", data, **{"source": "/erp/main", **envelope})


def shipment_planned(number: str = "S-1", order: str = "SO-1", quantity: int = 10, **envelope: Any) -> bytes:
    data = {
        "about": {"type": "tms_shipment", "value": number},
        "references": [{"type": "pro", "value": f"PRO-{number}", "carrier": "ABFS"}],
        "carrier": {"scac": "ABFS", "name": "Arrow Freight"},
        "ship_to": {"name": "Depot", "city": "Kiel", "country": "DE"},
        "promised_at": at(96),
        "lines": [{"order": order, "line": 1, "quantity": quantity}],
    }
    return message("shipment.planned.v1", data, **envelope)


def milestone(number: str = "S-1", code: str = "departed", city: str = "Hamburg", **envelope: Any) -> bytes:
    data = {
        "about": envelope.pop("about", pro(number)),
        "code": code,
        "place": {"city": city, "country": "DE"},
    }
    return message("shipment.milestone.v1", data, **{"source": "/carrier/ABFS", "tenant": None, **envelope})


def exception_raised(number: str = "S-1", code: str = "weather", **envelope: Any) -> bytes:
    """Under an id that is its code, so that it can be raised again and cleared."""
    data = {"about": pro(number), "exception": code, "code": code}
    return message("shipment.exception_raised.v1", data, **{"source": "/carrier/ABFS", "tenant": None, **envelope})


def exception_cleared(number: str = "S-1", code: str = "weather", **envelope: Any) -> bytes:
    data = {"about": pro(number), "exception": code}
    return message("shipment.exception_cleared.v1", data, **{"source": "/carrier/ABFS", "tenant": None, **envelope})


def eta_changed(eta_hours: float, number: str = "S-1", **envelope: Any) -> bytes:
    """Expected `eta_hours` after the start."""
    data = {"about": pro(number), "eta_at": at(eta_hours)}
    return message("shipment.eta_changed.v1", data, **{"source": "/carrier/ABFS", "tenant": None, **envelope})


def shipment_assigned(number: str = "S-1", load: str = "L-1", **envelope: Any) -> bytes:
    about = envelope.pop("about", {"type": "tms_shipment", "value": number})
    return message("load.shipment_assigned.v1", {"about": about, "load": load}, **envelope)


def load_milestone(load: str = "L-1", code: str = "departed", **envelope: Any) -> bytes:
    data = {"about": {"type": "load", "value": load}, "code": code, "place": {"city": "Hub", "country": "DE"}}
    return message("load.milestone.v1", data, **{"source": "/carrier/ABFS", "tenant": None, **envelope})


def reference_linked(about: dict[str, str], *references: dict[str, str], **envelope: Any) -> bytes:
    return message("reference.linked.v1", {"about": about, "references": references}, **envelope)


def invoice_posted(number: str = "INV-1", order: str = "SO-1", **envelope: Any) -> bytes:
    data = {
        "about": {"type": "erp_order", "value": order},
        "invoice": number,
        "total": {"amount": "120.50", "currency": "EUR"},
    }
    return message("invoice.posted.v1", data, **{"source": "/erp/main", **envelope})


def payment_changed(number: str = "INV-1", **envelope: Any) -> bytes:
    data = {"about": {"type": "invoice", "value": number}, "invoice": number, "status": "paid"}
    return message("invoice.payment_changed.v1", data, **{"source": "/erp/main", **envelope})


def charge_posted(charge: str = "C-1", number: str = "S-1", **envelope: Any) -> bytes:
    money = {"amount": "120.50", "currency": "EUR"}
    about = envelope.pop("about", {"type": "tms_shipment", "value": number})
    return message(
        "charge.posted.v1", {"about": about, "charge": charge, "kind": "freight", "money": money}, **envelope
    )


def document_added(document: str = "POD-1", number: str = "S-1", **envelope: Any) -> bytes:
    about = {"type": "tms_shipment", "value": number}
    return message("document.added.v1", {"about": about, "document": document, "kind": "pod"}, **envelope)


def retracted(event_id: str, about: dict[str, str], **envelope: Any) -> bytes:
    return message("event.retracted.v1", {"about": about, "retracts": event_id}, **envelope)


def pro(number: str = "S-1") -> dict[str, str]:
    return {"type": "pro", "value": f"PRO-{number}", "carrier": "ABFS"}


def tms_shipment(number: str = "S-1") -> dict[str, str]:
    return {"type": "tms_shipment", "value": number}
