"""Carriers' webhooks: three carriers in three styles, each by its own mapping."""

import json

import pytest

from projections.event import RejectionReason
from projections.sources.adapter import Rejected, Source
from projections.sources.carrier_json import MappingError, carrier_json
from projections.sources.carrier_json.mappings import load, read
from tests.unit.sources.taken_words import bodies, ignored, in_pieces, rejections

MAPPINGS = load()
SCAN = {
    "scanId": "s-1",
    "event": {"code": "DEP", "text": "On the lorry", "unheard_of": [1]},
    "scannedAt": "2026-03-02T10:15:00+01:00",
    "depot": {"city": "Bergen", "countryCode": "no", "unlocode": "NOBGO"},
}
PARCELS = {"parcels": [{"parcelNumber": "NV-1", "scans": [SCAN]}]}
FLAT = {"eventId": 9, "proNumber": 730184562, "statusCode": 60, "eventTimeMs": 1772442900000, "city": "Tulsa"}
SPEDIZIONE = {
    "messaggio": "m1",
    "spedizione": {
        "numero": "TA-9",
        "consegna_prevista": "05/03/2026",
        "movimenti": [
            {"progressivo": 1, "stato": "RIT", "data": "02/03/2026", "ora": "10:15", "filiale": {"citta": "Verona"}},
            {"progressivo": 2, "stato": "GIA", "causale": "D", "data": "02/03/2026", "ora": "18:00"},
        ],
    },
}


