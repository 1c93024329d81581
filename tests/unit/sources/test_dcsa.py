"""What DCSA track and trace events become, in each of the standard's three shapes."""

import json

import pytest

from projections.event import RejectionReason
from projections.sources.adapter import Source
from projections.sources.dcsa import dcsa
from tests.unit.sources.taken_words import bodies, ignored, in_pieces, rejections

LINE = Source("/carrier/HLCU", carrier="HLCU")
BOX = "HLXU1234567"
ABOUT_BOX = {"type": "tracking_number", "value": BOX, "carrier": "HLCU"}
EVENT_ID = "f8f1c0de-0b7e-4d8e-9f7b-2a6c3b1d0001"
VESSEL_CALL = {
    "transportCallID": "call-17",
    "modeOfTransport": "VESSEL",
    "UNLocationCode": "DKAAR",
    "exportVoyageNumber": "2611E",
    "vessel": {"vesselName": "Skagen Maru"},
}


def flat(kind, code, **changes):
    """An event of 2.2."""
    said = {
        "eventID": EVENT_ID,
        "eventCreatedDateTime": "2026-03-05T09:00:00Z",
        "eventType": kind,
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-05T08:00:00+01:00",
        f"{kind.lower()}EventTypeCode": code,
    } | changes
    return {name: value for name, value in said.items() if value is not None}


def transport(code, **changes):
    return flat(
        "TRANSPORT",
        code,
        **{"transportCall": VESSEL_CALL, "references": [{"referenceType": "EQ", "referenceValue": BOX}]} | changes,
    )


def equipment(code, **changes):
    return flat("EQUIPMENT", code, **{"equipmentReference": BOX, "emptyIndicatorCode": "LADEN"} | changes)


def paperwork(code, kind="BKG", number="BK-4411", **changes):
    return flat("SHIPMENT", code, documentTypeCode=kind, documentID=number, **changes)


def grouped(kind, code, classifier="ACT", **changes):
    """An event of 3.0.0."""
    said = {
        "eventID": EVENT_ID,
        "eventDateTime": "2026-03-05T08:00:00+01:00",
        "eventUpdatedDateTime": "2026-03-05T09:00:00Z",
        "eventClassification": {
            "eventTypeCode": kind,
            "eventClassifierCode": classifier,
            f"{kind.lower()}EventTypeCode": code,
        },
        "equipmentDetails": {"equipmentReference": BOX, "emptyIndicatorCode": "LADEN"},
        "eventLocation": {"UNLocationCode": "DEHAM", "locationName": "Burchardkai", "facilityTypeCode": "POTE"},
    } | changes
    return {name: value for name, value in said.items() if value is not None}


def take(*events, source=LINE):
    body = json.dumps(events).encode()
    taken = list(dcsa([body], source))
    assert taken == list(dcsa(in_pieces(body), source))
    return taken


def only(event, source=LINE):
    (body,) = bodies(take(event, source=source))
    return body


def refused(event, source=LINE):
    (rejection,) = rejections(take(event, source=source))
    return rejection.reason, rejection.pointer


def milestone(event):
    return only(event)["data"]["code"]


def test_a_vessel_that_left_is_a_milestone_with_its_place_vessel_and_voyage():
    said = bodies(take(transport("DEPA")))[0]
    assert said["type"] == "shipment.milestone.v1"
    assert said["time"] == "2026-03-05T08:00:00+01:00"
    assert said["data"] == {
        "about": ABOUT_BOX,
        "code": "vessel_departed",
        "place": {"country": "DK", "code": "DKAAR"},
        "note": "Skagen Maru, voyage 2611E",
        "raw_code": "DEPA",
        "report": EVENT_ID,
        "reported_at": "2026-03-05T09:00:00Z",
    }


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("LOAD", {}, "loaded_on_board"),
        ("DISC", {}, "discharged"),
        ("GTIN", {}, "arrived_at_terminal"),
        ("GTOT", {}, "departed_terminal"),
        ("STUF", {}, "packed"),
        ("STRP", {"facilityTypeCode": "COFS"}, "unmapped"),
        ("STRP", {"facilityTypeCode": "CLOC"}, "delivered"),
        ("GTIN", {"facilityTypeCode": "CLOC"}, "arrived_at_delivery"),
        ("GTOT", {"facilityTypeCode": "CLOC"}, "picked_up"),
        ("GTOT", {"facilityTypeCode": "CLOC", "emptyIndicatorCode": "EMPTY"}, "delivered"),
        ("GTOT", {"facilityTypeCode": "CLOC", "emptyIndicatorCode": None}, "unmapped"),
        ("WXYZ", {}, "unmapped"),
    ],
)
def test_a_containers_moves_reach_their_milestones(code, changes, expected):
    assert milestone(equipment(code, **changes)) == expected


