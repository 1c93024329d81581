"""Which thing an event is about: every type of reference, splits and consolidations, loads, and names never merged."""

import itertools
import json

import pytest

from projections.intake.outcomes import Message, OutcomeStatus
from projections.references import REFERENCE_TYPES, ReferenceType, SubjectKind, Uniqueness, public_id
from tests.messages import (
    invoice_posted,
    load_milestone,
    message,
    milestone,
    order_released,
    payment_changed,
    pro,
    reference_linked,
    retracted,
    shipment_assigned,
    tms_shipment,
)
from tests.refold import refolded, stored

ACCEPTED, _, HELD, QUARANTINED = OutcomeStatus
LINKED = ("wms_shipment", "bol", "pro", "tracking_number", "package_sscc")
FINDING = [name for name, meaning in REFERENCE_TYPES.items() if meaning.identifies is None]


async def take(intake, *bodies):
    return [outcome.status for outcome in await intake.take([Message(body, "test") for body in bodies])]


def reference(kind, value="N-1", carrier="ABFS"):
    by_carrier = REFERENCE_TYPES[ReferenceType(kind)].unique_within is Uniqueness.CARRIER
    return {"type": kind, "value": value} | ({"carrier": carrier} if by_carrier else {})


def planned(number="S-1", *references, lines=(("SO-1", 10),), **envelope):
    data = {
        "about": tms_shipment(number),
        "references": references,
        "carrier": {"scac": "ABFS"},
        "ship_to": {"city": "Bremen", "country": "DE"},
        "lines": [{"order": order, "line": 1, "quantity": quantity} for order, quantity in lines],
    }
    return message("shipment.planned.v1", data, **envelope)


def cancelled(about, **envelope):
    return message("shipment.cancelled.v1", {"about": about}, **envelope)


# For each type that names something: an event about it, and those that make it known, in order.
HOLDING = {
    "erp_order": (invoice_posted("I-1", "N-1"), [order_released("N-1")]),
    "invoice": (payment_changed("N-1"), [order_released("SO-1"), invoice_posted("N-1", "SO-1")]),
    "tms_shipment": (cancelled(tms_shipment("N-1")), [planned("N-1")]),
    **{kind: (cancelled(reference(kind)), [planned("S-1", reference(kind))]) for kind in LINKED},
}


def subject(tenant="nordwind", number="S-1"):
    return public_id(SubjectKind.SHIPMENT, tenant, number)


async def shown(superuser, kind, subject_id):
    table = {"shipment": "portal.shipment_view", "order": "portal.order_view"}[kind]
    row = await superuser.fetchrow(f"select document from {table} where id = $1", subject_id)  # noqa: S608 - ours
    return json.loads(row[0])


def test_every_type_that_names_something_is_shown_here():
    naming = {kind.value for kind, meaning in REFERENCE_TYPES.items() if meaning.identifies}
    # An event about a load waits for nothing: what it says waits with the load for its shipments.
    assert set(HOLDING) == naming - {"load"}


@pytest.mark.parametrize("kind", HOLDING)
async def test_an_event_waits_for_its_reference_and_is_released_with_it(intake, superuser, kind):
    child, parents = HOLDING[kind]
    assert await take(intake, child) == [HELD]
    assert tuple(await superuser.fetchrow("select type, value from log.held")) == (kind, "N-1")
    for parent in parents:
        assert await take(intake, parent) == [ACCEPTED]
    assert await superuser.fetchval("select count(*) from log.held") == 0
    rows = await superuser.fetch("select recorded_at, subject_id, body from log.event order by position desc limit 2")
    assert rows[0]["body"] == child
    assert rows[0]["recorded_at"] == rows[1]["recorded_at"]
    assert rows[0]["subject_id"] == rows[1]["subject_id"]


@pytest.mark.parametrize("kind", LINKED)
async def test_a_number_names_one_thing_within_what_it_is_unique_in(intake, superuser, kind):
    within = REFERENCE_TYPES[ReferenceType(kind)].unique_within
    await take(intake, planned("S-1", reference(kind)))
    claims = {
        Uniqueness.TENANT: planned("S-2", reference(kind), tenant="suedwind"),
        Uniqueness.CARRIER: planned("S-2", reference(kind, carrier="RDFX")),
    }
    if within in claims:
        assert await take(intake, claims[within]) == [ACCEPTED]
    assert await take(intake, planned("S-3", reference(kind))) == [QUARANTINED]
    other = planned("S-4", reference(kind), tenant="westwind")
    assert await take(intake, other) == [ACCEPTED if within is Uniqueness.TENANT else QUARANTINED]
    assert await take(intake, cancelled(reference(kind))) == [ACCEPTED]
    assert await superuser.fetchval("select count(*) from log.event where subject_id = $1", subject()) == 2


