"""The laws of the folds, over every event type."""

import json
import random
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.envelope import decode, decode_stored
from projections.event import Event
from projections.events import EVENT_TYPES
from projections.statuses import MILESTONES, PHASE, PhaseName
from tests.properties.strategies import (
    BEFORE_ALL,
    NOW,
    SEEDS,
    START,
    WRITTEN,
    any_draft,
    creating,
    drafts,
    retraction,
    worlds,
)
from tests.properties.world import FoldedLog, place, understood, views_of

FOLDED_TYPES = [name for name in EVENT_TYPES if name != "event.retracted.v1"]
CUTS = st.lists(st.integers(0, 200), max_size=6)


def test_every_event_type_is_written():
    assert WRITTEN.keys() == EVENT_TYPES.keys()


@settings(max_examples=150)
@given(worlds(), st.data(), CUTS)
def test_any_order_repetition_and_batching_gives_the_same_bytes(world, data, cuts):
    events = understood(world)
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=5))
    shuffled = shuffle(repeated, data.draw(SEEDS))
    expected = views_of(events)
    assert views_of(shuffled) == expected
    assert FoldedLog(place(shuffled)).fold(cuts) == expected


@settings(max_examples=60)
@given(worlds(), st.data(), CUTS)
def test_a_row_folded_twice_changes_nothing(world, data, cuts):
    placed = place(understood(world))
    again = data.draw(st.lists(st.sampled_from(placed), max_size=5))
    assert FoldedLog(placed + again).fold(cuts) == FoldedLog(placed).fold([])


@pytest.mark.parametrize("event_type", FOLDED_TYPES)
@settings(max_examples=12)
@given(data=st.data())
def test_a_late_event_never_regresses_a_phase(event_type, data):
    world = data.draw(worlds(linked=False))
    late = data.draw(drafts(event_type, linked=False, hours=BEFORE_ALL))
    before = views_of(understood(world))
    after = views_of(understood([*world, ("late", late)]))
    for key, view in before.items():
        if key[1].startswith("shp_"):
            assert phase_of(after[key].document) >= phase_of(view.document)


def shuffle(events, seed):
    return random.Random(seed).sample(events, len(events))  # noqa: S311 - repeatable is the point


def phase_of(document):
    return PHASE[PhaseName(json.loads(document)["phase"])]


@pytest.mark.parametrize("event_type", FOLDED_TYPES)
@settings(max_examples=20)
@given(data=st.data(), cuts=CUTS)
def test_retraction_restores_what_would_have_been(event_type, data, cuts):
    world = data.draw(worlds(linked=False))
    draft = data.draw(drafts(event_type, linked=False))
    taken_back = [("wrong", draft), ("sorry", retraction(draft, "wrong", START))]
    expected = views_of(understood(world))
    events = shuffle(understood([*world, *taken_back]), data.draw(SEEDS))
    assert views_of(events) == expected
    assert FoldedLog(place(events)).fold(cuts) == expected


@settings(max_examples=150)
@given(worlds(linked=False, retractions=False), st.data(), CUTS)
def test_retracting_what_others_build_on_leaves_what_would_have_been(world, data, cuts):
    name, draft = data.draw(st.sampled_from(world))
    without = [one for one in world if one[0] != name]
    events = shuffle(understood([*world, ("sorry", retraction(draft, name, draft.time))]), data.draw(SEEDS))
    expected = views_of(understood(without))
    assert FoldedLog(place(events)).fold(cuts) == expected


@settings(max_examples=30)
@given(creating(), st.data())
def test_a_view_disappears_with_the_event_that_created_it(first, data):
    named = [(f"e{index}", draft) for index, draft in enumerate(first)]
    created = [one for one in named if one[1].type in ("order.released.v1", "shipment.planned.v1")]
    gone = [(f"r{name}", retraction(draft, name, draft.time)) for name, draft in created]
    folded = FoldedLog(place(understood(named + gone)))
    assert folded.fold(data.draw(CUTS)) == {}


def versions(draft, codes):
    """One report told anew each hour."""
    return [
        (
            f"report-{hour}",
            msgspec.structs.replace(
                draft,
                data=draft.data | {"code": code, "report": "report", "reported_at": START + timedelta(hours=hour)},
            ),
        )
        for hour, code in enumerate(codes)
    ]


CODES = st.lists(st.sampled_from(list(MILESTONES)), min_size=1, max_size=5)


@settings(max_examples=60)
@given(worlds(linked=False), drafts("shipment.milestone.v1", linked=False), CODES, SEEDS, CUTS)
def test_of_a_reports_versions_the_last_one_counts_in_any_order(world, draft, codes, seed, cuts):
    told = versions(draft, codes)
    expected = views_of(understood([*world, told[-1]]))
    events = shuffle(understood([*world, *told]), seed)
    assert FoldedLog(place(events)).fold(cuts) == expected


@settings(max_examples=60)
@given(worlds(linked=False), drafts("shipment.milestone.v1", linked=False), CODES, SEEDS, CUTS)
def test_a_report_taken_back_leaves_none_of_its_versions(world, draft, codes, seed, cuts):
    back = ("sorry", retraction(draft, "report-*", START))
    events = shuffle(understood([*world, *versions(draft, codes), back]), seed)
    assert FoldedLog(place(events)).fold(cuts) == views_of(understood(world))


@settings(max_examples=40)
@given(worlds(linked=False), any_draft(linked=False), CUTS)
def test_taking_back_a_retraction_changes_nothing(world, draft, cuts):
    back = retraction(draft, "wrong", draft.time)
    events = understood([*world, ("wrong", draft), ("sorry", back)])
    again = understood([("never-mind", retraction(back, "sorry", draft.time))])
    assert FoldedLog(place(events + again)).fold(cuts) == FoldedLog(place(events)).fold([])


@settings(max_examples=50)
@given(any_draft())
def test_an_event_read_from_the_log_is_the_event_taken_in(draft):
    event = decode(draft.body("e1"), NOW)
    assert isinstance(event, Event)
    assert decode_stored(event.body, event.authority) == event