def taken(carrier, body, source=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(
        carrier_json(MAPPINGS[carrier])(in_pieces(body), source or Source(f"/carrier/{MAPPINGS[carrier].carrier}"))
    )


def scan(**changes):
    return {"parcels": [{"parcelNumber": "NV-1", "scans": [SCAN | changes]}]}


def test_scans_below_parcels_become_milestones():
    (event,) = bodies(taken("nordvik", PARCELS))
    assert event["id"].startswith("s-1-")
    assert event["time"] == "2026-03-02T10:15:00+01:00"
    assert event["data"] == {
        "about": {"type": "tracking_number", "value": "NV-1", "carrier": "NDVK"},
        "code": "departed_terminal",
        "raw_code": "DEP",
        "note": "On the lorry",
        "place": {"city": "Bergen", "country": "NO", "code": "NOBGO"},
    }


def test_each_scan_is_of_its_own_parcel():
    body = {"parcels": [{"parcelNumber": f"NV-{n}", "scans": [SCAN, SCAN | {"scanId": "s-2"}]} for n in (1, 2)]}
    events = bodies(taken("nordvik", body))
    assert [event["data"]["about"]["value"] for event in events] == ["NV-1", "NV-1", "NV-2", "NV-2"]
    assert len({event["id"] for event in events}) == 4


def test_a_flat_event_has_its_time_in_milliseconds():
    (event,) = bodies(taken("bluecrest", FLAT))
    assert event["data"]["about"] == {"type": "pro", "value": "730184562", "carrier": "BLCR"}
    assert event["data"]["code"] == "delivered"
    assert event["time"] == "2026-03-02T09:15:00Z"


def test_a_date_and_a_time_of_day_apart_are_local_time_as_the_carrier_keeps_it():
    events = bodies(taken("transalpina", SPEDIZIONE))
    assert [event["type"].split(".")[1] for event in events] == [
        "milestone",
        "eta_changed",
        "exception_raised",
        "eta_changed",
    ]
    assert events[0]["time"] == "2026-03-02T10:15:00+01:00"
    assert events[0]["data"]["tz_source"] == "carrier"
    assert events[1]["data"]["eta_at"] == "2026-03-05T00:00:00+01:00"
    assert (events[2]["data"]["code"], events[2]["data"]["raw_code"]) == ("papers_missing", "D")


def test_a_body_may_be_an_array_and_one_bad_object_harms_no_other():
    found = taken("bluecrest", [FLAT, {"statusCode": 60}, "nonsense", FLAT | {"eventId": 10}])
    assert len(bodies(found)) == 2
    assert [rejection.detail for rejection in rejections(found)] == [
        "object 2, event 1: eventTimeMs gives no time",
        "object 3 is not an object",
    ]


def test_a_code_nobody_mapped_stays_unmapped():
    (event,) = bodies(taken("bluecrest", FLAT | {"statusCode": "61"}))
    assert (event["data"]["code"], event["data"]["raw_code"]) == ("unmapped", "61")


def test_a_reason_nobody_mapped_is_a_problem_only_where_the_code_says_so():
    held = bodies(taken("bluecrest", FLAT | {"statusCode": 70, "reasonCode": "Q9"}))
    assert [(event["data"]["code"], event["data"]["raw_code"]) for event in held] == [("other", "Q9")]
    assert len(bodies(taken("bluecrest", FLAT | {"reasonCode": "Q9"}))) == 1


def test_a_problem_can_be_over():
    events = bodies(taken("nordvik", scan(event={"code": "CLR"})))
    assert [event["type"] for event in events] == ["shipment.milestone.v1", "shipment.exception_cleared.v1"]


def test_a_code_to_ignore_is_accounted_for():
    assert ignored(taken("nordvik", scan(event={"code": "REG"}))) == ["the body, event 1 says nothing we keep"]
    assert ignored(taken("nordvik", {"parcels": []})) == ["the body has no events"]


def test_an_amended_event_under_the_same_native_id_is_another_event():
    first, amended = (bodies(taken("nordvik", scan(**change)))[0]["id"] for change in ({}, {"depot": {}}))
    assert first != amended
    assert first == bodies(taken("nordvik", PARCELS))[0]["id"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scannedAt": "2026-02-30T10:00:00Z"}, RejectionReason.TIME_IMPOSSIBLE),
        ({"scannedAt": "1971-01-01T10:00:00Z"}, RejectionReason.TIME_IMPOSSIBLE),
        ({"scannedAt": None}, RejectionReason.INVALID),
        ({"event": {}}, RejectionReason.INVALID),
        ({"event": "DEP"}, RejectionReason.INVALID),
        ({"depot": {"countryCode": "NORWAY"}}, RejectionReason.INVALID),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(change, reason):
    (rejection,) = rejections(taken("nordvik", scan(**change)))
    assert rejection.reason is reason


def test_an_event_that_names_no_shipment_is_refused():
    (rejection,) = rejections(taken("nordvik", {"parcels": [{"scans": [SCAN]}]}))
    assert rejection.reason is RejectionReason.WRONG_REFERENCE


def test_a_shippers_number_is_used_only_with_the_tenant_of_the_source():
    body = json.loads(json.dumps(SPEDIZIONE))
    body["spedizione"] |= {"numero": None, "riferimento_mittente": "S-1"}
    assert len(rejections(taken("transalpina", body))) == 2
    events = bodies(taken("transalpina", body, Source("/carrier/transalpina", tenant="nordwind")))
    assert {event["data"]["about"]["type"] for event in events} == {"tms_shipment"}


@pytest.mark.parametrize("body", [b"", b"{", b"[", b"null", b"7", b"\xff", b"{}", b"[" * 5000, b'{"parcels": 1}'])
def test_what_is_no_message_is_accounted_for(body):
    assert rejections(taken("nordvik", body))


def test_a_refused_event_can_be_read_again_alone():
    body = {"parcels": [{"parcelNumber": "NV-1", "scans": [SCAN, SCAN | {"scannedAt": "never"}]}], "account": "A"}
    (refusal,) = (one for one in taken("nordvik", body) if isinstance(one, Rejected))
    assert json.loads(refusal.raw)["parcels"][0]["parcelNumber"] == "NV-1"
    (rejection,) = rejections(taken("nordvik", refusal.raw))
    assert rejection.reason is RejectionReason.TIME_IMPOSSIBLE


MINIMAL = """
carrier = "XKVT"
name = "X"
code = "code"
about = [{ type = "pro", field = "pro" }]
time = { field = "at" }
codes = { A = { milestone = "departed" } }
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "X"', 'nmae = "X"', "x.toml: Object contains unknown field `nmae`"),
        ('code = "code"', 'code = "a..b"', "x.toml: Expected `str` matching regex"),
        ('"departed"', '"depatred"', "x.toml: codes.A: no milestone is called depatred"),
        ('milestone = "departed"', 'exception = "rain"', "x.toml: codes.A: no exception is called rain"),
        ('milestone = "departed"', "", "x.toml: codes.A: give what it means, or eta_only, or ignore"),
        ('"pro",', '"erp_order",', "x.toml: about: a erp_order does not name a shipment"),
        ('"at" }', '"at", zone = "Mars/Base" }', "x.toml: time: no time zone is called Mars/Base"),
        ('"at" }', '"at", format = "iso" }', "x.toml: time: iso is neither"),
        ('name = "X"', "name = X", "x.toml: Invalid value"),
        ('name = "X"', 'name = "X"\nreasons = { B = "rain" }', "x.toml: reasons.B: no exception is called rain"),
        ('name = "X"', 'name = "X"\nsignature = { header = "H", algorithm = "md5" }', "x.toml: Invalid enum value"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_what_is_wrong(old, new, words):
    assert read("x.toml", MINIMAL)
    with pytest.raises(MappingError) as refusal:
        read("x.toml", MINIMAL.replace(old, new))
    assert str(refusal.value).startswith(words)
