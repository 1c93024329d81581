"""X12 214: statuses, reasons and appointments by position, each with its own place and time."""

import pytest

from projections.event import RejectionReason
from projections.events import EtaChanged, ExceptionCleared, ExceptionRaised, ShipmentMilestone
from projections.references import Reference, ReferenceType
from projections.sources.adapter import Source
from projections.sources.codes.x12 import APPOINTMENTS, REASONS, STATUSES
from projections.statuses import EXCEPTIONS, MILESTONES
from tests.unit.sources.x12_messages import data_of, events, ignored, interchange, rejections, status


def report(at7, *more, **options):
    return interchange(status("LX*1", at7, *more, **options))


def test_every_code_means_a_word_of_ours():
    for meaning in [*STATUSES.values(), *APPOINTMENTS.values()]:
        assert meaning.milestone is None or meaning.milestone in MILESTONES
        assert meaning.exception is None or meaning.exception in EXCEPTIONS
        assert set(meaning.clears) <= set(EXCEPTIONS)
    assert set(REASONS.values()) <= set(EXCEPTIONS)


def test_a_status_is_a_milestone_of_the_carriers_shipment():
    (event,) = events(report("AT7*X4*NS***20261103*1830*ET", "MS1*COLUMBUS*OH*US"))
    assert event.data.about == Reference(ReferenceType.PRO, "7004512", "RDFX")
    assert event.data.code == "arrived_at_terminal"
    assert event.data.raw_code == "X4/NS"
    assert event.data.place.city == "COLUMBUS"
    assert event.occurred_at.isoformat() == "2026-11-03T18:30:00-05:00"
    assert event.data.tz_source is None


def test_status_and_reason_of_the_same_letters_differ_by_position():
    status_af = data_of(report("AT7*AF*NS***20261103*1830*ET"))
    reason_af = data_of(report("AT7*SD*AF***20261103*1830*ET"))
    assert [one.code for one in status_af] == ["picked_up"]
    assert [one.code for one in reason_af] == ["accident"]


def test_an_attempt_with_a_reason_is_a_milestone_and_a_problem():
    milestone, problem = data_of(report("AT7*AH*AQ***20261103*1830*ET"))
    assert milestone.code == "delivery_attempted"
    assert (problem.code, problem.raw_code) == ("consignee_unavailable", "AH/AQ")


def test_a_problem_of_its_own_kind_outweighs_its_reason():
    (problem,) = data_of(report("AT7*A9*AF***20261103*1830*ET"))
    assert problem.code == "damaged"


@pytest.mark.parametrize("reason", ["NS", "NA", ""])
def test_a_normal_reason_is_no_problem(reason):
    assert [type(one) for one in data_of(report(f"AT7*X1*{reason}***20261103*1830*ET"))] == [ShipmentMilestone]


def test_any_other_reason_is_a_problem_beside_the_milestone():
    milestone, problem = data_of(report("AT7*X1*AO***20261103*1830*ET"))
    assert milestone.code == "arrived_at_delivery"
    assert problem.code == "weather"


@pytest.mark.parametrize("code", ["AG", "X2"])
def test_an_estimate_only_changes_the_eta(code):
    (event,) = events(report(f"AT7*{code}*NS***20261109*1400*CT"))
    assert isinstance(event.data, EtaChanged)
    assert event.data.eta_at.isoformat() == "2026-11-09T14:00:00-06:00"
    assert event.occurred_at.isoformat() == "2026-11-04T09:15:00+00:00"


def test_returned_and_cancelled_close_differently_and_aj_is_no_tender():
    codes = [data_of(report(f"AT7*{code}*NS***20261103*1830*ET"))[0].code for code in ("A3", "CA", "AJ")]
    assert codes == ["returned", "cancelled", "offered_for_delivery"]


def test_several_reports_in_a_loop_keep_their_own_places():
    data = report(
        "AT7*AF*NS***20261103*0800*ET", "MS1*DAYTON*OH*US", "MS2*RDFX*53111",
        "AT7*X6*NS***20261103*1100*CT", "MS1*GARY*IL*US", "AT7*D1*NS***20261103*1500*CT",
    )  # fmt: skip
    picked_up, en_route, delivered = data_of(data)
    assert (picked_up.place.city, en_route.place.city) == ("DAYTON", "GARY")
    assert delivered.place is None


def test_a_report_without_a_place_at_an_end_of_the_way_is_at_that_party():
    data = interchange(status("N1*ST*Harbour Stores", "N4*DULUTH*MN*55802*US", "LX*1", "AT7*D1*NS***20261103*1500"))
    (event,) = events(data)
    assert event.data.place.city == "DULUTH"
    assert event.occurred_at.isoformat() == "2026-11-03T15:00:00-06:00"
    assert event.data.tz_source == "location"


