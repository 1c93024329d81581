"""What EPCIS events become."""

import json

import pytest

from projections.event import RejectionReason
from projections.sources.adapter import Rejected, Source
from projections.sources.epcis import epcis
from projections.sources.epcis.identifiers import gln_of, sscc_of, transaction_number, word
from tests.unit.sources.taken_words import bodies, ignored, in_pieces, rejections

STORE = Source("/3pl/nordlager", tenant="norvik")
WAREHOUSE = Source("/wms/aarhus", tenant="norvik")
CARRIER = Source("/carrier/DSVF", carrier="DSVF")
PALLET, PALLET_URN = "357012349876543212", "urn:epc:id:sscc:5701234.3987654321"
DOCK, DOOR, ELSEWHERE = (
    "urn:epc:id:sgln:5701234.00001.0",
    "urn:epc:id:sgln:5701234.00001.7",
    "urn:epc:id:sgln:5701234.00002.0",
)


def event(step="shipping", **changes):
    said = {
        "type": "ObjectEvent",
        "eventID": "urn:uuid:7d5a4a0c-2f43-4f16-9d6c-3a1b1c9e0001",
        "eventTime": "2026-03-05T06:10:00Z",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "bizStep": step,
        "epcList": [PALLET_URN],
        "readPoint": {"id": DOCK},
    } | changes
    return {name: value for name, value in said.items() if value is not None}


def packing(**changes):
    return event("packing", type="AggregationEvent", action="ADD", epcList=None, parentID=PALLET_URN, **changes)


def document(*events, **head):
    return json.dumps({"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": events}} | head)


def take(*events, source=STORE):
    body = document(*events).encode()
    taken = list(epcis([body], source))
    assert taken == list(epcis(in_pieces(body), source))
    return taken


def only(*events, source=STORE):
    (body,) = bodies(take(*events, source=source))
    return body


def refused(*events, source=STORE):
    (rejection,) = rejections(take(*events, source=source))
    return rejection.reason, rejection.pointer


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("picking", "picking_started"),
        ("staging_outbound", "staged"),
        ("loading", "loaded"),
        ("shipping", "departed"),
        ("departing", "departed"),
        ("transporting", "en_route"),
        ("arriving", "arrived_at_terminal"),
    ],
)
@pytest.mark.parametrize(
    "spelling", ["{}", "urn:epcglobal:cbv:bizstep:{}", "https://ref.gs1.org/cbv/BizStep-{}", "cbv:BizStep-{}"]
)
def test_each_step_reaches_its_milestone_in_every_spelling(step, code, spelling):
    said = only(event(spelling.format(step)))
    assert said["type"] == "shipment.milestone.v1"
    assert (said["data"]["code"], said["data"]["raw_code"]) == (code, step)
    assert said["data"]["about"] == {"type": "package_sscc", "value": PALLET}


def test_a_step_of_a_vendors_own_is_kept_as_it_came_and_not_guessed():
    said = only(event("https://vocabulary.example/steps/shipping"))["data"]
    assert (said["code"], said["raw_code"]) == ("unmapped", "https://vocabulary.example/steps/shipping")


def test_time_is_told_on_the_clock_of_the_place():
    assert only(event())["time"] == "2026-03-05T07:10:00+01:00"
    assert only(event(eventTime="2026-03-05T01:10:00.125-05:00"))["time"] == "2026-03-05T07:10:00.125000+01:00"


def test_a_time_without_offset_is_read_in_the_offset_of_the_place():
    said = only(event(eventTime="2026-03-05T07:10:00"))
    assert (said["time"], "tz_source" in said["data"]) == ("2026-03-05T07:10:00+01:00", False)


def test_a_time_without_any_offset_says_whose_zone_it_was_read_in():
    said = only(event(eventTime="2026-03-05T07:10:00", eventTimeZoneOffset=None))
    assert (said["time"], said["data"]["tz_source"]) == ("2026-03-05T07:10:00Z", "assumed")


