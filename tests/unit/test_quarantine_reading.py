"""From a kept message to what intake is given again, and from its answers to what became of the entry."""

import msgspec
import pytest

from projections.intake.outcomes import Outcome, OutcomeStatus
from projections.quarantine.reading import Kept, messages_again, outcome_of
from projections.sources.declared import declared
from projections.sources.registry import FORMATS

ACCEPTED, DUPLICATE, HELD, QUARANTINED = OutcomeStatus
RDFX = declared("rdfx", {"name": "/3pl/rdfx", "format": "csv", "carrier": "RDFX"}, FORMATS)
ROW = b"time,tracking_number,code\n2026-03-02T10:15:00,AL-1,departed\n"


def kept(declaration, body=ROW, key=None):
    return Kept(7, "invalid", "http:csv", key, declaration, ("/3pl/",), ("nordwind",), body)


def json_of(one):
    return msgspec.json.encode(one).decode()


def test_an_event_is_given_again_as_it_came_with_its_senders_rights():
    [message] = messages_again(kept(None, b"{"), {})
    assert (message.body, message.sources, message.tenants, message.replays) == (b"{", ("/3pl/",), ("nordwind",), 7)


def test_a_native_message_is_read_as_it_was_declared_when_its_source_is_declared_no_more():
    [message] = messages_again(kept(json_of(RDFX), key="gone"), {"rdfx": RDFX})
    assert msgspec.json.decode(message.body)["source"] == "/3pl/rdfx"
    assert (message.sources, message.tenants, message.replays) == (("/3pl/",), ("nordwind",), 7)
    assert message.native.raw == ROW


def test_a_native_message_is_read_as_its_source_is_declared_now():
    now = msgspec.structs.replace(RDFX, zone="America/New_York")
    [message] = messages_again(kept(json_of(RDFX), key="rdfx"), {"rdfx": now})
    assert msgspec.json.decode(message.body)["time"] == "2026-03-02T10:15:00-05:00"


def test_a_format_that_is_gone_is_a_refusal_that_says_so():
    gone = json_of(RDFX).replace('"csv"', '"fax"', 1)
    [message] = messages_again(kept(gone), {})
    assert message.rejection.reason == "unknown_source"
    assert "no format is called fax" in message.rejection.detail


@pytest.mark.parametrize(
    ("each", "status"),
    [
        ([], "ignored"),
        ([DUPLICATE, DUPLICATE], "duplicate"),
        ([DUPLICATE, ACCEPTED], "accepted"),
        ([ACCEPTED, HELD, DUPLICATE], "held"),
        ([ACCEPTED, QUARANTINED, HELD], "quarantined"),
    ],
)
def test_what_fared_worst_of_a_message_is_what_became_of_its_entry(each, status):
    assert outcome_of(7, [Outcome(one) for one in each]).status == status
