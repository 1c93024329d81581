"""CSV uploads: one row one event, each told apart by its number."""

import pytest

from projections.event import RejectionReason
from projections.sources.adapter import Rejected, Source
from projections.sources.csv_rows import Layout, csv_rows, csv_rows_of
from tests.unit.sources.taken_words import bodies, ignored, in_pieces, rejections

WAREHOUSE = Source("/3pl/lager", tenant="nordwind", carrier="ALPN", zone="Europe/Berlin")
HEADER = "time,tracking_number,code,city,country"
ROW = "2026-03-02T10:15:00+01:00,AL-1,picked_up,Hamburg,DE"


def taken(text, source=WAREHOUSE, encoding="utf-8", **layout):
    return list(csv_rows(in_pieces(text.encode(encoding)), source, Layout(**layout)))


def single(*lines, source=WAREHOUSE, **layout):
    found = taken("\n".join(lines), source, **layout)
    assert not rejections(found)
    (event,) = bodies(found)
    return event


def refused(*lines, source=WAREHOUSE, **layout):
    (rejection,) = rejections(taken("\n".join(lines), source, **layout))
    return rejection


def test_a_row_becomes_a_milestone():
    event = single(HEADER, ROW)
    assert event["type"] == "shipment.milestone.v1"
    assert event["tenant"] == "nordwind"
    assert event["time"] == "2026-03-02T10:15:00+01:00"
    assert event["data"] == {
        "about": {"type": "tracking_number", "value": "AL-1", "carrier": "ALPN"},
        "code": "picked_up",
        "place": {"city": "Hamburg", "country": "DE"},
    }


def test_headings_are_known_by_what_people_call_them():
    assert single("Timestamp;Tracking No.;STATUS;Town;Country Code", ROW.replace(",", ";")) == single(HEADER, ROW)


