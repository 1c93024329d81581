"""What is said of where each field is from, held against the view and the events themselves."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.event import Event
from projections.events import EtaChanged, EventRetracted, ShipmentPlanned
from projections.log.rows import LogRow
from projections.provenance.fields import Circumstances, provenance_of
from projections.provenance.shapes import FieldProvenance
from projections.retraction import fold_history
from projections.sections import SECTIONS
from projections.shipment_view.fold import fold
from projections.shipment_view.state import ShipmentState
from projections.shipment_view.view import render, view_of
from projections.statuses import MILESTONES
from projections.subjects import is_shipment
from tests.properties.strategies import START, TENANTS, Draft, shipments, worlds
from tests.properties.test_tenants import assert_without, is_for, own_part
from tests.properties.world import place, understood

NOW = datetime(2026, 4, 1, tzinfo=UTC)
KNOWN = Circumstances([(position, NOW) for position in range(1, 1_000, 3)], {"/tms/main": "csv"})
Rows = list[LogRow]


def histories(world) -> dict[tuple[str, str], Rows]:
    found: dict[tuple[str, str], Rows] = {}
    for position, (subject, event) in enumerate(place(understood(world)), start=1):
        if subject.tenant is not None and is_shipment(subject.id):
            row = LogRow(0, position, NOW, subject.id, subject.tenant, event)
            found.setdefault((subject.id, subject.tenant), []).append(row)
    return found


def document(subject_id: str, tenant: str, events: list[Event]) -> dict[str, Any] | None:
    view = view_of(fold_history(ShipmentState(subject_id, tenant), events, fold))
    return json.loads(render(view, ()).document) if view else None


def at(shown: Any, pointer: str) -> Any:
    for part in pointer.removeprefix("/").split("/"):
        shown = shown[int(part)] if isinstance(shown, list) else shown[part]
    return shown


def told(subject_id: str, tenant: str, rows: Rows, sections=SECTIONS) -> dict[str, FieldProvenance]:
    fields = provenance_of(subject_id, tenant, rows, sections, KNOWN)
    assert len({one.field for one in fields}) >= len(fields) - sum(one.field == "return" for one in fields)
    return {one.field: one for one in fields}


@settings(max_examples=150)
@given(worlds(most=30))
def test_every_value_shown_is_told_of_and_is_the_value_shown(world):
    for (subject_id, tenant), rows in histories(world).items():
        shown = document(subject_id, tenant, [row.event for row in rows])
        fields = told(subject_id, tenant, rows)
        if shown is None:
            assert not fields
            continue
        for name, one in fields.items():
            if name.startswith("/"):
                assert json.loads(bytes(one.value)) == at(shown, name), name
            for pointer in one.derived_from:
                assert pointer in fields, (name, pointer)
        for name, value in shown.items():
            if value in (None, []) or name in ("id", "tenant"):
                continue
            by_item = isinstance(value, list) and name != "orders"
            wanted = [f"/{name}/{index}" for index in range(len(value))] if by_item else [f"/{name}"]
            assert fields.keys() >= set(wanted)


@settings(max_examples=150)
@given(worlds(most=30))
def test_the_event_named_says_so_and_what_lost_makes_no_difference(world):
    for (subject_id, tenant), rows in histories(world).items():
        by_key = {row.event.key.hex(): row for row in rows}
        for name, one in told(subject_id, tenant, rows).items():
            if one.said is None:
                assert not one.lost
                continue
            row = by_key[one.said.event_key]
            assert (one.said.source, one.said.occurred_at) == (row.event.source, row.event.occurred_at)
            assert one.said.folded_at == NOW
            assert carries(name, json.loads(bytes(one.value)), row.event), (name, one.value, row.event.body)
            gone = {lost.said.event_key for lost in one.lost}
            assert one.said.event_key not in gone
            assert len(gone) == len(one.lost) == one.lost_count
            rest = [row.event for row in rows if row.event.key.hex() not in gone]
            without = document(subject_id, tenant, rest)
            if without is not None and name.startswith("/"):
                holder, _, last = name.rpartition("/")
                beside = at(without, holder) if last.isdigit() else [at(without, name)]
                assert json.loads(bytes(one.value)) in beside or name.endswith("/stops"), (name, gone)


def carries(name: str, value: Any, event: Event) -> bool:
    """Whether an event says a value, by its own bytes."""
    data = json.loads(event.body)["data"]
    last = name.rsplit("/", 1)[1] if name.startswith("/") else name
    first = name.strip("/").split("/")[0]
    return CARRIES.get(last, CARRIES.get(first, lambda *_: False))(value, data, event)


def _happened(value: Any, _: Any, event: Event) -> bool:
    return datetime.fromisoformat(value) == event.occurred_at


def _same(name: str) -> Callable[[Any, Any, Event], bool]:
    return lambda value, data, _: data[name] == (value[name] if isinstance(value, dict) and name in value else value)


# By the last part of a field's name, else by its first.
CARRIES: dict[str, Callable[[Any, Any, Event], bool]] = {
    **dict.fromkeys(("created_at", "last_event_at", "cleared_at"), _happened),
    **{name: _same(name) for name in ("ship_to", "origin", "service", "mode")},
    "quantity_shipped": lambda value, data, _: value == 0 or any(one["quantity"] <= value for one in data["lines"]),
    "stops": lambda value, data, _: (
        {one["planned_at"] for one in value} <= {shifted(one["planned_at"]) for one in data["stops"]}
    ),
    "number": lambda value, data, _: data["about"]["value"] == value,
    "orders": lambda value, data, _: {one["erp_order"] for one in value} == {one["order"] for one in data["lines"]},
    "promised_at": lambda value, data, _: shifted(data["promised_at"]) == value,
    "eta_at": lambda value, data, _: shifted(data["eta_at"]) == value,
    "timetable": lambda value, data, _: shifted(data["eta_at"]) == value,
    "carrier": lambda value, data, _: data["carrier"]["scac"] == value["scac"],
    "milestones": _same("code"),
    "exceptions": _same("code"),
    "documents": _same("document"),
    "charges": _same("charge"),
    "packages": _same("package"),
    "loads": _same("load"),
    "references": lambda value, _, event: value["value"] in event.body.decode(),
    "tender": lambda value, data, _: data["carrier"]["scac"] == value["carrier"]["scac"],
    "ship_confirm": lambda *_: True,
    "cancellation": lambda *_: True,
    "return": _same("authorisation"),
}


def shifted(text: str) -> str:
    return json.loads(json.dumps(datetime.fromisoformat(text).isoformat().replace("+00:00", "Z")))


@settings(max_examples=100)
@given(worlds(most=30))
def test_whoever_spoke_of_a_field_won_or_lost(world):
    for (subject_id, tenant), rows in histories(world).items():
        fields = told(subject_id, tenant, rows)
        for name, kinds in (("/ship_to", ShipmentPlanned), ("/promised_at", ShipmentPlanned), ("/eta_at", EtaChanged)):
            if name in fields and (said := fields[name].said):
                spoke = {row.event.key.hex() for row in rows if isinstance(row.event.data, kinds)}
                assert {said.event_key, *(lost.said.event_key for lost in fields[name].lost)} == spoke


@settings(max_examples=100)
@given(worlds(most=30), st.sampled_from([(), ("documents",), ("charges",)]))
def test_nobody_is_told_of_checkpoints_of_ours_or_of_sections_that_are_not_theirs(world, sections):
    for (subject_id, tenant), rows in histories(world).items():
        fields = told(subject_id, tenant, rows, sections)
        hidden = {row.event.key.hex() for row in rows if is_hidden(row.event, sections)}
        named = {one.said.event_key for one in fields.values() if one.said}
        assert hidden.isdisjoint(named | {lost.said.event_key for one in fields.values() for lost in one.lost})
        assert all(name.split("/")[1] in sections for name in fields if name.startswith(("/documents", "/charges")))


def is_hidden(event: Event, sections) -> bool:
    code = getattr(event.data, "code", None)
    guarded = {"document.added.v1": "documents", "charge.posted.v1": "charges"}.get(event.type)
    return bool((code in MILESTONES and not MILESTONES[code].customer_visible) or (guarded and guarded not in sections))


@settings(max_examples=60)
@given(worlds(most=30))
def test_nothing_taken_back_is_named_but_as_taken_back(world):
    for (subject_id, tenant), rows in histories(world).items():
        taken_back = {
            (row.event.source, row.event.data.retracts) for row in rows if isinstance(row.event.data, EventRetracted)
        }
        retracted = {row.event.key.hex() for row in rows if (row.event.source, row.event.id) in taken_back}
        for one in told(subject_id, tenant, rows).values():
            assert one.said is None or one.said.event_key not in retracted
            for lost in one.lost:
                assert (lost.said.event_key in retracted) == (lost.why == "retracted")


def encoded(world) -> dict[tuple[str, str], bytes]:
    return {
        (subject_id, tenant): msgspec.json.encode(provenance_of(subject_id, tenant, rows, SECTIONS, KNOWN))
        for (subject_id, tenant), rows in histories(world).items()
    }


@settings(max_examples=100)
@given(worlds(most=30))
def test_nothing_of_one_tenant_is_in_any_byte_of_anothers(world):
    for (_, tenant), told_of in encoded(world).items():
        assert_without(tenant, told_of)


@settings(max_examples=150)
@given(worlds(linked=False, most=30))
def test_what_happens_to_one_tenants_part_of_a_load_changes_no_byte_of_anothers(world):
    everything = encoded(world)
    for tenant in TENANTS:
        alone = encoded([(name, own_part(draft, tenant)) for name, draft in world if is_for(draft, tenant)])
        own = {key: told_of for key, told_of in everything.items() if key[1] == tenant}
        assert own == {key: told_of for key, told_of in alone.items() if key[1] == tenant}


def test_a_load_planned_anew_for_anothers_sake_shows_nowhere():
    mine, other = (
        {
            "stop": number,
            "purpose": "delivery",
            "place": {"city": tenant},
            "shipments": [{"tenant": tenant, "tms_shipment": shipments(tenant)[0]}],
        }
        for number, tenant in enumerate(TENANTS, start=1)
    )

    def planned(hours: int, *stops: dict[str, Any]) -> Draft:
        data = {"about": {"type": "load", "value": "L-1"}, "stops": stops}
        return Draft("load.planned.v1", "/tms/main", None, data, START + timedelta(hours=hours))

    about = {"about": {"type": "tms_shipment", "value": shipments(TENANTS[0])[0]}}
    said = [
        Draft("shipment.planned.v1", "/tms/main", TENANTS[0], about | {"ship_to": {"city": "Kiel"}}, START),
        Draft("load.shipment_assigned.v1", "/tms/main", TENANTS[0], about | {"load": "L-1"}, START),
        planned(1, mine),
    ]
    once = [(f"e{number}", draft) for number, draft in enumerate(said)]
    before = encoded(once)
    assert b'"/loads/0/stops"' in b"".join(before.values())
    again = encoded([*once, ("e8", planned(2, mine, other)), ("e9", planned(3, mine))])
    assert again == before
    moved = mine | {"place": {"city": "Ulm"}}
    assert encoded([*once, ("e8", planned(2, mine, other)), ("e9", planned(3, moved))]) != before