def test_the_place_of_delivery_makes_a_move_the_last_one():
    there = {"shipmentDetails": {"shipmentLocationType": "PDE"}}
    assert milestone(grouped("EQUIPMENT", "GTOT", **there)) == "delivered"
    assert milestone(grouped("EQUIPMENT", "GTIN", **there)) == "arrived_at_delivery"
    assert (
        milestone(grouped("EQUIPMENT", "GTOT", shipmentDetails={"shipmentLocationType": "POD"})) == "departed_terminal"
    )


@pytest.mark.parametrize(
    "silent",
    [
        equipment("GTOT", emptyIndicatorCode="EMPTY"),
        equipment("INSP"),
        equipment("LOAD", eventClassifierCode="EST"),
        paperwork("DRFT", "SHI"),
        flat("IOT", "DETC"),
        flat("REEFER", "MEAS"),
    ],
)
def test_what_says_nothing_of_the_goods_is_accounted_for(silent):
    taken = take(silent)
    assert len(ignored(taken)) == len(taken) == 1


@pytest.mark.parametrize("classifier", ["EST", "PLN"])
def test_an_arrival_expected_at_the_final_place_is_the_eta_as_of_when_it_was_said(classifier):
    there = {"shipmentDetails": {"shipmentLocationType": "PDE"}, "eventDateTime": "2026-04-20T08:00:00+02:00"}
    said = only(grouped("TRANSPORT", "ARRI", classifier, **there))
    assert (said["type"], said["time"]) == ("shipment.eta_changed.v1", "2026-03-05T09:00:00Z")
    planned = {"is_planned": True} if classifier == "PLN" else {}
    assert said["data"] == {"about": ABOUT_BOX, "eta_at": "2026-04-20T08:00:00+02:00"} | planned


def test_an_arrival_expected_in_2_2_is_the_eta_where_a_laden_container_comes_to_a_customers_door():
    expected = {"eventClassifierCode": "EST", "eventDateTime": "2026-04-20T08:00:00+02:00"}
    assert only(equipment("GTIN", facilityTypeCode="CLOC", **expected))["type"] == "shipment.eta_changed.v1"
    assert ignored(take(equipment("GTIN", facilityTypeCode="POTE", **expected)))


def test_an_arrival_expected_at_a_port_on_the_way_is_no_eta():
    assert ignored(take(grouped("TRANSPORT", "ARRI", "EST", shipmentDetails={"shipmentLocationType": "POD"})))


def test_a_reason_for_delay_is_an_exception_and_the_call_made_without_one_ends_it():
    late = transport("ARRI", eventClassifierCode="EST", delayReasonCode="WEA", changeRemark="Storm in the Kattegat")
    raised = only(late)
    assert raised["type"] == "shipment.exception_raised.v1"
    assert (raised["data"]["code"], raised["data"]["note"]) == ("weather", "Storm in the Kattegat")
    arrived, cleared = bodies(take(transport("ARRI")))
    assert arrived["data"]["code"] == "vessel_arrived"
    assert cleared["type"] == "shipment.exception_cleared.v1"
    assert cleared["data"]["exception"] == raised["data"]["exception"]


def test_a_delay_of_a_reason_we_do_not_know_is_still_a_delay():
    said = only(transport("ARRI", eventClassifierCode="EST", delayReasonCode="QQQ"))["data"]
    assert (said["code"], said["raw_code"]) == ("other", "QQQ")


def test_customs_stop_a_container_and_release_it():
    stopped = only(equipment("CUSI"))
    released, cleared = bodies(take(equipment("CUSR")))
    assert (stopped["data"]["code"], released["data"]["code"]) == ("customs_hold", "customs_cleared")
    assert cleared["data"]["exception"] == stopped["data"]["exception"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("RECE", "shipment.tendered.v1"),
        ("CONF", "shipment.tender_accepted.v1"),
        ("DECL", "shipment.tender_rejected.v1"),
    ],
)
def test_a_bookings_way_is_a_tenders(code, expected):
    said = only(paperwork(code, reason="No space"))
    assert said["type"] == expected
    assert said["data"]["carrier"] == {"scac": "HLCU"}
    assert said["data"]["about"] == {"type": "tracking_number", "value": "BK-4411", "carrier": "HLCU"}


@pytest.mark.parametrize(("code", "expected"), [("CANC", "cancelled"), ("CMPL", "completed"), ("NEWC", "unmapped")])
def test_a_booking_ends_as_its_code_says(code, expected):
    assert milestone(paperwork(code)) == expected


def test_a_hold_stands_until_the_release():
    held, released = only(paperwork("HOLD", "TRD", "BL-9")), only(paperwork("RELS", "TRD", "BL-9"))
    assert (held["data"]["code"], released["type"]) == ("held", "shipment.exception_cleared.v1")
    assert held["data"]["exception"] == released["data"]["exception"]
    assert held["data"]["about"]["type"] == "bol"


def test_a_proof_of_delivery_is_a_document_and_a_delivery():
    refers = [{"documentReferenceType": "BKG", "documentReferenceValue": "BK-4411"}]
    delivered, proof = bodies(take(paperwork("ISSU", "PFD", "POD-3", documentReferences=refers)))
    assert delivered["data"]["code"] == "delivered"
    assert (proof["type"], proof["data"]["kind"], proof["data"]["document"]) == ("document.added.v1", "pod", "POD-3")