def test_a_mapping_names_headings_nobody_else_uses():
    mapping = {"Wann": "time", "Sendung": "tracking_number"}
    assert single(HEADER.replace("time", "Wann").replace("tracking_number", "SENDUNG"), ROW, columns=mapping) == single(
        HEADER, ROW
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_header(delimiter):
    assert single(HEADER.replace(",", delimiter), ROW.replace(",", delimiter)) == single(HEADER, ROW)


def test_a_delimiter_may_be_announced_as_spreadsheets_do():
    assert single("sep=;", HEADER.replace(",", ";"), ROW.replace(",", ";")) == single(HEADER, ROW)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_like(end):
    assert bodies(taken(HEADER + end + ROW + end)) == [single(HEADER, ROW)]


def test_a_byte_order_mark_is_no_part_of_the_first_heading():
    assert bodies(taken("\ufeff" + HEADER + "\n" + ROW)) == [single(HEADER, ROW)]


def test_bytes_that_are_not_utf_8_are_latin_1_where_that_is_declared():
    text = HEADER + "\n" + ROW.replace("Hamburg", "Köln")
    (event,) = bodies(taken(text, encoding="latin-1"))
    assert event["data"]["place"]["city"] == "Köln"
    (rejection,) = rejections(taken(text, encoding="latin-1", fallback=None))
    assert rejection.detail.startswith("row 2: byte 43 is not UTF-8")


def test_a_utf_16_file_is_refused_by_name():
    (rejection,) = rejections(taken(HEADER + "\n" + ROW, encoding="utf-16"))
    assert "UTF-16" in rejection.detail


def test_a_quoted_field_may_hold_line_ends_and_delimiters():
    event = single(HEADER + ",note", ROW + ',"left at the gate,\nbeside ""B"""')
    assert event["data"]["note"] == 'left at the gate,\nbeside "B"'


def test_rows_are_counted_as_a_spreadsheet_counts_them():
    rejection = refused(HEADER + ",note", ROW + ',"two\nlines"', "nonsense")
    assert rejection.reason is RejectionReason.MALFORMED
    assert rejection.detail == "row 3 has 1 fields, the header 6"


def test_a_quote_that_never_closes_costs_its_own_row_only():
    found = taken("\n".join([HEADER, ROW.replace("Hamburg", '"Hamburg'), *[ROW] * 60]))
    assert [rejection.detail[:6] for rejection in rejections(found)] == ["row 2:"]
    assert len(bodies(found)) == 60


def test_a_row_of_the_wrong_width_costs_nothing_else():
    found = taken("\n".join([HEADER, ROW + ",more", ROW]))
    assert [rejection.detail for rejection in rejections(found)] == ["row 2 has 6 fields, the header 5"]
    assert len(bodies(found)) == 1


def test_blank_rows_are_no_messages_and_empty_ones_are_accounted_for():
    found = taken(f"{HEADER}\n\n{ROW}\n,,,,")
    assert ignored(found) == ["row 4 is empty"]
    assert len(bodies(found)) == 1


def test_a_header_without_a_time_refuses_the_file_row_by_row():
    found = taken("tracking_number,code\nAL-1,picked_up\n")
    assert [rejection.reason for rejection in rejections(found)] == [RejectionReason.MALFORMED] * 2


def test_two_columns_of_one_meaning_are_refused():
    assert "more than one column is tracking_number" in rejections(taken("time,tracking,awb\n"))[0].detail


def test_a_file_without_rows_is_accounted_for():
    assert rejections(taken(""))
    assert ignored(taken(HEADER)) == ["the file has a header and no rows"]


def test_a_refused_row_can_be_read_again_alone():
    (refusal,) = (one for one in taken(f"{HEADER}\n{ROW}\nx,AL-1,picked_up,,") if isinstance(one, Rejected))
    (again,) = csv_rows([refusal.raw], WAREHOUSE)
    assert again.rejection.reason is RejectionReason.TIME_IMPOSSIBLE


def test_an_eta_row_says_when_it_is_expected():
    event = single("event,time,pro,eta", "ETA,2026-03-02 10:15,P-1,2026-03-05 14:00")
    assert event["type"] == "shipment.eta_changed.v1"
    assert event["data"]["eta_at"] == "2026-03-05T14:00:00+01:00"
    assert event["data"]["tz_source"] == "source"


def test_a_packed_row_is_a_package_of_the_warehouses_shipment():
    event = single(
        "event,time,shipment,tracking,package,weight,order,line,qty",
        'packed,2026-03-02 10:15,D-1,AL-1,C-1,"12,5",SO-1,1,4',
    )
    assert event["type"] == "package.packed.v1"
    assert event["data"] == {
        "about": {"type": "wms_shipment", "value": "D-1"},
        "package": "C-1",
        "tracking_number": "AL-1",
        "weight_kg": 12.5,
        "lines": [{"order": "SO-1", "line": 1, "quantity": 4}],
    }


def test_a_shipped_row_may_hold_several_lines():
    event = single("event,time,shipment,cartons,lines", "shipped,2026-03-02 10:15,D-1,2,SO-1:1:10; SO-1:2:5")
    assert event["type"] == "shipment.shipped.v1"
    assert event["data"]["packages_count"] == 2
    assert [line["quantity"] for line in event["data"]["lines"]] == [10, 5]


def test_an_exception_row_gives_its_reason():
    event = single("event,time,pro,reason", "exception,2026-03-02 10:15,P-1,weather")
    assert (event["type"], event["data"]["code"]) == ("shipment.exception_raised.v1", "weather")


def test_a_code_nobody_knows_stays_unmapped():
    event = single(HEADER, ROW.replace("picked_up", "Abgeholt"))
    assert (event["data"]["code"], event["data"]["raw_code"]) == ("unmapped", "Abgeholt")


@pytest.mark.parametrize(
    ("columns", "fields", "time", "tz_source"),
    [
        ("time", "2026-03-02T10:15:00Z", "2026-03-02T10:15:00Z", None),
        ("time", "02.03.2026 10:15", "2026-03-02T10:15:00+01:00", "source"),
        ("time,country", "2026-03-02 10:15,FI", "2026-03-02T10:15:00+02:00", "location"),
        ("time,zone", "2026-03-02 10:15,America/New_York", "2026-03-02T10:15:00-05:00", None),
        ("date,clock", "2026-03-02,10:15", "2026-03-02T10:15:00+01:00", "source"),
        ("date,time", "2026-03-02,10:15", "2026-03-02T10:15:00+01:00", "source"),
    ],
)
def test_a_time_without_an_offset_says_where_its_zone_is_from(columns, fields, time, tz_source):
    event = single(f"{columns},pro,code", f"{fields},P-1,departed")
    assert event["time"] == time
    assert event["data"].get("tz_source") == tz_source


@pytest.mark.parametrize("time", ["2026-02-30 10:00", "31.04.2026", "yesterday"])
def test_an_impossible_time_is_refused(time):
    assert refused("time,pro,code", f"{time},P-1,departed").reason is RejectionReason.TIME_IMPOSSIBLE


def test_a_day_that_may_be_two_is_refused_unless_the_layout_says_which():
    lines = ("time,pro,code", "03/04/2026 10:00,P-1,departed")
    assert "may be two different days" in refused(*lines).detail
    assert single(*lines, time_format="%m/%d/%Y %H:%M")["time"].startswith("2026-03-04")


def test_a_source_declared_for_one_customer_does_not_speak_for_another():
    lines = ("time,tenant,wms_shipment,code", "2026-03-02 10:15,suedwind,D-1,packed")
    assert refused(*lines).reason is RejectionReason.WRONG_REFERENCE
    assert single(*lines, source=Source("/3pl/lager"))["tenant"] == "suedwind"


def test_a_row_that_names_no_shipment_says_what_is_missing():
    lines = ("time,pro,wms_shipment,code", "2026-03-02 10:15,P-1,D-1,packed")
    detail = refused(*lines, source=Source("/3pl/lager")).detail
    assert detail == "row 2: pro needs a carrier; wms_shipment needs a tenant"


def test_the_same_row_sent_again_is_the_same_event_and_a_changed_one_another():
    assert single(HEADER, ROW)["id"] == single(HEADER, ROW)["id"]
    assert single(HEADER, ROW)["id"] != single(HEADER, ROW.replace("10:15", "10:16"))["id"]
    assert single("id," + HEADER, "N7," + ROW)["id"].startswith("N7-")


def test_what_intake_would_refuse_is_refused_with_its_row():
    rejection = refused(HEADER, ROW.replace("DE", "Germany"))
    assert rejection.reason is RejectionReason.INVALID
    assert rejection.detail.startswith("row 2: ")
    assert rejection.pointer == "/data/place/country"


def test_a_layout_makes_an_adapter():
    adapter = csv_rows_of(Layout(columns={"Wann": "time"}))
    assert len(bodies(list(adapter([("Wann" + HEADER[4:] + "\n" + ROW).encode()], WAREHOUSE)))) == 1
