"""IFTSTA: what each status became."""

import pytest

from projections.event import RejectionReason
from projections.sources.adapter import Source
from projections.sources.codes import edifact as codes
from projections.statuses import EXCEPTIONS, MILESTONES
from tests.unit.sources.edifact_messages import SHIPPED, interchange, message, refused, single, taken
from tests.unit.sources.taken_words import bodies, ignored, rejections


def test_a_status_becomes_a_milestone_with_its_place_and_code():
    (event,) = single(*SHIPPED)
    assert event["type"] == "shipment.milestone.v1"
    assert event["source"] == "/carrier/alpn"
    assert event["time"] == "2026-03-02T10:15:00+01:00"
    assert event["data"] == {
        "about": {"type": "pro", "value": "AL-77120", "carrier": "ALPN"},
        "code": "picked_up",
        "raw_code": "13",
        "place": {"name": "Hamburg", "country": "DE", "code": "DEHAM"},
        "tz_source": "location",
    }


@pytest.mark.parametrize("directory", ["D:96A", "D:00B", "D:10B", "D:21A"])
def test_the_directory_makes_no_difference(directory):
    assert single(*SHIPPED, directory=directory) == single(*SHIPPED)


# The same status in the order of each directory's segment groups, with what each puts around it.
AS_IN_D96A = (
    "NAD+CA+ALPN:172", "CNI+1+C-1", "LOC+5+DEKEL", "CNT+7:9:KGM", "STS+1+24:::Left", "RFF+CN:AL-1",
    "DTM+78:202603021015:203", "DOC+730", "FTX+AAI+++x", "NAD+CN+++ALPHA", "CTA+IC", "LOC+9+DEHAM:139:6", "PCI+17",
    "TDT+20++3+31", "LOC+11+DEBER", "EQD+CN+MSKU1234567", "MEA+WT+AAB+KGM:1", "GID+1+1:PK", "PCI+18", "GIN+BN+1",
)  # fmt: skip
AS_IN_D00B = (
    "DTM+334:202603010900:203", "TSR+27", "NAD+CA+ALPN:172", "RFF+ACD:1", "CNI+1+C-1", "STS+1+24:::Left",
    "RFF+CN:AL-1", "DTM+334:202603021015:203", "DOC+730", "FTX+AAI+++x", "NAD+CN+++ALPHA", "LOC+9+DEHAM:139:6",
    "PCI+17", "TSR+27", "TDT+20++3+31", "DTM+133:202603021000:203", "RFF+AAM:9", "LOC+11+DEBER", "GID+1+1:PK",
)  # fmt: skip
AS_IN_D10B = (
    "TSR+27", "NAD+CA+ALPN:172", "CNI+1+C-1", "LOC+5+DEKEL", "STS++24:::Left", "RFF+CN:AL-1",
    "DTM+334:202603021015:203", "FTX+AHN+++x", "NAD+CZ+++ALPHA", "CTA+GR", "LOC+9+DEHAM:139:6", "GID+1+1:PK",
    "LOC+14+DEBER", "MEA+VOL++MTQ:2", "DIM+1+MTR:0.2:0.1:0.1", "PCI+17", "GIN+BN+1:2+3:4",
)  # fmt: skip


@pytest.mark.parametrize(
    ("directory", "segments"), [("D:96A", AS_IN_D96A), ("D:00B", AS_IN_D00B), ("D:10B", AS_IN_D10B)]
)
def test_a_status_is_read_by_its_structure_whatever_stands_around_it(directory, segments):
    (event,) = single(*segments, directory=directory)
    assert event["time"] == "2026-03-02T10:15:00+01:00"
    assert event["data"] == {
        "about": {"type": "pro", "value": "AL-1", "carrier": "ALPN"},
        "code": "departed",
        "place": {"country": "DE", "code": "DEHAM"},
        "note": "Left",
        "raw_code": "24",
        "tz_source": "location",
    }


