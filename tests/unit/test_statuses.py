"""Design, section 5, line by line: what a shipment is after each code, through adapter, fold and view."""

import json

import pytest

from projections.sources.adapter import CanonicalEvent, Source
from projections.sources.codes import x12 as x12_codes
from projections.sources.epcis import epcis
from projections.statuses import EXCEPTIONS, MILESTONES, REASONS, Phase
from projections.words import ENGLISH, catalogue
from tests.unit.sources import test_dcsa as line
from tests.unit.sources.shown_after import TENANT, shown_after
from tests.unit.sources.x12_messages import TMS, interchange, status, taken, transaction

PRO = {"type": "pro", "value": "7004512", "carrier": "RDFX"}
SSCC = {"type": "package_sscc", "value": "357012349876543212"}
BOOKING = {"type": "tracking_number", "value": "BK-4411", "carrier": "HLCU"}
TRUCKER = Source("/carrier/RDFX", tenant=TENANT, carrier="RDFX")
WAREHOUSE = Source("/3pl/leipzig", tenant=TENANT)

# AT7-01 (element 1650): status, phase.
STATUSES = {
    **dict.fromkeys(["XB", "X3", "X8", "L1", "CP", "AM"], ("accepted", "accepted")),
    **dict.fromkeys(
        ["AF", "P1", "X4", "X6", "R1", "I1", "OA", "RL", "AR", "X1", "X5", "AV", "J1", "AJ"],
        ("in_transit", "in_transit"),
    ),
    **dict.fromkeys(["SD", "AP", "A7", "A9", "PR"], ("delayed", "planned")),
    "AH": ("delayed", "in_transit"),
    "D1": ("delivered", "delivered"),
    "CA": ("closed", "closed"),
    "A3": ("closed", "closed"),
    "AG": ("planned", "planned"),
    "X2": ("planned", "planned"),
    # Of AT7-02 and AT7-03: as a status no code at all.
    "AA": ("planned", "planned"),
    "AB": ("planned", "planned"),
}
NORMAL = {"NS", "NA"}


def report(at7, **plan):
    return shown_after(taken(interchange(status("LX*1", at7)), TRUCKER), PRO, **plan)


def stands(shown):
    return shown["status"], shown["phase"]


@pytest.mark.parametrize(("code", "expected"), STATUSES.items())
def test_a_status_of_a_214(code, expected):
    assert stands(report(f"AT7*{code}*NS***20261103*1830*ET")) == expected


@pytest.mark.parametrize(("code", "closed_reason"), [("CA", "cancelled"), ("A3", "returned")])
def test_a_214_closes_for_a_reason(code, closed_reason):
    assert report(f"AT7*{code}*NS***20261103*1830*ET")["closed_reason"] == closed_reason


@pytest.mark.parametrize("code", ["AG", "X2"])
def test_an_estimate_of_a_214_sets_the_eta_and_nothing_else(code):
    shown = report(f"AT7*{code}*NS***20261109*1400*CT")
    assert shown["eta_at"] == "2026-11-09T14:00:00-06:00"
    assert (shown["milestones"], shown["exceptions"]) == ([], [])
    late = report(f"AT7*{code}*NS***20261109*1400*CT", promised_at="2026-11-08T12:00:00Z")
    assert (late["status"], late["reason"]["code"]) == ("delayed", "eta_past_promise")


@pytest.mark.parametrize("reason", sorted({*x12_codes.REASONS, "ZZ", "Q9"} - NORMAL))
def test_any_reason_of_a_214_but_the_normal_ones_is_a_delay(reason):
    shown = report(f"AT7*X6*{reason}***20261103*1830*ET")
    assert stands(shown) == ("delayed", "in_transit")
    assert shown["reason"]["code"] == x12_codes.REASONS.get(reason, "other")


@pytest.mark.parametrize("reason", sorted(NORMAL))
def test_a_normal_reason_of_a_214_is_none(reason):
    assert stands(report(f"AT7*X6*{reason}***20261103*1830*ET")) == ("in_transit", "in_transit")


