"""For each reason intake can refuse a message for by itself: such a message, and where it points."""

import msgspec

from projections.event import RejectionReason
from tests.messages import at, message, milestone, order_released, pro, shipment_planned


def _changed(body: bytes, **envelope: object) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(body) | envelope)


ABOUT = {"about": {"type": "tms_shipment", "value": "S-1"}}
LONE = {"about": {"type": "pro", "value": "PRO-S-1"}, "code": "departed"}

REFUSED = [
    (RejectionReason.MALFORMED, "", b'{"specversion": "1.0"'),
    (RejectionReason.MALFORMED, "", b"\xff\xfe not JSON"),
    (RejectionReason.MALFORMED, "", b'{"id": "\\ud800"}'),
    (RejectionReason.OVERSIZED, "", b" " * 1_048_577),
    (RejectionReason.UNKNOWN_TYPE, "/type", message("shipment.teleported.v1", {})),
    (RejectionReason.UNKNOWN_TYPE, "/type", message("nul\0nul", {})),
    (RejectionReason.UNKNOWN_VERSION, "/type", message("shipment.planned.v9", {})),
    (RejectionReason.INVALID, "/specversion", _changed(milestone(), specversion="2.0")),
    (RejectionReason.INVALID, "/time", milestone(time="yesterday")),
    (RejectionReason.INVALID, "/time", milestone(time="2026-03-02T08:00:00")),
    (RejectionReason.INVALID, "/id", milestone(id="a\0b")),
    (RejectionReason.INVALID, "/tenant", order_released(tenant="nord wind\0")),
    (RejectionReason.INVALID, "/data/code", message("shipment.milestone.v1", {"about": pro(), "code": 5})),
    (RejectionReason.INVALID, "/data", message("shipment.cancelled.v1", {**ABOUT, "typo\0": 1})),
    (RejectionReason.INVALID, "/data/reason", message("shipment.cancelled.v1", {**ABOUT, "reason": "a\0b"})),
    (RejectionReason.INVALID, "/data/place/city", milestone(city="Ham\0burg")),
    (
        RejectionReason.INVALID,
        "/data/about/carrier",
        message("shipment.milestone.v1", {"about": {**pro(), "carrier": "A B\0"}, "code": "departed"}),
    ),
    (
        RejectionReason.INVALID,
        "/data/money/amount",
        message(
            "charge.posted.v1", {**ABOUT, "charge": "C", "kind": "x", "money": {"amount": "sNaN", "currency": "EUR"}}
        ),
    ),
    (
        RejectionReason.INVALID,
        "/data/money/amount",
        message(
            "charge.posted.v1",
            {**ABOUT, "charge": "C", "kind": "x", "money": {"amount": "1e999999", "currency": "EUR"}},
        ),
    ),
    (
        RejectionReason.INVALID,
        "/data/quantity",
        message(
            "order.line_allocated.v1",
            {"about": {"type": "erp_order", "value": "SO-1"}, "line": 1, "quantity": 10**30},
            source="/wms/hall1",
        ),
    ),
    (RejectionReason.INVALID, "/tenant", message("customer.changed.v1", {"name": "N"}, source="/erp/x", tenant=None)),
    (RejectionReason.UNKNOWN_SOURCE, "/source", milestone(source="/weather/station")),
    (RejectionReason.NOT_OWNER, "/type", shipment_planned(source="/crm/desk")),
    (RejectionReason.TIME_IMPOSSIBLE, "/time", milestone(time="1999-12-31T23:59:59Z")),
    (RejectionReason.TIME_IMPOSSIBLE, "/time", milestone(time="2099-01-01T00:00:00Z")),
    (RejectionReason.TIME_IMPOSSIBLE, "/time", milestone(time="0001-01-01T00:00:00+14:00")),
    (
        RejectionReason.TIME_IMPOSSIBLE,
        "/data/eta_at",
        message("shipment.eta_changed.v1", {**ABOUT, "eta_at": at(24 * 365 * 90)}),
    ),
    (RejectionReason.UNKNOWN_CODE, "/data/code", milestone(code="teleported")),
    (RejectionReason.WRONG_REFERENCE, "/data/about", message("shipment.milestone.v1", LONE, source="/carrier/ABFS")),
    (RejectionReason.WRONG_REFERENCE, "/data/about", message("shipment.cancelled.v1", ABOUT, tenant=None)),
    (
        RejectionReason.WRONG_REFERENCE,
        "/data/about/type",
        message("shipment.cancelled.v1", {"about": {"type": "erp_order", "value": "SO-1"}}),
    ),
]
