"""Guarded sections are cut out of ready bytes: what is left is the document without them, and nothing else."""

import json
from itertools import combinations

from hypothesis import given, settings

from auth.policy import GUARDS
from projections.order_view import view as order_view
from projections.sections import SECTIONS, without
from projections.shipment_view import fold as shipment_fold
from projections.shipment_view import view as shipment_view
from projections.shipment_view.state import ShipmentState
from projections.subjects import is_shipment
from tests.properties.strategies import worlds
from tests.properties.world import place, understood

VISIBLE = [frozenset(some) for count in range(len(SECTIONS) + 1) for some in combinations(SECTIONS, count)]


def rendered(events):
    """Every shipment of these events, rendered."""
    states = {}
    for subject, event in place(events):
        if is_shipment(subject.id):
            state = states.setdefault(subject.id, ShipmentState(subject.id, subject.tenant))
            shipment_fold.fold(state, event)
    views = {subject_id: shipment_view.view_of(state) for subject_id, state in states.items()}
    return {subject_id: shipment_view.render(view, ()) for subject_id, view in views.items() if view}


def test_every_section_has_its_guard():
    assert tuple(GUARDS) == SECTIONS


@settings(max_examples=60)
@given(worlds())
def test_what_is_left_is_the_document_without_the_hidden_sections(world):
    for one in rendered(understood(world)).values():
        whole = json.loads(one.document)
        for visible in VISIBLE:
            left = {name: value for name, value in whole.items() if name not in SECTIONS or name in visible}
            assert json.loads(without(one.document, one.sections.encode(), frozenset(visible))) == left


@settings(max_examples=60)
@given(worlds(linked=False))
def test_a_hidden_charge_leaves_no_trace(world):
    events = understood(world)
    free = rendered([event for event in events if event.type != "charge.posted.v1"])
    for subject_id, one in rendered(events).items():
        assert without(one.document, one.sections.encode(), frozenset({"documents"})) == without(
            free[subject_id].document, free[subject_id].sections.encode(), frozenset({"documents"})
        )


def test_sections_stand_last_in_the_order_they_are_cut_in():
    for view in (shipment_view.ShipmentView, order_view.OrderView):
        fields = view.__struct_fields__
        present = tuple(name for name in SECTIONS if name in fields)
        assert fields[-len(present) :] == present