def test_the_same_letters_are_read_by_position():
    assert not set(x12_codes.REASONS) & NORMAL
    for code in sorted(set(STATUSES) & set(x12_codes.REASONS)):
        assert stands(report(f"AT7*X6*{code}***20261103*1830*ET")) == ("delayed", "in_transit"), code


def test_a_pickup_appointment_of_a_214_is_planned():
    shown = report("AT7***AA*NA*20261110*0700*ET")
    assert stands(shown) == ("planned", "planned")
    assert [one["code"] for one in shown["milestones"]] == ["pickup_appointment_set"]


def tender(*answers):
    offered = transaction("204", "B2**RDFX**S-1**PP", "B2A*00", "S5*1*LD", "N4*DAYTON*OH", "S5*2*UL", "N4*GARY*IN")
    said = [one for one in taken(interchange(offered), TMS) if b"shipment." in one.body]
    answered = [taken(interchange(transaction("990", f"B1*RDFX*S-1*20261105*{answer}")), TRUCKER) for answer in answers]
    return shown_after([*said, *(one for each in answered for one in each)])


def test_a_tender_and_its_answer():
    assert stands(tender()) == ("tendered", "tendered")
    assert stands(tender("A")) == ("accepted", "accepted")
    declined = tender("D")
    assert (declined["status"], declined["reason"]["code"]) == ("planned", "tender_rejected")


def container(*events, **plan):
    return shown_after(line.take(*events), line.ABOUT_BOX, BOOKING, **plan)


PDE = {"shipmentDetails": {"shipmentLocationType": "PDE"}}
CONTAINER = [
    (line.equipment("LOAD", eventClassifierCode="PLN"), ("planned", "planned")),
    (line.transport("DEPA", eventClassifierCode="PLN"), ("planned", "planned")),
    *[(line.paperwork(code), ("tendered", "tendered")) for code in ("REQS", "SUBM", "RECE")],
    *[(line.paperwork(code), ("accepted", "accepted")) for code in ("CONF", "APPR")],
    *[(line.transport(code), ("in_transit", "in_transit")) for code in ("DEPA", "ARRI")],
    *[(line.equipment(code), ("in_transit", "in_transit")) for code in ("LOAD", "DISC", "GTIN", "GTOT")],
    (line.transport("DEPA", delayReasonCode="WEA"), ("delayed", "in_transit")),
    (line.paperwork("HOLD"), ("delayed", "planned")),
    (line.grouped("EQUIPMENT", "GTOT", **PDE), ("delivered", "delivered")),
    (line.grouped("EQUIPMENT", "STRP", **PDE), ("delivered", "delivered")),
    *[(line.paperwork(code), ("closed", "closed")) for code in ("CMPL", "CANC", "VOID")],
]


@pytest.mark.parametrize(("event", "expected"), CONTAINER)
def test_a_dcsa_event(event, expected):
    assert stands(container(event)) == expected


def test_a_dcsa_proof_of_delivery():
    refers = [{"documentReferenceType": "BKG", "documentReferenceValue": "BK-4411"}]
    shown = container(line.paperwork("ISSU", "PFD", "POD-3", documentReferences=refers))
    assert (shown["status"], shown["has_pod"]) == ("delivered", True)


@pytest.mark.parametrize(
    ("code", "closed_reason"), [("CMPL", "completed"), ("CANC", "cancelled"), ("VOID", "cancelled")]
)
def test_a_booking_closes_for_a_reason(code, closed_reason):
    assert container(line.paperwork(code))["closed_reason"] == closed_reason


def arrival(classifier, day):
    return line.grouped(
        "TRANSPORT",
        "ARRI",
        classifier,
        eventID=f"{classifier}-{day}",
        eventDateTime=f"2026-04-{day}T08:00:00Z",
        **PDE,
    )


