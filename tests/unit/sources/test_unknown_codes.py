"""Whatever the format: a code nobody here knows is kept as it came, and moves no shipment."""

import json

import pytest

from projections.envelope import decode
from projections.event import Rejection, RejectionReason
from projections.sources.adapter import CanonicalEvent, Source
from projections.sources.codes.x12_freight import CHARGE_KINDS
from projections.sources.registry import FORMATS
from tests.messages import milestone
from tests.unit.sources.edifact_messages import interchange as edifact_interchange
from tests.unit.sources.edifact_messages import message as iftsta
from tests.unit.sources.shown_after import TENANT, shown_after
from tests.unit.sources.x12_messages import NOW, TMS, data_of, interchange, rejections, status, transaction

EPCIS = {
    "type": "ObjectEvent",
    "eventID": "urn:uuid:7d5a4a0c-2f43-4f16-9d6c-3a1b1c9e0001",
    "eventTime": "2026-03-05T06:10:00Z",
    "eventTimeZoneOffset": "+01:00",
    "action": "OBSERVE",
    "bizStep": "https://example.com/steps/levitating",
    "epcList": ["urn:epc:id:sscc:5701234.3987654321"],
}
DCSA = {
    "eventID": "f8f1c0de-0b7e-4d8e-9f7b-2a6c3b1d0001",
    "eventCreatedDateTime": "2026-03-05T09:00:00Z",
    "eventType": "EQUIPMENT",
    "eventClassifierCode": "ACT",
    "eventDateTime": "2026-03-05T08:00:00+01:00",
    "equipmentEventTypeCode": "WXYZ",
    "equipmentReference": "HLXU1234567",
    "emptyIndicatorCode": "LADEN",
}
BLUECREST = {"eventId": 9, "proNumber": 730184562, "statusCode": 4711, "eventTimeMs": 1772442900000}
NORDVIK = {
    "parcels": [
        {
            "parcelNumber": "NV-1",
            "scans": [{"scanId": "s1", "scannedAt": "2026-03-02T10:15:00Z", "event": {"code": "WHAT"}}],
        }
    ]
}
TRANSALPINA = {
    "messaggio": "m1",
    "spedizione": {
        "numero": "TA-1",
        "movimenti": [{"progressivo": 1, "stato": "QUA", "data": "02/03/2026", "ora": "10:15"}],
    },
}


def of(carrier, name="carrier"):
    return Source(f"/{name}/{carrier.lower()}", tenant=TENANT if name != "carrier" else None, carrier=carrier)


# Format, source, body, the name it is known by, the code as it came.
UNKNOWN = [
    ("x12", of("RDFX"), interchange(status("LX*1", "AT7*Q9*NS***20261103*1830*ET")), ("pro", "7004512"), "Q9/NS"),
    ("x12", of("RDFX"), interchange(status("LX*1", "AT7***Q9*NA*20261103*1830*ET")), ("pro", "7004512"), "Q9/NA"),
    ("x12", of("RDFX"), interchange(status("LX*1", "Q5*VD*261103*1830*ET")), ("pro", "7004512"), "VD"),
    ("x12", of("RDFX"), interchange(status("LX*1", "Q7*Z")), ("pro", "7004512"), "Q7 Z"),
    ("edifact", of("ALPN"), edifact_interchange(iftsta("CNI+1", "STS+1+999", "RFF+CN:AL-1")), ("pro", "AL-1"), "999"),
    ("epcis", of("HUB", "3pl"), EPCIS, ("package_sscc", ""), "https://example.com/steps/levitating"),
    ("dcsa", of("HLCU"), DCSA, ("tracking_number", "HLXU1234567"), "WXYZ"),
    (
        "csv",
        of("ALPN", "3pl"),
        "time,tracking_number,code\n2026-03-02T10:15:00Z,AL-1,levitated\n",
        ("tracking_number", "AL-1"),
        "levitated",
    ),
    ("carrier_json:bluecrest", of("BLCR"), BLUECREST, ("pro", "730184562"), "4711"),
    ("carrier_json:nordvik", of("NDVK"), NORDVIK, ("tracking_number", "NV-1"), "WHAT"),
    ("carrier_json:transalpina", of("TRAL"), TRANSALPINA, ("tracking_number", "TA-1"), "QUA"),
]


@pytest.mark.parametrize(("name", "source", "body", "known_by", "raw_code"), UNKNOWN)
def test_an_unknown_code_is_kept_and_means_nothing(name, source, body, known_by, raw_code):
    raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    taken = list(FORMATS[name]([raw], source))
    (event,) = [json.loads(one.body) for one in taken if isinstance(one, CanonicalEvent)]
    assert (event["data"]["code"], event["data"]["raw_code"]) == ("unmapped", raw_code)
    about = event["data"]["about"]
    assert (about["type"], about["value"]) == (known_by[0], known_by[1] or about["value"])
    shown = shown_after(taken, about)
    assert (shown["status"], shown["phase"], shown["milestones"], shown["exceptions"]) == ("planned", "planned", [], [])


def test_every_format_is_tried():
    """CloudEvents say our own words: an unknown one is a mistake, which the intake refuses."""
    assert {name for name, *_ in UNKNOWN} | {"events"} == set(FORMATS)
    (only,) = FORMATS["events"]([milestone(code="levitated")], Source("/erp/import"))
    refusal = decode(only.body, NOW)
    assert isinstance(refusal, Rejection)
    assert refusal.reason is RejectionReason.UNKNOWN_CODE


def test_an_unknown_answer_to_a_tender_is_refused_and_an_unknown_charge_shown_by_its_code():
    source = Source("/carrier/RDFX", tenant=TENANT, carrier="RDFX")
    (refusal,) = rejections(interchange(transaction("990", "B1*RDFX*S-1*20261104*Z")), source)
    assert refusal.reason is RejectionReason.UNKNOWN_CODE
    bill = transaction("210", "B3**I-5*S-1*PP**20261112*100****RDFX", "N9*CN*1", "LX*1", "L1*1***100****QQQ")
    assert "QQQ" not in CHARGE_KINDS
    assert data_of(interchange(bill), TMS)[0].kind == "Charge QQQ"
