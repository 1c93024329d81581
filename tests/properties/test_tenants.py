"""A load carries several customers: what each is shown holds nothing of the others'."""

import json

import msgspec
from hypothesis import given, settings

from tests.properties.strategies import QUANTITIES, TENANTS, Draft, worlds
from tests.properties.world import FoldedLog, place, understood, views_of

OTHER = {TENANTS[0]: TENANTS[1], TENANTS[1]: TENANTS[0]}


def marks_of(tenant):
    return [tenant.encode(), *(str(quantity).encode() for quantity in QUANTITIES[tenant])]


@settings(max_examples=200)
@given(worlds())
def test_nothing_of_one_tenant_is_in_any_byte_of_anothers(world):
    folded = FoldedLog(place(understood(world)))
    views = folded.fold([])
    for (tenant, _), view in views.items():
        assert_without(tenant, view.document + view.summary)
    for state, _, _ in folded.states.values():
        assert_without(json.loads(state)["tenant"], state)


def assert_without(tenant, text):
    for mark in marks_of(OTHER[tenant]):
        assert mark not in text


@settings(max_examples=150)
@given(worlds(linked=False))
def test_what_happens_to_one_tenants_part_of_a_load_changes_no_byte_of_anothers(world):
    everything = views_of(understood(world))
    for tenant in TENANTS:
        alone = views_of(
            understood([(name, own_part(draft, tenant)) for name, draft in world if is_for(draft, tenant)])
        )
        assert {key: view for key, view in everything.items() if key[0] == tenant} == alone


def is_for(draft, tenant):
    return draft.of in (None, tenant)


def own_part(draft: Draft, tenant: str) -> Draft:
    """The event as it would be had the load carried this tenant's goods only."""
    if draft.type != "load.planned.v1":
        return draft
    stops = [
        stop | {"shipments": [one for one in stop["shipments"] if one["tenant"] == tenant]}
        for stop in draft.data["stops"]
    ]
    return msgspec.structs.replace(draft, data=draft.data | {"stops": [stop for stop in stops if stop["shipments"]]})
