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
        "about": {"type": "pro", "value": f"PRO-{number}", "carrier": "ABFS"},
        "code": code,
        "place": {"city": city, "country": "DE"},
    }
    return message("shipment.milestone.v1", data, **{"source": "/carrier/ABFS", "tenant": None, **envelope})