@pytest.mark.parametrize(
    ("at7", "place", "zone", "expected", "tz_source"),
    [
        ("20260703*1200*ET", "", None, "2026-07-03T12:00:00-04:00", None),
        ("20260703*1200*ES", "", None, "2026-07-03T12:00:00-05:00", None),
        ("20260703*1200*05", "", None, "2026-07-03T12:00:00+05:00", None),
        ("20260703*1200*20", "", None, "2026-07-03T12:00:00-05:00", None),
        ("20260703*1200*UT", "", None, "2026-07-03T12:00:00+00:00", None),
        ("20260703*1200*LT", "MS1*DENVER*CO*US", "Europe/Berlin", "2026-07-03T12:00:00-06:00", "location"),
        ("20260703*1200", "MS1*BOISE*ID*US", "Europe/Berlin", "2026-07-03T12:00:00+02:00", "source"),
        ("20260703*1200", "", None, "2026-07-03T12:00:00+00:00", "assumed"),
        ("20260703", "MS1*PHOENIX*AZ", None, "2026-07-03T00:00:00-07:00", "location"),
        ("20260703*12000559*ET", "", None, "2026-07-03T12:00:05-04:00", None),
    ],
)
def test_a_time_takes_its_code_else_the_places_zone_else_the_sources(at7, place, zone, expected, tz_source):
    source = Source("/carrier/RDFX", carrier="RDFX", zone=zone)
    (event,) = events(report(f"AT7*X6*NS***{at7}", *([place] if place else [])), source)
    assert event.occurred_at.isoformat() == expected
    assert event.data.tz_source == tz_source


@pytest.mark.parametrize("when", ["20260230*1200", "20261103*2400", "20261103*1275", "19991231*1200", "2026*12", ""])
def test_an_impossible_time_is_refused_and_the_other_reports_stay(when):
    data = report(f"AT7*X4*NS***{when}", "AT7*D1*NS***20261103*1500*ET")
    assert [one.code for one in data_of(data)] == ["delivered"]
    (rejection,) = rejections(data)
    assert rejection.reason is RejectionReason.TIME_IMPOSSIBLE
    assert "AT7 at segment 4" in rejection.detail


def test_a_century_apart_from_the_date_is_read():
    (event,) = events(report("AT7*X4*NS***261103*20*1830*ET"))
    assert event.occurred_at.isoformat() == "2026-11-03T18:30:00-05:00"


def test_an_unknown_status_is_kept_and_means_nothing():
    (data,) = data_of(report("AT7*Q9*NS***20261103*1830*ET"))
    assert (data.code, data.raw_code) == ("unmapped", "Q9/NS")


def test_an_unknown_reason_is_some_delay():
    (problem,) = data_of(report("AT7*SD*Q9***20261103*1830*ET"))
    assert (problem.code, problem.raw_code) == ("other", "SD/Q9")


def test_an_appointment_is_set_when_it_is_said_for_when_it_is():
    (event,) = events(report("AT7***AB*NA*20261110*0700*ET"))
    assert event.data.code == "delivery_appointment_set"
    assert event.data.note == "Appointment: 2026-11-10T07:00:00-05:00"
    assert event.occurred_at.isoformat() == "2026-11-04T09:15:00+00:00"


def test_an_estimate_for_a_terminal_says_nothing_of_the_delivery():
    assert len(ignored(report("AT7*B6*NS***20261103*1830*ET"))) == 1


def test_a_customs_release_ends_the_customs_hold():
    (held,) = data_of(report("AT7*PR*NS***20261103*1830*ET"))
    milestone, *cleared = data_of(report("AT7*CT*NS***20261104*0830*ET"))
    assert milestone.code == "customs_cleared"
    assert isinstance(held, ExceptionRaised)
    assert held.exception in {one.exception for one in cleared if isinstance(one, ExceptionCleared)}


@pytest.mark.parametrize(
    ("beginning", "more", "kind", "value"),
    [
        ("B10*7004512*S-1*RDFX", "L11*1Z9*2I", "pro", "7004512"),
        ("B10***RDFX", "L11*1Z9*2I", "tracking_number", "1Z9"),
        ("B10**S-1*RDFX**BM*B-77", "L11*9*97", "bol", "B-77"),
        ("B10**S-1*RDFX", "L11*9*97", "tms_shipment", "S-1"),
    ],
)
def test_the_best_identifier_names_the_shipment(beginning, more, kind, value):
    data = interchange(status(more, "LX*1", "AT7*X4*NS***20261103*1830*ET", beginning=beginning))
    (only,) = data_of(data, Source("/carrier/RDFX", tenant="norvik"))
    assert (only.about.type, only.about.value) == (kind, value)


def test_a_shipment_nobody_can_name_is_refused():
    data = interchange(status("LX*1", "AT7*X4*NS***20261103*1830*ET", beginning="B10**S-1"))
    (rejection,) = rejections(data, Source("/carrier/RDFX"))
    assert rejection.reason is RejectionReason.WRONG_REFERENCE


def test_a_message_without_a_status_is_refused():
    (rejection,) = rejections(interchange(status("LX*1")))
    assert rejection.reason is RejectionReason.INVALID