@pytest.mark.parametrize(
    ("changes", "reason", "pointer"),
    [
        ({"eventTime": None}, RejectionReason.INVALID, "/eventTime"),
        ({"eventTime": "5 March"}, RejectionReason.INVALID, "/eventTime"),
        ({"eventTime": "2026-02-30T06:10:00Z"}, RejectionReason.TIME_IMPOSSIBLE, "/eventTime"),
        ({"eventTime": "1926-03-05T06:10:00Z"}, RejectionReason.TIME_IMPOSSIBLE, "/eventTime"),
        ({"eventTimeZoneOffset": "+19:00"}, RejectionReason.INVALID, "/eventTimeZoneOffset"),
        ({"action": None}, RejectionReason.INVALID, "/action"),
        ({"action": "MOVE"}, RejectionReason.INVALID, "/action"),
        ({"type": "QuantityEvent"}, RejectionReason.UNKNOWN_TYPE, "/type"),
        ({"epcList": [PALLET_URN, 7]}, RejectionReason.INVALID, "/epcList/1"),
        ({"epcList": ["urn:epc:id:sscc:5701234.39"]}, RejectionReason.WRONG_REFERENCE, "/epcList/0"),
        ({"epcList": ["https://id.gs1.org/00/357012349876543210"]}, RejectionReason.WRONG_REFERENCE, "/epcList/0"),
        ({"epcList": ["urn:epc:id:sgtin:5701234.098765.1"]}, RejectionReason.WRONG_REFERENCE, ""),
        ({"readPoint": 5}, RejectionReason.INVALID, "/readPoint"),
        ({"bizTransactionList": [{"type": "po"}]}, RejectionReason.INVALID, "/bizTransactionList/0/bizTransaction"),
    ],
)
def test_what_is_wrong_with_an_event_is_told_and_where(changes, reason, pointer):
    assert refused(event(**changes)) == (reason, pointer)


def test_one_broken_event_sinks_none_beside_it():
    taken = take(event(), event(eventTime="soon"), event("loading"))
    assert [one["data"]["code"] for one in bodies(taken)] == ["departed", "loaded"]
    assert [type(one) for one in taken][1] is Rejected
    assert json.loads(taken[1].raw)["eventTime"] == "soon"


def test_receiving_where_the_goods_were_to_go_is_delivery():
    there = {"destinationList": [{"type": "location", "destination": DOOR}]}
    assert only(event("receiving", **there))["data"]["code"] == "delivered"
    assert only(event("arriving", **there))["data"]["code"] == "arrived_at_delivery"
    party = {
        "destinationList": [
            {"type": "https://ref.gs1.org/cbv/SDT-possessing_party", "destination": "urn:epc:id:pgln:5701234.00001"}
        ]
    }
    assert only(event("receiving", **party))["data"]["code"] == "delivered"


def test_receiving_on_the_way_is_arrival_at_a_terminal():
    there = {"destinationList": [{"type": "location", "destination": ELSEWHERE}]}
    assert only(event("receiving", **there))["data"]["code"] == "arrived_at_terminal"


def test_receiving_without_a_destination_is_not_guessed_to_be_delivery():
    assert only(event("receiving"))["data"]["code"] == "unmapped"


def test_returned_goods_received_are_returned():
    assert only(event("receiving", disposition="returned"))["data"]["code"] == "returned"
    assert only(event("shipping", disposition="urn:epcglobal:cbv:disp:returned"))["data"]["code"] == "unmapped"


def test_damage_raises_an_exception_beside_the_milestone():
    milestone, damage = bodies(take(event("arriving", disposition="damaged")))
    assert milestone["data"]["code"] == "arrived_at_terminal"
    assert (damage["type"], damage["data"]["code"]) == ("shipment.exception_raised.v1", "damaged")
    assert milestone["id"] != damage["id"]


def test_packing_by_a_warehouse_is_a_package_of_the_shipment_its_despatch_advice_names():
    advice = [{"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:5701234000013:SHP%2F77"}]
    said = only(packing(bizTransactionList=advice), source=WAREHOUSE)
    assert said["type"] == "package.packed.v1"
    assert said["tenant"] == "norvik"
    assert said["data"] == {
        "about": {"type": "wms_shipment", "value": "SHP/77"},
        "references": [{"type": "package_sscc", "value": PALLET}],
        "package": PALLET,
    }


def test_packing_known_by_its_sscc_alone_is_about_that():
    said = only(packing(), source=WAREHOUSE)["data"]
    assert said == {"about": {"type": "package_sscc", "value": PALLET}, "package": PALLET}


def test_a_warehouses_shipping_is_its_ship_confirm():
    units = [PALLET_URN, "urn:epc:id:sscc:5701234.3987654322"]
    said = only(event(epcList=[*units, "urn:epc:id:gsin:5701234.987654321"]), source=WAREHOUSE)
    assert said["type"] == "shipment.shipped.v1"
    assert said["data"]["packages_count"] == len(units)
    assert said["data"]["about"]["type"] == "wms_shipment"


def test_a_carriers_event_is_about_its_bill_of_lading_before_the_units():
    bill = [{"type": "urn:epcglobal:cbv:btt:bol", "bizTransaction": "https://dsv.example/bol/BL-9001"}]
    said = only(event("departing", bizTransactionList=bill), source=CARRIER)["data"]
    assert said["about"] == {"type": "bol", "value": "BL-9001", "carrier": "DSVF"}
    assert "references" not in said


