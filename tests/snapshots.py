"""Records of upstream snapshots, written for tests."""

from typing import Any

from tests.messages import at


def invoice(number: str = "INV-1", order: str = "SO-1", hours: float = 50, **record: Any) -> dict[str, Any]:
    """An invoice as it was `hours` after the start: that of `messages.invoice_posted`, paid."""
    return {
        "number": number,
        "order": order,
        "tenant": "nordwind",
        "total": {"amount": "120.50", "currency": "EUR"},
        "status": "paid",
        "updated_at": at(hours).isoformat(),
        **record,
    }


def shipment(number: str = "S-1", order: str = "SO-1", hours: float = 50, **record: Any) -> dict[str, Any]:
    """A shipment as it was `hours` after the start: that of `messages.shipment_planned`."""
    return {
        "number": number,
        "tenant": "nordwind",
        "references": [{"type": "pro", "value": f"PRO-{number}", "carrier": "ABFS"}],
        "carrier": {"scac": "ABFS", "name": "Arrow Freight"},
        "ship_to": {"name": "Depot", "city": "Kiel", "country": "DE"},
        "promised_at": at(96).isoformat(),
        "lines": [{"order": order, "line": 1, "quantity": 10}],
        "updated_at": at(hours).isoformat(),
        **record,
    }
