"""The door into the log: what is taken, held, recognised and refused."""

import asyncio
import time

import asyncpg
import pytest

from projections.database import DatabaseRole, open_pool
from projections.event import RejectionReason
from projections.intake.intake import Intake
from projections.intake.outcomes import Message, OutcomeStatus
from projections.references import SubjectKind, public_id
from tests.integration.intake_cases import REFUSED
from tests.messages import (
    at,
    invoice_posted,
    load_milestone,
    message,
    milestone,
    order_released,
    payment_changed,
    pro,
    reference_linked,
    shipment_assigned,
    shipment_planned,
    tms_shipment,
)

ACCEPTED, DUPLICATE, HELD, QUARANTINED = OutcomeStatus


def messages(*bodies):
    return [Message(body, "test") for body in bodies]


async def take(intake, *bodies):
    """Take a batch in; the status of each."""
    return [outcome.status for outcome in await intake.take(messages(*bodies))]


async def history_of(superuser, tenant, number, kind=SubjectKind.SHIPMENT):
    """The types of the events in a subject's history."""
    rows = await superuser.fetch(
        "select convert_from(body, 'utf8')::jsonb ->> 'type' from log.event where subject_id = $1 order by position",
        public_id(kind, tenant, number),
    )
    return [row[0] for row in rows]


async def count(superuser, table):
    return await superuser.fetchval(f"select count(*) from {table}")  # noqa: S608 - a name of ours


@pytest.mark.parametrize(("reason", "pointer", "body"), REFUSED)
async def test_what_cannot_be_understood_is_quarantined_with_its_bytes(intake, superuser, reason, pointer, body):
    [outcome] = await intake.take(messages(body))
    assert (outcome.status, outcome.reason, outcome.pointer) == (QUARANTINED, reason, pointer)
    row = await superuser.fetchrow("select reason, pointer, body, channel, detail from log.quarantine")
    assert tuple(row)[:4] == (reason, pointer, body, "test")
    assert row["detail"]
    assert await count(superuser, "log.event_key") == 0


def test_every_reason_is_shown_here():
    by_circumstance = {
        RejectionReason.SOURCE_NOT_ALLOWED,
        RejectionReason.REFERENCE_CONFLICT,
        RejectionReason.ID_REUSED,
        RejectionReason.NEVER_PLACED,
    }
    assert {reason for reason, _, _ in REFUSED} | by_circumstance == set(RejectionReason)


async def test_a_client_speaks_only_for_its_own_sources(intake):
    body = order_released(source="/erp/main")
    [other, own] = await intake.take([Message(body, "http", ("/erp/second",)), Message(body, "http", ("/erp/",))])
    assert (other.status, other.reason, other.pointer) == (QUARANTINED, "source_not_allowed", "/source")
    assert own.status is ACCEPTED


async def test_one_bad_event_does_not_sink_the_good_ones_beside_it(intake, superuser):
    bodies = [order_released(), b"{", shipment_planned(), milestone(code="no_such"), milestone()]
    assert await take(intake, *bodies) == [ACCEPTED, QUARANTINED, ACCEPTED, QUARANTINED, ACCEPTED]
    assert await history_of(superuser, "nordwind", "S-1") == ["shipment.planned.v1", "shipment.milestone.v1"]


async def test_the_same_refused_bytes_are_kept_once_and_counted(intake, superuser):
    await take(intake, b"{")
    await take(intake, b"{")
    assert [tuple(row) for row in await superuser.fetch("select body, seen_count from log.quarantine")] == [(b"{", 2)]


async def test_words_of_a_refused_message_are_made_fit_to_be_kept(intake, superuser):
    await take(intake, message("shipment.cancelled.v1", {"x" * 5_000 + "\0": 1}, id="a\0b"))
    row = await superuser.fetchrow("select detail, event_id from log.quarantine")
    assert "\0" not in row["detail"]
    assert len(row["detail"]) <= 1_000


async def test_an_empty_batch_is_no_work(intake):
    assert await intake.take([]) == []


async def test_a_duplicate_is_known_in_its_batch_and_in_later_ones(intake, superuser):
    body = order_released()
    assert await take(intake, body, body) == [ACCEPTED, DUPLICATE]
    assert await take(intake, body) == [DUPLICATE]
    assert await count(superuser, "log.event") == 1


async def test_a_duplicate_of_a_held_event_is_known(intake, superuser):
    body = milestone()
    assert await take(intake, body, body) == [HELD, DUPLICATE]
    assert await take(intake, body) == [DUPLICATE]
    assert await count(superuser, "log.held") == 1
    await take(intake, shipment_planned())
    assert await take(intake, body) == [DUPLICATE]
    assert await history_of(superuser, "nordwind", "S-1") == ["shipment.planned.v1", "shipment.milestone.v1"]