def test_each_unit_of_an_event_is_told_of_and_the_outermost_stands_for_its_content():
    units = [PALLET_URN, "https://id.gs1.org/00/357012349876543229"]
    assert len(bodies(take(event(epcList=units), source=CARRIER))) == len(units)
    inside = event("loading", type="AggregationEvent", epcList=None, parentID=PALLET_URN, childEPCs=units[1:])
    assert only(inside, source=CARRIER)["data"]["about"]["value"] == PALLET
    truck = event(
        "loading", type="AssociationEvent", epcList=None, parentID="urn:epc:id:grai:5701234.12345.1", childEPCs=units
    )
    assert len(bodies(take(truck, source=CARRIER))) == len(units)


@pytest.mark.parametrize(
    "silent",
    [
        event("commissioning", action="ADD"),
        event("stock_taking"),
        event("destroying", action="DELETE"),
        event(None),
        event("commissioning", type="TransformationEvent", action=None, inputEPCList=[PALLET_URN]),
    ],
)
def test_what_says_nothing_of_a_shipment_is_accounted_for(silent):
    taken = take(silent)
    assert len(ignored(taken)) == len(taken) == 1


def test_a_warehouse_cannot_say_that_goods_arrived():
    assert refused(event("arriving"), source=WAREHOUSE)[0] is RejectionReason.NOT_OWNER


@pytest.mark.parametrize("native_id", ["urn:uuid:7d5a4a0c-2f43-4f16-9d6c-3a1b1c9e0001", None])
def test_an_error_declaration_takes_back_all_that_the_event_said(native_id):
    wrong = event("arriving", disposition="damaged", eventID=native_id)
    said = bodies(take(wrong))
    declared = {
        "declarationTime": "2026-03-06T09:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:7d5a4a0c-2f43-4f16-9d6c-3a1b1c9e0002"],
    }
    withdrawn = bodies(take(wrong | {"errorDeclaration": declared, "recordTime": "2026-03-06T09:00:01Z"}))
    assert {one["type"] for one in withdrawn} == {"event.retracted.v1"}
    assert [one["data"]["retracts"] for one in withdrawn] == [one["id"] for one in said]
    assert [one["data"]["about"] for one in withdrawn] == [one["data"]["about"] for one in said]
    assert withdrawn[0]["time"] == "2026-03-06T09:00:00Z"


def test_an_event_sent_again_has_the_same_id_whatever_its_spelling_and_document():
    first = only(event("shipping"))
    again = only(event("urn:epcglobal:cbv:bizstep:shipping", recordTime="2026-03-05T09:00:00Z"))
    assert first["id"] == again["id"]


def test_query_results_arrays_and_bare_events_are_read_alike():
    one = event()
    queried = {
        "type": "EPCISQueryDocument",
        "epcisBody": {"queryResults": {"queryName": "q", "resultsBody": {"eventList": [one]}}},
    }
    for body in (queried, [one], one, {"@context": [], **one}):
        taken = list(epcis([json.dumps(body).encode()], STORE))
        assert [said["id"] for said in bodies(taken)] == [only(one)["id"]]


def test_a_document_without_events_is_refused_and_an_empty_one_accounted_for():
    (rejection,) = rejections(epcis([b'{"type":"EPCISDocument","epcisBody":{}}'], STORE))
    assert (rejection.reason, rejection.pointer) == (RejectionReason.INVALID, "/epcisBody")
    assert ignored(take()) == ["an empty list"]


def test_a_cut_off_document_keeps_what_came_before():
    body = document(event(), event("loading")).encode()
    taken = list(epcis([body[:-40]], STORE))
    assert len(bodies(taken)) == 1
    assert [rejection.reason for rejection in rejections(taken)] == [RejectionReason.MALFORMED]


def test_identifiers_are_read_in_both_spellings():
    assert sscc_of(PALLET_URN) == sscc_of(f"https://example.com/any/00/{PALLET}?x=1") == PALLET
    assert sscc_of("urn:epc:id:sscc:0614141.1234567890") == "106141412345678908"
    assert sscc_of("urn:epc:id:sgtin:5701234.098765.1") is None
    assert gln_of(DOCK) == gln_of("https://id.gs1.org/414/5701234000013/254/7") == "5701234000013"
    assert gln_of("https://id.gs1.org/414/5701234000011") is None
    assert transaction_number("urn:epc:id:gdti:5701234.06012.A%2F1") == "A/1"
    assert transaction_number("plain-7") == "plain-7"
    assert word("https://ref.gs1.org/cbv/Disp-in_transit") == "in_transit"
