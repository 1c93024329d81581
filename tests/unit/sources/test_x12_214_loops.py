"""X12 214: what belongs to which report, in the orders the releases put it and as senders write it."""

import pytest

from projections.event import RejectionReason
from projections.events import EtaChanged, ExceptionRaised, ShipmentMilestone
from projections.sources.adapter import Source
from tests.unit.sources.x12_messages import data_of, events, ignored, interchange, rejections, status

X4 = "AT7*X4*NS***20261103*1830*ET"
D1 = "AT7*D1*NS***20261104*0900*ET"


def report(*segments, **options):
    return interchange(status(*segments, **options))


@pytest.mark.parametrize(
    "segments",
    [
        ("LX*1", X4, "MS1*COLUMBUS*OH*US", "MS2*RDFX*53111*TL", "L11*8*QN", "K1*Gate 4", "AT8*G*L*900*4"),
        ("LX*1", "L11*8*QN", "K1*Gate 4", "AT8*G*L*900*4", X4, "MS1*COLUMBUS*OH*US", "MS2*RDFX*53111*TL"),
        ("LX*1", X4, "M7*SEAL9", "MS2*RDFX*53111", "K1*Gate 4", "MS1*COLUMBUS*OH*US"),
    ],
)
def test_a_loop_means_the_same_in_the_order_of_any_release(segments):
    (only,) = data_of(report(*segments))
    assert (only.code, only.place.city, only.note) == ("arrived_at_terminal", "COLUMBUS", "Gate 4")


def test_a_place_is_its_own_loops_and_remarks_are_of_no_other():
    first, second = data_of(report("LX*1", X4, "K1*Late", "LX*2", D1, "MS1*GARY*IN*US"))
    assert (first.place, first.note) == (None, "Late")
    assert (second.place.city, second.note) == ("GARY", None)


def test_reports_before_any_loop_are_read():
    assert [one.code for one in data_of(report(X4, "MS1*COLUMBUS*OH*US"))] == ["arrived_at_terminal"]


def test_loops_that_name_shipments_are_of_those():
    loops = ("LX*1", "L11*P-1*CN", X4, "LX*2", D1, "L11*P-2*CN")
    assert [one.about.value for one in data_of(report(*loops, beginning="B10***RDFX"))] == ["P-1", "P-2"]
    assert [one.about.value for one in data_of(report(*loops))] == ["7004512", "7004512"]


def test_a_loop_without_a_name_takes_the_only_one_there_is_and_never_one_of_several():
    assert [one.about.value for one in data_of(report("LX*1", "L11*P-1*CN", "LX*2", D1, beginning="B10***RDFX"))] == [
        "P-1"
    ]
    data = report("LX*1", "L11*P-1*CN", X4, "LX*2", "L11*P-2*CN", X4, "LX*3", D1, beginning="B10***RDFX")
    assert [one.code for one in data_of(data)] == ["arrived_at_terminal"] * 2
    assert [one.reason for one in rejections(data)] == [RejectionReason.WRONG_REFERENCE]


def test_a_carriers_code_in_small_letters_is_the_same_carrier():
    (only,) = data_of(report("LX*1", X4, beginning="B10*7004512*S-1*rdfx"), Source("/carrier/rdfx"))
    assert only.about.carrier == "RDFX"


def test_a_place_that_is_only_a_position_on_earth_leaves_the_partys():
    parties = ("N1*ST*Stores", "N4*DULUTH*MN*55802*US")
    (only,) = data_of(report(*parties, "LX*1", D1, "MS1****0923000*0450000*W*N"))
    assert only.place.city == "DULUTH"


def test_an_appointment_has_its_reason_by_its_own_position():
    milestone, problem = data_of(report("LX*1", "AT7***AB*AQ*20261110*0700*ET"))
    assert (milestone.code, milestone.raw_code) == ("delivery_appointment_set", "AB/AQ")
    assert problem.code == "consignee_unavailable"