async def test_a_second_event_under_the_same_id_is_refused(intake):
    first, second = order_released(id="same", quantity=1), order_released(id="same", quantity=2)
    outcomes = await intake.take(messages(first, second))
    assert [(one.status, one.reason, one.pointer) for one in outcomes] == [
        (ACCEPTED, None, None),
        (QUARANTINED, "id_reused", "/id"),
    ]
    assert await take(intake, second, first) == [QUARANTINED, DUPLICATE]


async def test_an_id_is_unique_within_its_source_only(intake):
    assert (
        await take(intake, order_released(id="1"), order_released("SO-2", id="1", source="/erp/two")) == [ACCEPTED] * 2
    )


async def test_what_speaks_of_an_unknown_order_or_shipment_is_held_until_it_comes(intake, superuser):
    assert await take(intake, milestone(), payment_changed(), invoice_posted()) == [HELD] * 3
    assert await count(superuser, "log.event") == 0
    assert await take(intake, shipment_planned()) == [ACCEPTED]
    assert await history_of(superuser, "nordwind", "S-1") == ["shipment.planned.v1", "shipment.milestone.v1"]
    # The payment waits for the invoice, and the invoice for the order: one arrival releases both.
    assert await take(intake, order_released()) == [ACCEPTED]
    assert await history_of(superuser, "nordwind", "SO-1", SubjectKind.ORDER) == [
        "order.released.v1",
        "invoice.posted.v1",
        "invoice.payment_changed.v1",
    ]
    assert await count(superuser, "log.held") == 0


async def test_parent_and_child_in_one_batch_meet_in_either_order(intake, superuser):
    assert await take(intake, milestone(), shipment_planned()) == [ACCEPTED] * 2
    assert await take(intake, shipment_planned("S-2"), milestone("S-2")) == [ACCEPTED] * 2
    assert await count(superuser, "log.held") == 0


async def test_a_chain_of_links_is_released_by_its_first(intake, superuser):
    bol = {"type": "bol", "value": "B-1", "carrier": "ABFS"}
    wms = {"type": "wms_shipment", "value": "W-1"}
    about_wms = message("shipment.shipped.v1", {"about": wms}, source="/wms/hall1")
    assert await take(intake, about_wms, reference_linked(bol, wms), reference_linked(pro(), bol)) == [HELD] * 3
    assert await take(intake, shipment_planned()) == [ACCEPTED]
    assert sorted(await history_of(superuser, "nordwind", "S-1")) == [
        "reference.linked.v1",
        "reference.linked.v1",
        "shipment.planned.v1",
        "shipment.shipped.v1",
    ]


async def test_a_reference_means_one_thing_per_tenant_and_per_carrier(intake, superuser):
    theirs = {"type": "tms_shipment", "value": "S-1"}
    planned = shipment_planned(tenant="suedwerk", order="SO-1", number="S-1")
    # Their shipment has the same number as ours, and, as it is the same carrier's, may not have the same PRO.
    assert await take(intake, shipment_planned(), planned) == [ACCEPTED, QUARANTINED]
    other = message("shipment.planned.v1", {"about": theirs, "ship_to": {"city": "Ulm"}}, tenant="suedwerk")
    assert await take(intake, other) == [ACCEPTED]
    assert await history_of(superuser, "suedwerk", "S-1") == ["shipment.planned.v1"]


async def test_another_tenants_event_under_a_carriers_number_reaches_nobody(intake, superuser):
    await take(intake, shipment_planned())
    wrong = message("package.packed.v1", {"about": pro(), "package": "P"}, source="/wms/x", tenant="suedwerk")
    links = reference_linked(pro(), tms_shipment("S-9"), tenant="suedwerk")
    outcomes = await intake.take(messages(wrong, links))
    assert [(one.status, one.reason, one.pointer) for one in outcomes] == [
        (QUARANTINED, "reference_conflict", "/data/about")
    ] * 2
    # Their own numbers do not lead to our shipment.
    own = message("shipment.cancelled.v1", {"about": tms_shipment("S-9")}, tenant="suedwerk")
    assert await take(intake, own) == [HELD]
    assert await history_of(superuser, "nordwind", "S-1") == ["shipment.planned.v1"]


async def test_a_reference_that_names_another_thing_already_is_a_conflict(intake):
    await take(intake, shipment_planned("S-1"), shipment_planned("S-2"))
    contradiction = reference_linked(tms_shipment("S-2"), pro("S-1"))
    outcomes = await intake.take(messages(contradiction, contradiction))
    assert [(one.status, one.reason, one.pointer) for one in outcomes] == [
        (QUARANTINED, "reference_conflict", "/data/references")
    ] * 2


async def test_a_held_event_that_conflicts_when_released_is_quarantined_and_may_come_again(intake, superuser):
    link = reference_linked(tms_shipment("S-2"), pro("S-1"))
    assert await take(intake, link, shipment_planned("S-1")) == [HELD, ACCEPTED]
    assert await take(intake, shipment_planned("S-2")) == [ACCEPTED]
    row = await superuser.fetchrow("select reason, channel, body from log.quarantine")
    assert tuple(row) == ("reference_conflict", "held", link)
    assert await count(superuser, "log.held") == 0
    assert await take(intake, link) == [QUARANTINED]