def test_the_same_message_sent_again_in_another_interchange_is_the_same_event():
    first = bodies(taken(interchange(message(*SHIPPED), reference="1")))
    again = bodies(taken(interchange(message(*SHIPPED, reference="M9"), reference="2")))
    assert first == again


def test_a_changed_message_is_another_event():
    later = [segment.replace("1015", "1115") for segment in SHIPPED]
    assert single(*SHIPPED)[0]["id"] != single(*later)[0]["id"]


def test_several_consignments_keep_apart():
    events = single("CNI+1+C-1", "STS+1+24", "CNI+2+C-2", "STS+1+21", "DTM+35:20260301:102")
    assert [event["data"]["about"]["value"] for event in events] == ["C-1", "C-2"]
    assert [event["data"]["code"] for event in events] == ["departed", "delivered"]


def test_what_the_header_names_is_no_consignment_in_particular_when_there_are_several():
    assert [event["data"]["about"]["value"] for event in single("RFF+CN:AL-1", "CNI+1+", "STS+1+24")] == ["AL-1"]
    found = taken(interchange(message("RFF+CN:AL-1", "CNI+1", "STS+1+24", "CNI+2", "STS+1+21")))
    assert {rejection.reason for rejection in rejections(found)} == {RejectionReason.WRONG_REFERENCE}


def test_equipment_may_stand_below_a_status_or_hold_statuses_itself():
    below = single("CNI+1", "STS+1+24", "EQD+CN+MSKU 1234565+45G1", directory="D:00B")
    above = single("EQD+CN+MSKU1234565+45G1", "STS+1+24", "EQD+CN+TRHU7654321", "STS+1+29", directory="D:10B")
    assert [event["data"]["about"]["value"] for event in below] == ["MSKU1234565"]
    assert [event["data"]["about"]["value"] for event in above] == ["MSKU1234565", "TRHU7654321"]


def test_statuses_that_stand_together_below_equipment_share_what_follows():
    events = single("EQD+CN+MSKU1234565", "STS+1+1", "STS+1+29", "DTM+334:202603010800:203", "RFF+BM:B-1")
    assert [event["data"]["about"]["value"] for event in events] == ["B-1", "B-1"]
    assert {event["time"] for event in events} == {"2026-03-01T08:00:00+01:00"}


def test_the_status_of_an_empty_container_says_nothing_of_goods():
    (event,) = single("CNI+1", "STS+1+82", "RFF+BN:BK-1", "EQD+CN+MSKU1234565+45G1:102:5+++4")
    assert (event["data"]["code"], event["data"]["raw_code"]) == ("unmapped", "82")


def test_at_sea_a_departure_is_a_vessels():
    (event,) = single(
        "CNI+1", "STS+1+24", "RFF+BM:B-1", "TDT+20+023N+1", "LOC+9+DEHAM:139:6", "DTM+186:202603010800:203"
    )
    assert event["data"]["code"] == "vessel_departed"
    assert event["data"]["place"]["code"] == "DEHAM"


def test_an_arrival_at_the_place_of_delivery_is_at_the_consignee():
    (event,) = single("CNI+1", "STS+1+1", "RFF+CN:1", "LOC+7+SEGOT:139:6")
    assert event["data"]["code"] == "arrived_at_delivery"