async def test_orders_and_shipments_of_two_customers_may_have_the_same_numbers(intake, superuser):
    bodies = [
        body
        for tenant in ("nordwind", "suedwind")
        for body in (
            order_released(tenant=tenant),
            invoice_posted(tenant=tenant),
            payment_changed(tenant=tenant),
            planned(tenant=tenant),
            cancelled(tms_shipment(), tenant=tenant),
        )
    ]
    assert await take(intake, *bodies) == [ACCEPTED] * 10
    rows = await superuser.fetch("select subject_id, tenant, count(*) from log.event group by 1, 2")
    assert sorted((row[1], row[2]) for row in rows) == [
        ("nordwind", 2),
        ("nordwind", 3),
        ("suedwind", 2),
        ("suedwind", 3),
    ]


@pytest.mark.parametrize("kind", FINDING)
async def test_a_number_that_only_helps_to_find_names_nothing_and_may_be_shared(intake, projector, superuser, kind):
    assert await take(intake, cancelled(reference(kind))) == [QUARANTINED]
    shared = reference(kind)
    assert await take(intake, planned("S-1", shared), planned("S-2", shared)) == [ACCEPTED, ACCEPTED]
    await projector().catch_up()
    found = await superuser.fetch("select subject_id from portal.reference where type = $1 and value = 'N-1'", kind)
    assert {row[0] for row in found} == {subject(number="S-1"), subject(number="S-2")}


async def test_what_only_resembles_another_is_never_merged_with_it(intake, projector, superuser):
    po = reference("customer_po", "PO-7")
    alike = {"lines": (("SO-1", 4),), "hours": 1}
    await take(intake, order_released(), planned("S-1", po, **alike), planned("S-2", po, **alike))
    # The carrier's number is linked to neither, however well order, customer and time fit; another carrier's is.
    await take(intake, reference_linked(tms_shipment("S-1"), reference("pro", "PRO-S-1", "RDFX")))
    assert await take(intake, milestone("S-1", hours=2)) == [HELD]
    await projector().catch_up()
    for number in ("S-1", "S-2"):
        assert (await shown(superuser, "shipment", subject(number=number)))["milestones"] == []
    assert await superuser.fetchval("select count(*) from log.held") == 1


async def test_two_numbers_known_apart_stay_apart_until_a_source_links_them(intake, superuser):
    await take(intake, planned("S-1"))
    tracked = milestone("S-1", about=reference("tracking_number", "T-1"))
    assert await take(intake, tracked, milestone("S-1")) == [HELD, HELD]
    await take(intake, reference_linked(tms_shipment("S-1"), pro("S-1")))
    assert await superuser.fetchval("select type from log.held") == "tracking_number"
    await take(intake, reference_linked(pro("S-1"), reference("tracking_number", "T-1")))
    assert await superuser.fetchval("select count(*) from log.held") == 0


def load_story(n):
    """A shipment, its assignment, its load's plan, and a report of the load's stop."""
    stop = {"stop": 2, "purpose": "delivery", "place": {"city": "Kiel", "country": "DE"}}
    stop["shipments"] = [{"tenant": "nordwind", "tms_shipment": f"S-{n}"}]
    about = {"about": {"type": "load", "value": f"L-{n}"}}
    report = about | {"code": "delivered", "stop": 2}
    return [
        planned(f"S-{n}"),
        shipment_assigned(f"S-{n}", f"L-{n}"),
        message("load.planned.v1", about | {"stops": [stop]}, tenant=None),
        message("load.milestone.v1", report, source="/carrier/ABFS", tenant=None),
    ]


async def test_a_load_reaches_a_shipment_however_plan_assignment_and_report_come(intake, projector, superuser):
    orders = list(enumerate(itertools.permutations(range(4))))
    for n, order in orders:
        bodies = load_story(n)
        for index in order:
            await take(intake, bodies[index])
    await projector().catch_up()
    for n, _ in orders:
        [reached] = (await shown(superuser, "shipment", subject(number=f"S-{n}")))["milestones"]
        assert (reached["code"], reached["place"]["city"]) == ("delivered", "Kiel")