def test_the_same_letters_mean_other_things_as_status_reason_and_appointment():
    (as_appointment,) = data_of(report("LX*1", "AT7***AA*NA*20261110*0700*ET"))
    (as_reason,) = data_of(report("LX*1", "AT7*SD*AA***20261103*1830*ET"))
    (as_status,) = data_of(report("LX*1", "AT7*AA*NS***20261103*1830*ET"))
    assert as_appointment.code == "pickup_appointment_set"
    assert as_reason.code == "misrouted"
    assert as_status.code == "unmapped"


def test_of_a_status_and_an_appointment_in_one_report_the_status_counts_and_the_other_is_said():
    data = report("LX*1", "AT7*X1*NS*AB*NA*20261103*1830*ET")
    assert [one.code for one in data_of(data)] == ["arrived_at_delivery"]
    assert ignored(data) == ["AT7-03 AB: beside a status (AT7-01) it has no date of its own"]


def test_a_reason_alone_is_a_delay_and_a_normal_one_alone_says_nothing():
    (problem,) = data_of(report("LX*1", "AT7**AO***20261103*1830*ET"))
    assert (problem.code, problem.raw_code) == ("weather", "/AO")
    assert rejections(report("LX*1", "AT7**NS***20261103*1830*ET"))[0].reason is RejectionReason.INVALID


@pytest.mark.parametrize(
    ("code", "problem"),
    [("D", "damaged"), ("A", "missing"), ("P", "short"), ("0", "short"), ("E", "refused_by_consignee"), ("W", "other")],
)
def test_a_lading_exception_is_a_problem_as_of_the_report_beside_it(code, problem):
    delivered, raised = events(report("LX*1", D1, "MS1*GARY*IN*US", f"Q7*{code}*CTN*2"))
    assert isinstance(delivered.data, ShipmentMilestone)
    assert isinstance(raised.data, ExceptionRaised)
    assert (raised.data.code, raised.data.raw_code, raised.data.place.city) == (problem, f"Q7 {code}", "GARY")
    assert raised.occurred_at == delivered.occurred_at


def test_a_lading_exception_of_a_code_we_do_not_know_guesses_nothing():
    _, unknown = data_of(report("LX*1", "Q7*Z", D1))
    assert (unknown.code, unknown.raw_code) == ("unmapped", "Q7 Z")


def test_more_than_was_shipped_delays_nothing_and_is_accounted_for():
    data = report("LX*1", D1, "Q7*O*CTN*2")
    assert [one.code for one in data_of(data)] == ["delivered"]
    assert len(ignored(data)) == 1


def test_a_lading_exception_alone_is_as_of_the_message():
    (event,) = events(report("LX*1", "Q7*D"))
    assert event.occurred_at.isoformat() == "2026-11-04T09:15:00+00:00"


def test_the_reports_of_older_releases_carry_their_place_themselves():
    (event,) = events(report("LX*1", "Q5*D1*261103*1830*ET*BBD*GARY*IN*US"))
    assert event.data.code == "delivered"
    assert event.data.raw_code == "D1/BBD"
    assert event.data.place.city == "GARY"
    assert event.occurred_at.isoformat() == "2026-11-03T18:30:00-05:00"


def test_an_older_estimate_changes_the_eta_and_an_older_code_of_ships_means_nothing():
    (eta,) = data_of(report("LX*1", "Q5*X2*261109*1400*CT"))
    assert isinstance(eta, EtaChanged)
    (unknown,) = data_of(report("LX*1", "Q5*VD*261103*1830*ET"))
    assert (unknown.code, unknown.raw_code) == ("unmapped", "VD")


def test_an_older_report_that_is_broken_says_where():
    (rejection,) = rejections(report("LX*1", "Q5**261103"))
    assert rejection.detail.endswith("Q5 at segment 4: no status (Q5-01)")
