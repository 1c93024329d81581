"""DCSA: events that are mended or taken back, by the id they came under."""

import pytest

from projections.event import RejectionReason
from projections.retraction import family
from tests.unit.sources.shown_after import shown_after
from tests.unit.sources.taken_words import bodies
from tests.unit.sources.test_dcsa import ABOUT_BOX, BOX, EVENT_ID, equipment, grouped, only, refused, take, transport

STAMPED = {"eventUpdatedDateTime": "2026-03-06T09:00:00Z"}


@pytest.mark.parametrize("event", [equipment("GTIN"), grouped("EQUIPMENT", "GTIN"), transport("ARRI")])
def test_a_retracted_event_takes_back_all_that_it_said(event):
    said = bodies(take(event))
    later = {**STAMPED} if "eventClassification" in event else {}
    withdrawn = bodies(take(event | later | {"isRetracted": True}))
    assert {one["type"] for one in withdrawn} == {"event.retracted.v1"}
    assert {one["data"]["retracts"] for one in withdrawn} == {family(one["id"]) for one in said}


@pytest.mark.parametrize(
    "retraction",
    [
        {
            "eventID": EVENT_ID,
            "isRetracted": True,
            "eventClassification": {},
            "equipmentDetails": {"equipmentReference": BOX},
        }
        | STAMPED,
        {"eventID": EVENT_ID, "isRetracted": True, "equipmentReference": BOX} | STAMPED,
        {
            "metadata": {"eventID": "2", "retractedEventID": EVENT_ID} | STAMPED,
            "payload": {"references": [{"referenceType": "EQ", "referenceValue": BOX}]},
        },
    ],
)
def test_a_retraction_need_not_repeat_its_event_if_it_names_what_that_was_about(retraction):
    taken_back = only(retraction)
    assert taken_back["data"] == {"about": ABOUT_BOX, "retracts": family(only(equipment("GTIN"))["id"])}


@pytest.mark.parametrize(
    ("retraction", "reason"),
    [
        ({"eventID": EVENT_ID, "isRetracted": True, "equipmentReference": BOX}, RejectionReason.INVALID),
        (
            {"eventID": EVENT_ID, "isRetracted": True, **STAMPED},
            RejectionReason.WRONG_REFERENCE,
        ),
        (
            {"isRetracted": True, **STAMPED, "equipmentReference": BOX},
            RejectionReason.INVALID,
        ),
    ],
)
def test_a_retraction_that_cannot_be_placed_is_told_to_operators(retraction, reason):
    assert refused(retraction)[0] is reason


def test_an_update_is_another_event_of_the_same_report_and_the_same_again_is_no_other():
    first, again = only(equipment("GTIN")), only(equipment("GTIN"))
    assert again["id"] == first["id"]
    mended = only(equipment("GTIN", eventCreatedDateTime="2026-03-05T10:00:00Z"))
    assert mended["id"] != first["id"]
    assert mended["data"]["report"] == first["data"]["report"] == EVENT_ID
    assert mended["data"]["reported_at"] == "2026-03-05T10:00:00Z"


EARLIER = {"eventCreatedDateTime": "2026-03-05T10:00:00Z", "eventDateTime": "2026-03-05T07:00:00+01:00"}
OTHERWISE = {"eventCreatedDateTime": "2026-03-05T11:00:00Z", "equipmentEventTypeCode": "DISC"}


@pytest.mark.parametrize("backwards", [False, True])
def test_of_one_events_versions_the_one_said_last_is_shown_in_whichever_order_they_come(backwards):
    versions = [equipment("GTIN"), equipment("GTIN", **EARLIER), equipment("GTIN", **OTHERWISE)]
    first_two = shown_after(take(*(versions[1::-1] if backwards else versions[:2])), ABOUT_BOX)
    assert [one["occurred_at"] for one in first_two["milestones"]] == ["2026-03-05T07:00:00+01:00"]
    every = shown_after(take(*(reversed(versions) if backwards else versions)), ABOUT_BOX)
    assert [one["code"] for one in every["milestones"]] == ["discharged"]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_retraction_takes_back_every_version_and_nothing_else(backwards):
    retraction = {"eventID": EVENT_ID, "isRetracted": True, "equipmentReference": BOX} | STAMPED
    other = equipment("LOAD", eventID=EVENT_ID.replace("0001", "0002"))
    events = [equipment("GTIN"), equipment("GTIN", **EARLIER), other, retraction]
    shown = shown_after(take(*(reversed(events) if backwards else events)), ABOUT_BOX)
    assert [one["code"] for one in shown["milestones"]] == ["loaded_on_board"]


def test_a_retracted_delay_no_longer_delays():
    late = transport("ARRI", eventClassifierCode="EST", delayReasonCode="WEA")
    assert shown_after(take(late), ABOUT_BOX)["status"] == "delayed"
    assert shown_after(take(late, late | {"isRetracted": True}), ABOUT_BOX)["status"] == "planned"
