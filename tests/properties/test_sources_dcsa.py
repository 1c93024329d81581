"""Whatever bytes come as DCSA, every message is accounted for, nothing is raised, and what is taken is an event."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.sources.adapter import Rejected
from projections.sources.dcsa import dcsa
from tests.properties.json_sources import EDITS, SPLICES, assert_accounted_for, edited, spliced
from tests.unit.sources.test_dcsa import BOX, LINE, equipment, grouped, paperwork, transport

EVENTS = [
    transport("DEPA", delayReasonCode="WEA"),
    equipment("GTIN", facilityTypeCode="CLOC"),
    paperwork("HOLD", "CUC"),
    grouped("TRANSPORT", "ARRI", "EST", shipmentDetails={"shipmentLocationType": "PDE"}),
    grouped("SHIPMENT", "ISSU", shipmentDetails={"documentReference": {"typeCode": "PFD", "reference": "P-1"}}),
    equipment("DISC", isRetracted=True),
    {
        "metadata": {"eventID": "9", "eventCreatedDateTime": "2026-03-05T09:00:00Z", "eventType": "EQUIPMENT"},
        "payload": {
            "eventClassifierCode": "ACT",
            "eventDateTime": "2026-03-05T08:00:00Z",
            "equipmentEventTypeCode": "CUSR",
            "equipmentReference": BOX,
        },
    },
]
SOURCES = st.just(LINE)
DOCUMENTS = st.sampled_from([json.dumps({"events": EVENTS}).encode(), json.dumps(EVENTS, indent=1).encode()])


@settings(max_examples=200)
@given(st.binary(max_size=200), SOURCES)
def test_any_bytes(data, source):
    assert_accounted_for(dcsa, data, source)


@settings(max_examples=400)
@given(DOCUMENTS, SPLICES, SOURCES, st.integers(1, 500))
def test_documents_with_bytes_replaced_put_in_and_taken_out(data, splices, source, size):
    broken = spliced(data, splices)
    assert assert_accounted_for(dcsa, broken, source, size) == list(dcsa([broken], source))


@settings(max_examples=200)
@given(DOCUMENTS, st.integers(0, 9_999), SOURCES, st.integers(1, 500))
def test_documents_cut_off_anywhere(data, end, source, size):
    whole, cut = data.rstrip(), data[: end % len(data.rstrip())]
    answers = assert_accounted_for(dcsa, cut, source, size)
    assert answers == list(dcsa([cut], source))
    assert isinstance(answers[-1], Rejected)
    assert set(answers[:-1]) <= set(dcsa([whole], source))


@settings(max_examples=600)
@given(st.sampled_from(EVENTS), EDITS, SOURCES)
def test_events_that_make_no_sense(message, edits, source):
    assert_accounted_for(dcsa, json.dumps([edited(message, edits)]).encode(), source)
