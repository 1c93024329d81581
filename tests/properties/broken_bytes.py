"""Valid messages made wrong: cut off, with bytes replaced, doubled, dropped, and cut into chunks anywhere."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from projections.envelope import decode
from projections.event import Event, RejectionReason
from projections.sources.adapter import CanonicalEvent, Ignored, Rejected

NOW = datetime(2099, 12, 30, tzinfo=UTC)
EDITS = st.lists(
    st.tuples(
        st.integers(0, 10_000), st.integers(0, 4), st.binary(max_size=4) | st.sampled_from([b"'", b'"', b"\n", b"?"])
    ),
    max_size=6,
)


def broken(body, edits, cut):
    """The bytes with some of them replaced, then cut off."""
    for anywhere, dropped, put in edits:
        at = anywhere % (len(body) + 1)
        body = body[:at] + put + body[at + dropped :]
    return body if cut is None else body[: cut % (len(body) + 1)]


def chunked(body, size):
    return [body[start : start + size] for start in range(0, len(body), size)]


def accounted(adapter, body, source, size):
    """Every outcome is whole; events are what intake takes; and how the bytes were cut makes no difference."""
    taken = list(adapter(chunked(body, size), source))
    for one in taken:
        assert isinstance(one, CanonicalEvent | Rejected | Ignored)
        assert isinstance(one.raw, bytes)
        if isinstance(one, CanonicalEvent):
            assert isinstance(decode(one.body, NOW), Event)
        if isinstance(one, Rejected):
            assert one.rejection.reason in RejectionReason
            assert one.rejection.detail
    assert taken == list(adapter([body], source))
    return taken
