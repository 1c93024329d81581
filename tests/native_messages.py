"""A good and a broken message in one body, for each format: what doors for native messages are tried with."""

import json
from typing import Any, NamedTuple

from tests.messages import milestone
from tests.unit.sources import edifact_messages as iftsta
from tests.unit.sources.x12_messages import interchange, status


class Pair(NamedTuple):
    """One body with one good and one broken message; the reason the broken one is refused for."""

    body: bytes
    reason: str


_PICKED_UP = {
    "type": "ObjectEvent",
    "eventID": "urn:uuid:7d5a4a0c-2f43-4f16-9d6c-3a1b1c9e0001",
    "eventTime": "2026-03-05T06:10:00Z",
    "eventTimeZoneOffset": "+01:00",
    "action": "OBSERVE",
    "bizStep": "departing",
    "epcList": ["urn:epc:id:sscc:5701234.3987654321"],
}
_LOADED = {
    "eventID": "f8f1c0de-0b7e-4d8e-9f7b-2a6c3b1d0001",
    "eventCreatedDateTime": "2026-03-05T09:00:00Z",
    "eventType": "EQUIPMENT",
    "eventClassifierCode": "ACT",
    "eventDateTime": "2026-03-05T08:00:00+01:00",
    "equipmentEventTypeCode": "LOAD",
    "equipmentReference": "HLXU1234567",
    "emptyIndicatorCode": "LADEN",
}
_DELIVERED = {"eventId": 9, "proNumber": 730184562, "statusCode": 60, "eventTimeMs": 1772442900000}
X12_GOOD = status("LX*1", "AT7*AF*NS***20260302*1015*UT")
X12_BROKEN = status("LX*1", "AT7*AF*NS***20260230*1015*UT", control="0002")


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


PAIRS = {
    "x12": Pair(interchange(X12_GOOD, X12_BROKEN), "time_impossible"),
    "edifact": Pair(
        iftsta.interchange(
            iftsta.message(*iftsta.SHIPPED), iftsta.message(*iftsta.SHIPPED, reference="M2", count=99)
        ).encode(),
        "malformed",
    ),
    "epcis": Pair(
        _json(
            {
                "type": "EPCISDocument",
                "schemaVersion": "2.0",
                "epcisBody": {"eventList": [_PICKED_UP, _PICKED_UP | {"eventTime": "2026-02-30T00:00:00Z"}]},
            }
        ),
        "time_impossible",
    ),
    "dcsa": Pair(_json({"events": [_LOADED, _LOADED | {"eventDateTime": "soon"}]}), "invalid"),
    "csv": Pair(
        b"time,tracking_number,code\n2026-03-02T10:15:00Z,AL-1,picked_up\nyesterday,AL-1,departed\n",
        "time_impossible",
    ),
    "carrier_json:bluecrest": Pair(_json([_DELIVERED, _DELIVERED | {"eventTimeMs": "x"}]), "time_impossible"),
    "events": Pair(milestone() + b"\n{\n", "malformed"),
}