@pytest.mark.parametrize(
    ("days", "promise", "expected"),
    [
        ({"PLN": 20, "EST": 22}, None, ("delayed", "eta_past_plan")),
        ({"PLN": 20, "EST": 20}, None, ("planned", "planned")),
        ({"PLN": 20, "EST": 18}, None, ("planned", "planned")),
        ({"PLN": 20}, None, ("planned", "planned")),
        ({"EST": 22}, None, ("planned", "planned")),
        ({"PLN": 20, "EST": 22}, "2026-04-25T00:00:00Z", ("planned", "planned")),
        ({"PLN": 20, "EST": 22}, "2026-04-21T00:00:00Z", ("delayed", "eta_past_promise")),
        ({"PLN": 20}, "2026-04-19T00:00:00Z", ("delayed", "eta_past_promise")),
    ],
)
def test_an_estimate_is_late_by_the_promise_else_by_the_carriers_timetable(days, promise, expected):
    events = [arrival(classifier, day) for classifier, day in days.items()]
    for order in (events, events[::-1]):
        shown = container(*order, **({"promised_at": promise} if promise else {}))
        assert (shown["status"], shown["reason"]["code"]) == expected
        assert shown["eta_at"] == f"2026-04-{days.get('EST', days.get('PLN'))}T08:00:00Z"


def step(biz_step, source=WAREHOUSE, **more):
    event = {
        "type": "ObjectEvent",
        "eventID": "urn:uuid:7d5a4a0c-2f43-4f16-9d6c-3a1b1c9e0001",
        "eventTime": "2026-03-05T06:10:00Z",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "bizStep": biz_step,
        "epcList": ["urn:epc:id:sscc:5701234.3987654321"],
    }
    return list(epcis([json.dumps(event | more).encode()], source))


@pytest.mark.parametrize(
    ("biz_step", "expected"),
    [
        *[(one, "planned") for one in ("picking", "packing", "staging_outbound")],
        ("loading", "accepted"),
        *[(one, "in_transit") for one in ("shipping", "departing", "transporting", "arriving")],
    ],
)
def test_an_epcis_business_step(biz_step, expected):
    assert stands(shown_after(step(biz_step), SSCC)) == (expected, expected)


def test_shipping_is_in_transit_from_the_warehouse_too():
    assert stands(shown_after(step("shipping", Source("/wms/leipzig", tenant=TENANT)), SSCC))[0] == "in_transit"


@pytest.mark.parametrize(
    ("where", "expected"),
    [("urn:epc:id:sgln:4012345.00001.7", "delivered"), ("urn:epc:id:sgln:4012345.00002.0", "in_transit")],
)
def test_receiving_delivers_at_the_ship_to_alone(where, expected):
    destination = [{"type": "location", "destination": "urn:epc:id:sgln:4012345.00001.0"}]
    taken_in = step("receiving", readPoint={"id": where}, destinationList=destination)
    assert shown_after(taken_in, SSCC)["status"] == expected


def test_receiving_without_a_destination_is_not_guessed_to_be_the_last():
    assert shown_after(step("receiving"), SSCC)["status"] == "planned"


def test_every_reason_has_its_words_its_party_and_what_to_do():
    words = catalogue(ENGLISH).reasons
    for code, party in REASONS.items():
        assert words[code].text[0].isupper(), code
        assert not words[code].text.endswith("."), code
        assert words[code].action_required is None or party != "nobody", code
    for name in [*(phase.name.lower() for phase in Phase if phase < Phase.CLOSED), "completed", "cancelled"]:
        assert name in REASONS


def test_what_closes_says_how_and_what_is_internal_is_not_shown():
    for code, meaning in MILESTONES.items():
        assert (meaning.phase is Phase.CLOSED) == (meaning.closes_as is not None), code
    internal = {code for code, meaning in MILESTONES.items() if not meaning.customer_visible}
    assert {"terminal_scan", "picking_started", "staged", "loading_started", "unmapped"} <= internal


def test_every_exception_is_a_delay_while_it_stands():
    for code in EXCEPTIONS:
        raised = {"about": PRO, "exception": "X", "code": code}
        body = {
            "specversion": "1.0",
            "id": code,
            "source": "/carrier/RDFX",
            "type": "shipment.exception_raised.v1",
            "time": "2026-03-05T06:10:00Z",
            "data": raised,
        }
        shown = shown_after([CanonicalEvent(json.dumps(body).encode(), b"")], PRO)
        assert (shown["status"], shown["reason"]["code"]) == ("delayed", code)
