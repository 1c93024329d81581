"""Whatever bytes come, `decode` answers with an event or with a reason: it never raises."""

import json
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from projections.envelope import decode
from projections.event import Event, Rejection, RejectionReason
from projections.intake.intake import fingerprint
from tests.properties.strategies import NOW, any_draft

POINTER = re.compile(r"^(/[^/]+)*$", re.DOTALL)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        ["\0", "a\0b", "x" * 600, "9999-12-31T23:59:59.999999999-23:59", "0001-01-01T00:00:00+23:59", "NaN"]
    ),
    st.just([]),
    st.just({}),
    st.just({"type": "pro", "value": "X"}),
)


def assert_understood_or_refused(body):
    answer = decode(body, NOW)
    if isinstance(answer, Rejection):
        assert answer.reason in RejectionReason
        assert answer.detail
        assert POINTER.match(answer.pointer)
    else:
        assert isinstance(answer, Event)
        assert len(answer.key) == 16
        assert len(fingerprint(answer)) == 8
    return answer


@settings(max_examples=300)
@given(st.binary(max_size=200))
@example(b"")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"9" * 10_000)
@example(b'{"id": "\\ud800"}')
@example(b'{"id": "\xff"}')
@example(b"\xef\xbb\xbf{}")
def test_any_bytes(body):
    assert isinstance(assert_understood_or_refused(body), Rejection)


@settings(max_examples=200)
@given(any_draft(), st.integers(0, 2000), st.binary(max_size=3))
def test_an_event_with_some_bytes_replaced(draft, at, replacement):
    body = draft.body("e1")
    at %= len(body)
    assert_understood_or_refused(body[:at] + replacement + body[at + len(replacement) :])
    assert_understood_or_refused(body[:at])


def paths(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


@settings(max_examples=400)
@given(any_draft(), st.integers(0, 1000), ODD)
def test_an_event_with_one_value_replaced(draft, which, odd):
    envelope = json.loads(draft.body("e1"))
    chosen = [path for path in paths(envelope) if path]
    *above, last = chosen[which % len(chosen)]
    inner = envelope
    for key in above:
        inner = inner[key]
    inner[last] = odd
    assert_understood_or_refused(json.dumps(envelope).encode())


@settings(max_examples=100)
@given(any_draft(), st.sampled_from(["", "data", "data/about"]), st.text(max_size=5))
def test_an_event_with_an_unknown_field(draft, where, name):
    envelope = json.loads(draft.body("e1"))
    inner = envelope
    for key in where.split("/") if where else []:
        inner = inner.get(key, inner)
    inner[name + "-unknown"] = 1
    answer = assert_understood_or_refused(json.dumps(envelope).encode())
    # CloudEvents allows further attributes on the envelope; what the data says beyond its type would be lost.
    assert isinstance(answer, Event) == (inner is envelope)
