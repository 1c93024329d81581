"""Which lag a document may have: by the strictest attribute group that its sources speak for."""

import json
import time
from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reads.freshness import FreshnessClock, Heard, ServedFrom
from app.reads.seal import KEY_BYTES, PositionSeal
from app.reads.thresholds import Threshold, Thresholds, groups_of
from projections.ownership import GROUPS, OWNERS, AttributeGroup, Role

USUAL = Threshold(5, 60)
SLOW = groups_of("order=60/600 case=300/3600")
THRESHOLDS = Thresholds(USUAL, SLOW)
SOURCES = [f"/{role.value}/main" for role in Role]
STATES = ["live", "delayed", "stale"]


@pytest.mark.parametrize(
    ("sources", "threshold"),
    [
        (["/erp/main"], (60, 600)),
        (["/crm/desk"], (300, 3600)),
        (["/erp/main", "/crm/desk"], (60, 600)),
        (["/wms/kiel"], (5, 60)),
        (["/tms/main"], (5, 60)),
        (["/erp/main", "/carrier/abfs"], (5, 60)),
        ([], (5, 60)),
        (["/nobody/x"], (5, 60)),
    ],
)
def test_only_slow_attributes_may_lag_longer(sources, threshold):
    assert THRESHOLDS.of(sources) == Threshold(*threshold)


def test_of_two_groups_a_document_has_the_stricter_of_each():
    thresholds = Thresholds(USUAL, groups_of("order=1/900 allocation=30/300"))
    assert thresholds.of(["/erp/main", "/wms/kiel"]) == Threshold(1, 300)


def test_every_role_speaks_for_some_group_and_every_group_has_who_speaks_for_it():
    assert GROUPS.keys() == set(Role)
    assert {group for groups in GROUPS.values() for group in groups} == set(AttributeGroup)


def test_who_may_set_milestones_is_held_to_them():
    owners = OWNERS["shipment.milestone.v1"]
    assert {role for role, groups in GROUPS.items() if AttributeGroup.MILESTONES in groups} == owners.keys()


@pytest.mark.parametrize("words", ["order", "order=1", "order=5/4", "order=a/b", "colour=1/2", "order=1/2,case=1/2"])
def test_what_is_no_threshold_is_refused_by_name(words):
    with pytest.raises(ValueError, match=words.split(",")[0]):
        groups_of(words)


def state(lag_seconds: float, sources: list[str]) -> str:
    clock = FreshnessClock(THRESHOLDS)
    clock.move(3, time.time() - lag_seconds)
    return clock.of(3, " ".join(sources).encode(), "memory").state


@given(st.lists(st.sampled_from(SOURCES), unique=True), st.floats(0, 5_000), st.floats(0, 5_000))
def test_what_lags_more_is_no_fresher(sources, one, other):
    assert STATES.index(state(min(one, other), sources)) <= STATES.index(state(max(one, other), sources))


@given(st.lists(st.sampled_from(SOURCES), min_size=1, unique=True), st.sampled_from(SOURCES), st.floats(0, 5_000))
def test_another_source_makes_nothing_fresher(sources, another, lag):
    assert STATES.index(state(lag, sources)) <= STATES.index(state(lag, [*sources, another]))


def test_headers_say_what_the_words_say():
    clock = FreshnessClock(THRESHOLDS)
    clock.move(3, datetime(2020, 1, 1, tzinfo=UTC).timestamp())
    stale = dict(clock.said(3, b"/erp/main", "memory").headers)
    assert b"stale-if-error" not in stale[b"cache-control"]
    assert abs(int(stale[b"age"]) - (time.time() - clock.as_of(3))) < 60
    clock.move(3, time.time())
    live = dict(clock.said(3, b"/erp/main", "memory").headers)
    assert b"stale-if-error=" in live[b"cache-control"]
    assert int(live[b"age"]) < 60


@given(
    st.lists(st.sampled_from(SOURCES), unique=True),
    st.floats(0, 5_000),
    st.sampled_from(get_args(ServedFrom)),
    st.floats(0, 100_000),
)
def test_what_is_put_together_from_parts_is_what_would_be_encoded(sources, lag, served_from, quiet):
    clock, now = FreshnessClock(THRESHOLDS), time.time()
    heard_at = datetime.fromtimestamp(now - quiet, UTC)
    clock.learn_sources({name: Heard(heard_at, heard_at) for name in sources[:1]})
    clock.move(3, now - lag)
    named = " ".join(sources).encode()
    said, whole = json.loads(clock.said(3, named, served_from).words), clock.of(3, named, served_from)
    expected = msgspec.to_builtins(whole) | {"position": said["position"]}
    assert list(said) == list(expected)
    assert abs(said.pop("lag_seconds") - expected.pop("lag_seconds")) < 5
    # Not sealed twice alike; and a threshold may lie just between the two.
    assert {**said, "state": ""} == {**json.loads(msgspec.json.encode(expected)), "state": ""}
    assert abs(STATES.index(said["state"]) - STATES.index(whole.state)) <= 1


def test_a_version_that_was_just_learnt_is_in_the_next_position():
    seal = PositionSeal(b"k" * KEY_BYTES)
    clock = FreshnessClock(THRESHOLDS, seal=seal)
    for version in (1, 5):
        clock.learn_version(3, version)
        said = json.loads(clock.said(3, b"/erp/main", "memory").words)
        assert seal.open(said["position"]) == {3: version}