async def test_a_loads_events_reach_shipments_assigned_before_and_later(intake, superuser):
    await take(intake, shipment_planned("S-1"), shipment_planned("S-2"), shipment_assigned("S-1"))
    await take(intake, load_milestone(code="departed"))
    await take(intake, shipment_assigned("S-2"))
    await take(intake, load_milestone(code="arrived_at_terminal"))
    expected = ["load.milestone.v1", "load.milestone.v1", "load.shipment_assigned.v1", "shipment.planned.v1"]
    assert sorted(await history_of(superuser, "nordwind", "S-1")) == expected
    assert sorted(await history_of(superuser, "nordwind", "S-2")) == expected


async def test_a_shipment_assigned_under_another_of_its_names_travels_with_the_load_too(intake, superuser):
    assigned = shipment_assigned(about=pro("S-1"), tenant=None)
    assert await take(intake, assigned) == [HELD]
    await take(intake, load_milestone(code="departed"))
    await take(intake, shipment_planned("S-1"))
    await take(intake, load_milestone(code="arrived_at_terminal"))
    assert sorted(await history_of(superuser, "nordwind", "S-1")) == [
        "load.milestone.v1",
        "load.milestone.v1",
        "load.shipment_assigned.v1",
        "shipment.planned.v1",
    ]
    # Nothing was placed on what nobody knows.
    assert await superuser.fetchval("select count(distinct subject_id) from log.event") == 2


async def test_assigning_twice_places_the_loads_events_once(intake, superuser):
    await take(intake, shipment_planned(), load_milestone(), shipment_assigned(), shipment_assigned())
    await take(intake, shipment_assigned())
    assert (await history_of(superuser, "nordwind", "S-1")).count("load.milestone.v1") == 1


async def test_positions_of_a_partition_have_no_gaps_even_after_a_failure(intake, superuser, database):
    await take(intake, *(order_released(f"SO-{n}") for n in range(5)))
    fenced = await open_pool(database, DatabaseRole.APP, connections=1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await Intake(fenced).take(messages(order_released("SO-6")))
    await fenced.close()
    await take(intake, *(order_released(f"SO-{n}") for n in range(7, 9)))
    rows = await superuser.fetch("select partition, array_agg(position order by position) from log.event group by 1")
    assert [list(row[1]) for row in rows] == [list(range(1, 8))]


async def test_two_intakes_racing_parent_and_child_leave_nothing_held(database, superuser):
    pools = [await open_pool(database, DatabaseRole.PROJECTOR, connections=2) for _ in range(2)]
    one, other = (Intake(pool) for pool in pools)
    deadline, rounds = time.monotonic() + 4, 0
    while time.monotonic() < deadline and rounds < 400:
        parent, child = shipment_planned(f"S-{rounds}"), milestone(f"S-{rounds}")
        await asyncio.gather(take(one, child), take(other, parent))
        rounds += 1
    assert rounds > 20
    assert await count(superuser, "log.held") == 0
    assert await count(superuser, "log.event") == 2 * rounds
    for pool in pools:
        await pool.close()


async def test_a_watermark_is_the_latest_word_of_each_source(intake, superuser):
    await take(intake, order_released(hours=3), order_released("SO-2", hours=1))
    beat = message("source.heartbeat.v1", {}, source="/carrier/ABFS", tenant=None, hours=9)
    await take(intake, order_released("SO-3", hours=2), beat, milestone(hours=5))
    rows = await superuser.fetch("select source, occurred_at from log.source_watermark")
    assert {row[0]: row[1] for row in rows} == {"/erp/main": at(3), "/carrier/ABFS": at(9)}


async def test_a_message_the_store_cannot_take_is_found_and_put_aside(intake, superuser):
    # The store refuses what the checks let through: a constraint stands in for whatever they may have missed.
    await superuser.execute("alter table log.held add constraint picky check (event_id <> 'poison')")
    bodies = [order_released(), milestone("S-8"), milestone("S-9", id="poison"), shipment_planned(), milestone()]
    outcomes = await intake.take(messages(*bodies))
    assert [one.status for one in outcomes] == [ACCEPTED, HELD, QUARANTINED, ACCEPTED, ACCEPTED]
    assert outcomes[2].reason == "invalid"
    assert "picky" in (outcomes[2].detail or "")
    assert await superuser.fetchval("select body from log.quarantine") == bodies[2]


async def test_an_outage_of_the_store_is_raised_and_nobodys_fault(intake, superuser):
    await superuser.execute("alter table log.held rename to lost")
    with pytest.raises(asyncpg.UndefinedTableError):
        await take(intake, milestone())
    await superuser.execute("alter table log.lost rename to held")
    assert await count(superuser, "log.quarantine") == 0
