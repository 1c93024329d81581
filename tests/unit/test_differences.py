"""Two documents compared place by place."""

import json

from hypothesis import given
from hypothesis import strategies as st

from projections.quarantine.differences import Difference, differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def compared(before, after):
    return differences(json.dumps(before).encode(), json.dumps(after).encode())


def test_each_place_that_differs_is_named_with_both_values():
    assert compared({"a": 1, "b": [1, 2], "c": {"d/e": None}}, {"a": 1, "b": [1, 3], "c": {"d/e": 0}}) == [
        Difference("/b/1", 2, 3),
        Difference("/c/d~1e", None, 0),
    ]


def test_what_is_new_has_no_before_and_what_is_gone_no_after():
    assert compared({"a": 1}, {"b": 2}) == [Difference("/a", before=1), Difference("/b", after=2)]
    assert compared([1], [1, 2]) == [Difference("/1", after=2)]


def test_a_document_that_appears_is_one_difference():
    assert differences(None, b'{"a":1}') == [Difference("", after={"a": 1})]
    assert differences(b'{"a":1}', None) == [Difference("", before={"a": 1})]


def test_true_is_not_one():
    assert compared({"a": 1}, {"a": True}) == [Difference("/a", 1, True)]  # noqa: FBT003


@given(JSON, JSON)
def test_equal_documents_differ_nowhere_and_others_somewhere(before, after):
    assert bool(compared(before, after)) == (json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True))
    assert compared(before, before) == []