async def test_a_split_order_shows_each_of_its_shipments(intake, projector, superuser):
    parts = [planned(f"S-{n}", lines=(("SO-1", quantity),)) for n, quantity in enumerate((5, 3, 2), 1)]
    await take(intake, parts[0], order_released(quantity=10), *parts[1:])
    delivered = message("shipment.milestone.v1", {"about": tms_shipment("S-2"), "code": "delivered"}, hours=9)
    await take(intake, delivered)
    await projector().catch_up()
    order = await shown(superuser, "order", public_id(SubjectKind.ORDER, "nordwind", "SO-1"))
    phases = {one["number"]: one["phase"] for one in order["shipments"]}
    assert phases == {"S-1": "planned", "S-2": "delivered", "S-3": "planned"}
    assert order["phase"] != "delivered"


async def test_a_consolidated_shipment_is_part_of_each_of_its_orders(intake, projector, superuser):
    await take(intake, order_released("SO-1"), planned("S-1", lines=(("SO-1", 4), ("SO-2", 6))), order_released("SO-2"))
    await projector().catch_up()
    for order, quantity in (("SO-1", 4), ("SO-2", 6)):
        document = await shown(superuser, "order", public_id(SubjectKind.ORDER, "nordwind", order))
        [part] = document["shipments"]
        assert part["number"] == "S-1"
        assert [line["quantity"] for line in part["lines"]] == [quantity]
    shipment = await shown(superuser, "shipment", subject())
    assert [part["erp_order"] for part in shipment["orders"]] == ["SO-1", "SO-2"]


async def test_each_customer_on_a_load_is_shown_its_own_stop_only(intake, projector, superuser):
    customers = {"nordwind": ("Kiel", 2), "suedwind": ("Ulm", 3)}
    stops = [
        {
            "stop": stop,
            "purpose": "delivery",
            "place": {"city": city, "country": "DE"},
            "shipments": [{"tenant": tenant, "tms_shipment": "S-1"}],
        }
        for tenant, (city, stop) in customers.items()
    ]
    about = {"about": {"type": "load", "value": "L-1"}}
    await take(intake, message("load.planned.v1", about | {"stops": stops}, tenant=None), load_milestone())
    for tenant in customers:
        await take(intake, planned("S-1", tenant=tenant), shipment_assigned(tenant=tenant))
    await take(intake, message("load.milestone.v1", about | {"code": "delivered", "stop": 3}, source="/carrier/ABFS"))
    await projector().catch_up()
    for tenant, (city, _) in customers.items():
        document = await shown(superuser, "shipment", subject(tenant))
        assert [stop["place"]["city"] for load in document["loads"] for stop in load["stops"]] == [city]
        other = next(other for whose, (other, _) in customers.items() if whose != tenant)
        assert other not in json.dumps(document)
    assert (await shown(superuser, "shipment", subject("suedwind")))["phase"] == "delivered"
    assert (await shown(superuser, "shipment", subject("nordwind")))["phase"] == "in_transit"


async def test_a_retracted_assignment_takes_all_the_load_said_with_it(intake, projector, superuser):
    await take(intake, planned(), shipment_assigned(id="wrong"), load_milestone(hours=2))
    await take(intake, retracted("wrong", tms_shipment()), load_milestone(code="en_route", hours=3))
    await projector().catch_up()
    document = await shown(superuser, "shipment", subject())
    assert (document["phase"], document["milestones"], document["loads"]) == ("planned", [], [])


async def test_a_number_once_given_stays_given_when_what_gave_it_is_retracted(intake, projector, superuser):
    """docs/decisions/0014: in any order of arrival."""
    parts = {
        "plan": lambda n: planned(f"S-{n}", id=f"p{n}"),
        "link": lambda n: reference_linked(tms_shipment(f"S-{n}"), pro(f"S-{n}"), id=f"l{n}"),
        "child": lambda n: milestone(f"S-{n}", id=f"c{n}"),
        "retraction": lambda n: retracted(f"l{n}", tms_shipment(f"S-{n}"), hours=1),
    }
    orders = list(enumerate(itertools.permutations(parts)))
    for n, order in orders:
        for name in order:
            await take(intake, parts[name](n))
    await projector().catch_up()
    for n, _ in orders:
        document = await shown(superuser, "shipment", subject(number=f"S-{n}"))
        # The number is shown because what was placed by it uses it itself.
        assert [one["code"] for one in document["milestones"]] == ["departed"]
        assert [one["type"] for one in document["references"]] == ["pro", "tms_shipment"]
        claim = planned(f"S-{n}-other", pro(f"S-{n}"))
        assert await take(intake, claim) == [QUARANTINED]
    assert await stored(superuser) == await refolded(superuser)