@pytest.mark.parametrize(
    ("dtm", "time", "tz_source"),
    [
        ("DTM+334:20260302:102", "2026-03-02T00:00:00+01:00", "source"),
        ("DTM+334:260302:101", "2026-03-02T00:00:00+01:00", "source"),
        ("DTM+334:2603021015:201", "2026-03-02T10:15:00+01:00", "source"),
        ("DTM+334:202603021015:203", "2026-03-02T10:15:00+01:00", "source"),
        ("DTM+334:20260302101530:204", "2026-03-02T10:15:30+01:00", "source"),
        ("DTM+334:202603021015UTC:303", "2026-03-02T10:15:00Z", None),
        ("DTM+334:202603021015+05:303", "2026-03-02T10:15:00+05:00", None),
        ("DTM+334:202603021015-03:303", "2026-03-02T10:15:00-03:00", None),
        ("DTM+334:202603021015?+0530:205", "2026-03-02T10:15:00+05:30", None),
        ("DTM+334:20260302101530EST:304", "2026-03-02T10:15:30-05:00", None),
        ("DTM+334:202603021015", "2026-03-02T10:15:00+01:00", "source"),
        ("DTM+334:20260302:102'DTM+334:101500:402", "2026-03-02T10:15:00+01:00", "source"),
        ("DTM+334:202603021015202603021200:719", "2026-03-02T10:15:00+01:00", "source"),
    ],
)
def test_a_time_is_read_by_its_format(dtm, time, tz_source):
    count = 9 if "'" in dtm else 8
    (event,) = single("CNI+1", "STS+1+24", "RFF+CN:1", dtm.replace("+05:", "?+05:"), count=count)
    assert event["time"] == time
    assert event["data"].get("tz_source") == tz_source


def test_without_any_zone_a_time_is_assumed_to_be_utc_and_says_so():
    (event,) = single("CNI+1", "STS+1+24", "RFF+CN:1", source=Source("/carrier/alpn", carrier="ALPN"))
    assert event["data"]["tz_source"] == "assumed"
    assert event["time"] == "2026-03-02T12:00:00Z"


@pytest.mark.parametrize(
    "dtm",
    ["334:20260230:102", "334:202603022560:203", "334:2026032:102", "334:202603021015+99:303", "334:20260302:203"],
)
def test_an_impossible_time_is_refused_and_not_shifted(dtm):
    rejection = refused(interchange(message("CNI+1", "STS+1+24", "RFF+CN:1", f"DTM+{dtm.replace('+', '?+')}")))
    assert rejection.reason is RejectionReason.TIME_IMPOSSIBLE
    assert "segment 8 (DTM+334)" in rejection.detail


def test_a_zone_that_has_two_meanings_is_refused():
    rejection = refused(interchange(message("CNI+1", "STS+1+24", "RFF+CN:1", "DTM+334:202603021015CST:303")))
    assert rejection.reason is RejectionReason.INVALID


def test_what_is_only_expected_has_not_happened():
    (event,) = single("CNI+1", "STS+1+21", "RFF+CN:1", "DTM+191:202603051400:203")
    assert event["type"] == "shipment.eta_changed.v1"
    assert event["data"]["eta_at"] == "2026-03-05T14:00:00+01:00"
    found = taken(interchange(message("CNI+1", "STS+1+24", "RFF+CN:1", "DTM+133:202603051400:203")))
    assert ignored(found)
    assert not bodies(found)


def test_an_arrival_expected_at_the_place_of_delivery_is_an_eta_in_that_places_zone():
    leg = ("TDT+20++3", "LOC+9+DEHAM", "DTM+132:202603030800:203", "LOC+7+FIHEL", "DTM+132:202603041200:203")
    events = single("CNI+1", "STS+1+24", "RFF+CN:1", "DTM+334:202603021000:203", *leg)
    assert [event["data"]["eta_at"] for event in events if "eta_at" in event["data"]] == ["2026-03-04T12:00:00+02:00"]


def test_a_reason_is_an_exception_beside_the_milestone():
    events = single("CNI+1", "STS+1+23+6+63", "RFF+CN:1")
    assert [(event["type"].split(".")[1], event["data"]["code"], event["data"]["raw_code"]) for event in events] == [
        ("milestone", "delivery_attempted", "23"),
        ("exception_raised", "consignee_unavailable", "6"),
        ("exception_raised", "weather", "63"),
    ]


