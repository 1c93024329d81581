"""CloudEvents, one a line."""

from projections.event import RejectionReason
from projections.sources import events_lines as lines
from projections.sources.adapter import CanonicalEvent, Rejected, Source
from tests.messages import milestone
from tests.unit.sources.taken_words import in_pieces

FEED = Source("/erp/import")


def test_each_line_is_an_event_however_the_bytes_are_cut():
    first, second = milestone(), milestone("S-2")
    taken = list(lines.events_lines(in_pieces(first + b"\r\n\n" + second), FEED))
    assert [one.body.strip() for one in taken] == [first, second]


def test_a_line_without_end_is_refused_alone(monkeypatch):
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 500)
    good = milestone()
    assert len(good) < lines.MAX_LINE_BYTES
    taken = list(lines.events_lines(in_pieces(b"x" * 5_000 + b"\n" + good), FEED))
    assert [type(one) for one in taken] == [Rejected, CanonicalEvent]
    assert taken[0].rejection.reason is RejectionReason.OVERSIZED
    assert "line 1" in taken[0].rejection.detail
