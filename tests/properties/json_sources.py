"""Ways to break JSON messages, and what must hold of an adapter's answers whatever came."""

import json

from hypothesis import strategies as st

from projections.envelope import decode
from projections.event import Event, RejectionReason
from projections.sources.adapter import CanonicalEvent, Ignored, Rejected
from tests.unit.sources.taken_words import NOW

SPLICES = st.lists(
    st.tuples(
        st.integers(0, 9_999),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from(
                [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\n", b"null", b"\\ud800", b"\xff", b"9" * 400]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)
ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=12),
    st.sampled_from(
        [
            [],
            {},
            [[]],
            [{}],
            "",
            " ",
            "x" * 700,
            "\x00",
            "\u2028",
            "2026-02-30T00:00:00Z",
            "2000-01-01T00:00:00",
            "2099-12-31T23:59:59Z",
            "+14:00",
            1e300,
        ]
    ),
)
EDITS = st.lists(st.tuples(st.integers(0, 9_999), ODD_VALUES), min_size=1, max_size=5)


def spliced(data, splices):
    for start, length, replacement in splices:
        at = start % (len(data) + 1)
        data = data[:at] + replacement + data[at + length :]
    return data


def _places(value):
    """Every member and item within: its container and key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)


def edited(message, edits):
    """The message with some of its values replaced by odd ones."""
    message = json.loads(json.dumps(message))
    for anywhere, value in edits:
        places = list(_places(message))
        if places:
            container, key = places[anywhere % len(places)]
            container[key] = json.loads(json.dumps(value))
    return message


def assert_accounted_for(adapter, data, source, size=1 << 16):
    answers = list(adapter([data[start : start + size] for start in range(0, len(data), size)], source))
    assert answers
    for answer in answers:
        assert isinstance(answer, CanonicalEvent | Rejected | Ignored)
        if isinstance(answer, Rejected):
            assert answer.rejection.detail
        if isinstance(answer, CanonicalEvent):
            understood = decode(answer.body, NOW)
            # How far ahead of our clock a time may be is for intake to say.
            assert isinstance(understood, Event) or understood.reason is RejectionReason.TIME_IMPOSSIBLE, understood
    return answers