def test_a_delay_without_a_reason_we_know_is_an_exception_all_the_same():
    (event,) = single("CNI+1", "STS+1+20+X9::86", "RFF+CN:1")
    assert (event["data"]["code"], event["data"]["raw_code"]) == ("other", "X9")


def test_an_appointment_is_a_reason_and_no_problem():
    (event,) = single("CNI+1", "STS+1+24+5", "RFF+CN:1")
    assert event["type"] == "shipment.milestone.v1"


def test_clearance_by_customs_ends_what_customs_held():
    events = single("CNI+1", "STS+1+12", "RFF+CN:1")
    assert events[0]["data"]["code"] == "customs_cleared"
    assert [event["data"]["exception"] for event in events[1:]] == ["customs_hold", "customs_papers_missing"]


@pytest.mark.parametrize(("sts", "raw"), [("1+Z1", "Z1"), ("1+21::86", "21"), ("1:D2:21", "1:D2:21"), ("1+999", "999")])
def test_a_code_we_do_not_know_stays_unmapped_with_its_raw_code(sts, raw):
    (event,) = single("CNI+1", f"STS+{sts}", "RFF+CN:1")
    assert (event["data"]["code"], event["data"]["raw_code"]) == ("unmapped", raw)


def test_a_status_of_another_category_is_left_alone():
    assert ignored(taken(interchange(message("CNI+1", "STS+2+1", "RFF+ON:1"))))


def test_a_status_without_a_code_is_refused():
    rejection = refused(interchange(message("CNI+1", "STS+1", "RFF+CN:1")))
    assert rejection.reason is RejectionReason.INVALID
    assert rejection.detail == "message M1: segment 6 (STS) gives no status (C555)"


def test_the_message_says_whose_numbers_they_are():
    (event,) = single("NAD+CA+XKVT:160", "CNI+1", "STS+1+24", "RFF+BM:B-1", source=Source("/tms/main"))
    assert event["data"]["about"] == {"type": "bol", "value": "B-1", "carrier": "XKVT"}


def test_the_carrier_of_a_leg_is_not_the_one_whose_numbers_they_are():
    (event,) = single("CNI+1", "STS+1+24", "RFF+BM:B-1", "TDT+20++3+31+RAIL:172")
    assert event["data"]["about"]["carrier"] == "ALPN"


def test_a_shippers_number_needs_the_tenant_declared_for_the_source():
    status = ("CNI+1", "STS+1+24", "RFF+SRN:S-1")
    (event,) = single(*status, source=Source("/3pl/alpn", tenant="nordwind"))
    assert event["tenant"] == "nordwind"
    assert event["data"]["about"] == {"type": "tms_shipment", "value": "S-1"}
    rejection = refused(interchange(message(*status)), Source("/carrier/alpn"))
    assert rejection.reason is RejectionReason.WRONG_REFERENCE


def test_a_package_names_its_shipment_where_nothing_else_does():
    goods = ("CNI+1", "STS+1+24", "GID+1+1:PK", "PCI+17", "GIN+BN+00340123450000000018:00340123450000000025")
    (event,) = single(*goods, source=Source("/3pl/alpn"))
    assert event["data"]["about"] == {"type": "package_sscc", "value": "340123450000000018"}


def test_a_cancellation_takes_back_what_its_content_gave():
    text = interchange(message(*SHIPPED))
    (made,) = bodies(taken(text))
    (taken_back,) = bodies(taken(text.replace("R-1+9'", "R-1+1'")))
    assert taken_back["type"] == "event.retracted.v1"
    assert taken_back["data"]["retracts"] == made["id"]


def test_every_code_of_the_tables_is_a_word_of_ours():
    for meaning in codes.STATUSES.values():
        assert meaning.milestone is None or meaning.milestone in MILESTONES
        assert meaning.exception is None or meaning.exception in EXCEPTIONS
        assert set(meaning.clears) <= set(EXCEPTIONS)
    assert {code for code in codes.REASONS.values() if code} <= set(EXCEPTIONS)
