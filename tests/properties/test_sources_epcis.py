"""Whatever bytes come as EPCIS, every message is accounted for, nothing is raised, and what is taken is an event."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.sources.adapter import Rejected
from projections.sources.epcis import epcis
from tests.properties.json_sources import EDITS, SPLICES, assert_accounted_for, edited, spliced
from tests.unit.sources.test_epcis import CARRIER, DOOR, PALLET_URN, STORE, WAREHOUSE, document, event, packing

EVENTS = [
    event(),
    event("receiving", destinationList=[{"type": "location", "destination": DOOR}], disposition="damaged"),
    packing(bizTransactionList=[{"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:5701234000013:77"}]),
    event("loading", type="AssociationEvent", parentID="urn:epc:id:grai:5701234.12345.1", childEPCs=[PALLET_URN]),
    event("arriving", errorDeclaration={"declarationTime": "2026-03-06T09:00:00Z", "reason": "did_not_occur"}),
]
SOURCES = st.sampled_from([STORE, WAREHOUSE, CARRIER])
DOCUMENTS = st.sampled_from([document(*EVENTS).encode(), json.dumps(EVENTS, indent=1).encode()])


@settings(max_examples=200)
@given(st.binary(max_size=200), SOURCES)
def test_any_bytes(data, source):
    assert_accounted_for(epcis, data, source)


@settings(max_examples=400)
@given(DOCUMENTS, SPLICES, SOURCES, st.integers(1, 500))
def test_documents_with_bytes_replaced_put_in_and_taken_out(data, splices, source, size):
    broken = spliced(data, splices)
    assert assert_accounted_for(epcis, broken, source, size) == list(epcis([broken], source))


@settings(max_examples=200)
@given(DOCUMENTS, st.integers(0, 9_999), SOURCES, st.integers(1, 500))
def test_documents_cut_off_anywhere(data, end, source, size):
    whole, cut = data.rstrip(), data[: end % len(data.rstrip())]
    answers = assert_accounted_for(epcis, cut, source, size)
    assert answers == list(epcis([cut], source))
    assert isinstance(answers[-1], Rejected)
    assert set(answers[:-1]) <= set(epcis([whole], source))


@settings(max_examples=600)
@given(st.sampled_from(EVENTS), EDITS, SOURCES)
def test_events_that_make_no_sense(message, edits, source):
    assert_accounted_for(epcis, json.dumps([edited(message, edits)]).encode(), source)
