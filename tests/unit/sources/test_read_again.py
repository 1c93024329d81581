"""What quarantine keeps of a native message is enough to read that message again, alone, by itself."""

import msgspec
import pytest

from projections.sources.adapter import CanonicalEvent, Ignored, Rejected, Source
from projections.sources.registry import FORMATS
from tests.native_messages import PAIRS

SOURCES = {"carrier_json:bluecrest": Source("/carrier/blcr")}


def said(takings):
    """Events by what they say and refusals by their reason: the number of a message in its file is not part of it."""
    return [
        msgspec.json.decode(one.body) if isinstance(one, CanonicalEvent) else one.rejection.reason
        for one in takings
        if not isinstance(one, Ignored)
    ]


# CloudEvents are their own native form: they are not read again.
@pytest.mark.parametrize("name", sorted(PAIRS.keys() - {"events"}))
def test_a_messages_bytes_read_again_alone_say_the_same(name):
    read = FORMATS[name]
    source = SOURCES.get(name, Source("/carrier/rdfx", carrier="RDFX"))
    takings = list(read([PAIRS[name].body], source))
    assert any(isinstance(one, Rejected) for one in takings)
    for raw in dict.fromkeys(one.raw for one in takings):
        again = list(read([raw], source))
        assert said(again) == said(one for one in takings if one.raw == raw)
        # And so on, however often it is read again.
        assert {one.raw for one in again} == {raw}
