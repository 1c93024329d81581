"""What events may not say, whoever could have meant well by it."""

from datetime import timedelta

import pytest

from projections.envelope import decode
from projections.event import Event, Rejection, RejectionReason
from projections.statuses import MILESTONES
from tests.messages import START, load_milestone, message, milestone, pro, tms_shipment

NOW = START + timedelta(days=30)


def refused(body: bytes) -> Rejection:
    understood = decode(body, NOW)
    assert isinstance(understood, Rejection)
    return understood


@pytest.mark.parametrize("code", [code for code, meaning in MILESTONES.items() if meaning.at_stop])
def test_what_happens_at_one_customers_stop_is_not_said_of_the_whole_load(code: str):
    rejection = refused(load_milestone(code=code))
    assert (rejection.reason, rejection.pointer) == (RejectionReason.INVALID, "/data/stop")


@pytest.mark.parametrize("code", [code for code, meaning in MILESTONES.items() if not meaning.at_stop])
def test_what_happens_on_the_way_is_said_of_the_whole_load(code: str):
    assert isinstance(decode(load_milestone(code=code), NOW), Event)


def test_a_carrier_does_not_speak_of_another_carriers_numbers():
    rejection = refused(milestone(source="/carrier/evil"))
    assert (rejection.reason, rejection.pointer) == (RejectionReason.NOT_OWNER, "/data/about/carrier")


def test_a_carrier_does_not_link_another_carriers_numbers():
    stolen = {"type": "tracking_number", "value": "1Z1", "carrier": "GOOD"}
    data = {"about": pro(), "references": [stolen], "code": "departed"}
    rejection = refused(message("shipment.milestone.v1", data, source="/carrier/abfs", tenant=None))
    assert (rejection.reason, rejection.pointer) == (RejectionReason.NOT_OWNER, "/data/references/0/carrier")


def test_a_carriers_source_is_its_code_however_it_is_written():
    assert isinstance(decode(milestone(source="/carrier/abfs/eu"), NOW), Event)


def test_the_tms_speaks_of_any_carriers_numbers():
    data = {"about": tms_shipment(), "references": [pro()], "carrier": {"scac": "ABFS"}}
    assert isinstance(decode(message("shipment.tender_accepted.v1", data), NOW), Event)