def test_each_container_an_event_refers_to_is_told_of():
    both = [{"referenceType": "EQ", "referenceValue": number} for number in (BOX, "HLXU7654321")]
    said = bodies(take(transport("DEPA", transportCall={"modeOfTransport": "RAIL"}, references=both)))
    assert [one["data"]["about"]["value"] for one in said] == [BOX, "HLXU7654321"]
    assert len({one["id"] for one in said}) == len(both)


@pytest.mark.parametrize(
    ("changes", "reason", "pointer"),
    [
        ({"eventCreatedDateTime": None}, RejectionReason.INVALID, "/eventCreatedDateTime"),
        ({"eventDateTime": None}, RejectionReason.INVALID, "/eventDateTime"),
        ({"eventDateTime": "05.03.2026 08:00"}, RejectionReason.INVALID, "/eventDateTime"),
        ({"eventDateTime": "2026-02-30T08:00:00Z"}, RejectionReason.TIME_IMPOSSIBLE, "/eventDateTime"),
        ({"eventCreatedDateTime": "1998-03-05T09:00:00Z"}, RejectionReason.TIME_IMPOSSIBLE, "/eventCreatedDateTime"),
        ({"eventCreatedDateTime": "2098-03-05T09:00:00Z"}, RejectionReason.TIME_IMPOSSIBLE, "/eventCreatedDateTime"),
        ({"eventCreatedDateTime": "2026-03-01T09:00:00Z"}, RejectionReason.TIME_IMPOSSIBLE, "/eventCreatedDateTime"),
        ({"eventType": None}, RejectionReason.INVALID, "/eventType"),
        ({"eventType": "PARTY"}, RejectionReason.UNKNOWN_TYPE, "/eventType"),
        ({"eventClassifierCode": "MAY"}, RejectionReason.UNKNOWN_CODE, "/eventClassifierCode"),
        ({"equipmentEventTypeCode": None}, RejectionReason.INVALID, "/equipmentEventTypeCode"),
        ({"equipmentReference": None}, RejectionReason.WRONG_REFERENCE, "/equipmentReference"),
        ({"transportCall": []}, RejectionReason.INVALID, "/transportCall"),
        ({"references": [{"referenceType": 1}]}, RejectionReason.INVALID, "/references/0/referenceType"),
    ],
)
def test_what_is_wrong_with_an_event_is_told_and_where(changes, reason, pointer):
    if "references" in changes:
        changes = changes | {"equipmentReference": None}
    assert refused(equipment("GTIN", **changes)) == (reason, pointer)


def test_a_source_without_a_carrier_cannot_name_containers():
    assert refused(equipment("GTIN"), Source("/carrier/any"))[0] is RejectionReason.WRONG_REFERENCE


def test_a_time_without_offset_takes_the_zone_of_its_place():
    said = only(grouped("EQUIPMENT", "DISC", eventDateTime="2026-03-05T08:00:00"))
    assert (said["time"], said["data"]["tz_source"]) == ("2026-03-05T08:00:00+01:00", "location")


def test_metadata_and_payload_are_read_as_one():
    event = equipment("DISC")
    meta = {name: event.pop(name) for name in ("eventID", "eventCreatedDateTime", "eventType")}
    assert only({"metadata": meta, "payload": event})["id"] == only(equipment("DISC"))["id"]
    assert refused({"metadata": meta, "payload": event | {"eventDateTime": "x"}}) == (
        RejectionReason.INVALID,
        "/payload/eventDateTime",
    )


def test_related_documents_of_a_payload_name_what_it_is_about():
    payload = {
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-05T08:00:00+01:00",
        "transportEventTypeCode": "DEPA",
        "transportCall": {"modeOfTransport": "TRUCK"},
        "relatedDocumentReferences": [{"type": "TRD", "value": "BL-9"}],
    }
    meta = {"eventID": EVENT_ID, "eventCreatedDateTime": "2026-03-05T09:00:00Z", "eventType": "TRANSPORT"}
    assert only({"metadata": meta, "payload": payload})["data"]["about"] == {
        "type": "bol",
        "value": "BL-9",
        "carrier": "HLCU",
    }


def test_events_come_in_arrays_in_an_object_or_alone():
    event = equipment("GTIN")
    for body in ([event], {"events": [event]}, event, {"events": [event], "feedbackElements": []}):
        assert [one["id"] for one in bodies(list(dcsa([json.dumps(body).encode()], LINE)))] == [only(event)["id"]]
    assert ignored(list(dcsa([b'{"events": []}'], LINE))) == ["an empty list"]


def test_events_that_are_no_list_are_refused():
    (rejection,) = rejections(list(dcsa([b'{"events": {}}'], LINE)))
    assert (rejection.reason, rejection.pointer) == (RejectionReason.INVALID, "/events")
