"""From the log to stored views: nothing is lost, folded twice, or written by one who may not."""

import asyncio
import contextlib
import json
import math
import random

import pytest
from structlog.testing import capture_logs

from projections.checkpoint import FencedError
from projections.database import DATABASE_UNAVAILABLE
from projections.intake.outcomes import Message
from projections.references import SubjectKind, public_id
from tests.integration.waiting import until
from tests.messages import (
    at,
    load_milestone,
    message,
    milestone,
    order_released,
    retracted,
    shipment_assigned,
    shipment_planned,
    tms_shipment,
)
from tests.refold import refolded, stored

SHIPMENT = public_id(SubjectKind.SHIPMENT, "nordwind", "S-1")
ORDER = public_id(SubjectKind.ORDER, "nordwind", "SO-1")


def journeys(start, count):
    """Orders with a shipment each, some of them on a common load, over several tenants; out of order."""
    bodies = []
    for number in range(start, start + count):
        tenant, shipment, order = f"tenant{number % 5}", f"S-{number}", f"SO-{number}"
        bodies += [
            order_released(order, tenant=tenant),
            shipment_planned(shipment, order, tenant=tenant, hours=1),
            shipment_assigned(shipment, f"L-{number % 3}", tenant=tenant, hours=2),
            milestone(shipment, "picked_up", hours=3),
            milestone(shipment, "delivered", hours=9),
        ]
    bodies += [load_milestone(f"L-{number}", hours=4) for number in range(3)]
    random.Random(start).shuffle(bodies)  # noqa: S311 - repeatable is the point
    return bodies


async def take(intake, *bodies):
    return await intake.take([Message(body, "test") for body in bodies])


async def document(superuser, subject_id=SHIPMENT):
    row = await superuser.fetchrow("select document from portal.shipment_view where id = $1", subject_id)
    return json.loads(row[0]) if row else None


async def expire_leases(superuser):
    """As if the one who holds them had died long enough ago."""
    await superuser.execute("update portal.checkpoint set lease_expires_at = '-infinity'; delete from portal.projector")


@contextlib.asynccontextmanager
async def running(projector):
    stop = asyncio.Event()
    task = asyncio.create_task(projector.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await task


async def test_checkpoints_stand_at_the_end_of_the_log(intake, projector, superuser):
    await take(intake, *journeys(0, 20))
    rows = await superuser.fetchval("select count(*) from log.event")
    assert await projector(batch_rows=17).catch_up() == rows
    behind = (
        "select count(*) from portal.checkpoint c join log.partition p using (partition) where c.position <> p.position"
    )
    assert await superuser.fetchval(behind) == 0
    assert await stored(superuser) == await refolded(superuser) != {}


async def test_folding_goes_on_from_the_checkpoint(intake, projector, superuser):
    await take(intake, order_released(), shipment_planned())
    assert await projector().catch_up() == 2
    await take(intake, milestone())
    assert await projector().catch_up() == 1
    assert (await document(superuser))["phase"] == "in_transit"


async def test_views_equal_the_fold_of_the_log_while_events_keep_coming(intake, projector, superuser):
    async with running(projector(batch_rows=40, remembered_bytes=30_000)):
        for start in range(0, 100, 20):
            await take(intake, *journeys(start, 20))

        async def caught_up():
            return await stored(superuser) == await refolded(superuser)

        await until(caught_up)
    assert len(await stored(superuser)) == 200


async def test_a_projector_killed_at_any_moment_loses_nothing_and_folds_nothing_twice(intake, projector, superuser):
    await take(intake, *journeys(0, 60))
    chance = random.Random(7)  # noqa: S311 - repeatable is the point
    for kill in range(15):
        task = asyncio.create_task(projector(f"mortal{kill}", batch_rows=11).run(asyncio.Event()))
        await asyncio.sleep(chance.uniform(0.005, 0.06))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await expire_leases(superuser)
    await projector("last").catch_up()
    assert await stored(superuser) == await refolded(superuser)
    assert len(await stored(superuser)) == 120
    await assert_changes_are_gapless(superuser)


async def assert_changes_are_gapless(superuser):
    for tenant, numbers in await superuser.fetch(
        "select tenant, array_agg(sequence order by sequence) from portal.change group by tenant"
    ):
        assert list(numbers) == list(range(1, len(numbers) + 1)), tenant


async def test_a_fenced_projector_writes_nothing(intake, projector, superuser):
    fenced = projector("old")
    await take(intake, order_released(), shipment_planned())
    await fenced.catch_up()
    before = await stored(superuser)
    await superuser.execute("update portal.checkpoint set owner = 'new', token = token + 1")
    await take(intake, milestone(), order_released("SO-2"))
    with pytest.raises(FencedError):
        await fenced.catch_up()
    assert await stored(superuser) == before
    assert await superuser.fetchval("select max(position) from portal.checkpoint") == 2
    await expire_leases(superuser)
    await projector("new").catch_up()
    assert await stored(superuser) == await refolded(superuser) != before


async def test_a_running_projector_that_was_fenced_takes_part_again(intake, projector, superuser):
    await take(intake, order_released(), shipment_planned())
    async with running(projector("old")):
        await until(lambda: document(superuser))
        await superuser.execute("update portal.checkpoint set owner = 'new', token = token + 1")
        await take(intake, milestone())
        await expire_leases(superuser)

        async def moved_on():
            return (await document(superuser))["phase"] == "in_transit"

        await until(moved_on)
    assert await stored(superuser) == await refolded(superuser)


async def test_a_lease_is_not_taken_before_it_expires(intake, projector, superuser):
    first, second = projector("first"), projector("second")
    await first.catch_up()
    await take(intake, order_released())
    assert await second.catch_up() == 0
    await expire_leases(superuser)
    assert await projector("third").catch_up() == 1
    owners = await superuser.fetch("select distinct owner, token from portal.checkpoint")
    assert [tuple(row) for row in owners if row["owner"] == "third"]


async def test_two_projectors_share_the_partitions_and_one_takes_over_when_the_other_stops(
    intake, projector, superuser
):
    async def holders():
        rows = await superuser.fetch(
            "select owner, count(*) from portal.checkpoint where lease_expires_at > clock_timestamp() group by owner"
        )
        return {row[0]: row[1] for row in rows}

    async def shared():
        return await holders() == {"first": 8, "second": 8}

    async def taken_over():
        return await holders() == {"first": 16}

    async def caught_up():
        return await stored(superuser) == await refolded(superuser)

    async with running(projector("first", batch_rows=50)):
        await take(intake, *journeys(0, 20))
        async with running(projector("second", batch_rows=50)):
            await until(shared)
            await take(intake, *journeys(20, 60))
            await until(caught_up)
        await take(intake, *journeys(80, 20))
        await until(taken_over)
        await until(caught_up)
    assert len(await stored(superuser)) == 200
    await assert_changes_are_gapless(superuser)


async def test_renewing_during_a_long_commit_does_not_look_like_losing_the_partition(intake, projector, superuser):
    one = projector()
    with capture_logs() as logs:
        async with running(one):
            await take(intake, order_released(), shipment_planned())
            await until(lambda: document(superuser))
            async with superuser.transaction():
                await superuser.execute("lock table portal.shipment_state in share mode")
                await take(intake, milestone())
                waiting = (
                    "select count(*) from pg_locks where not granted and relation = 'portal.shipment_state'::regclass"
                )
                await until(lambda: superuser.fetchval(waiting))
                one._leased_at = -math.inf
                await asyncio.sleep(0.4)
    assert [line["event"] for line in logs] == ["projector.leased"]
    assert (await document(superuser))["phase"] == "in_transit"


async def test_the_change_feed_names_changed_documents_only(intake, projector, superuser):
    one = projector()
    await take(intake, order_released(), shipment_planned(hours=1), milestone(hours=5))
    await one.catch_up()

    async def changes():
        rows = await superuser.fetch("select sequence, subject_id, status from portal.change order by sequence")
        return [tuple(row) for row in rows]

    first = await changes()
    assert {(subject, status) for _, subject, status in first} == {(ORDER, "in_transit"), (SHIPMENT, "in_transit")}
    # Our own affair, earlier than what is known, from a known source: nothing to show.
    await take(intake, milestone(code="terminal_scan", hours=4))
    await one.catch_up()
    assert await changes() == first
    await take(intake, milestone(code="delivered", hours=6))
    await one.catch_up()
    await take(intake, message("source.heartbeat.v1", {}, source="/carrier/ABFS", tenant=None))
    await one.catch_up()
    after = await changes()
    assert [row[0] for row in after] == [1, 2, 3, 4]
    assert {row[1:] for row in after[2:]} == {(ORDER, "delivered"), (SHIPMENT, "delivered")}


async def test_a_retracted_plan_takes_the_view_its_references_and_its_part_of_the_order_away(
    intake, projector, superuser
):
    one = projector()
    await take(intake, order_released(), shipment_planned(id="wrong"), milestone())
    await one.catch_up()
    assert await document(superuser) is not None
    await take(intake, retracted("wrong", tms_shipment()))
    await one.catch_up()
    assert await document(superuser) is None
    assert await superuser.fetchval("select count(*) from portal.reference where subject_id = $1", SHIPMENT) == 0
    order = json.loads(await superuser.fetchval("select document from portal.order_view where id = $1", ORDER))
    assert (order["shipments"], order["phase"]) == ([], "planned")
    last = await superuser.fetchrow(
        "select status from portal.change where subject_id = $1 order by sequence desc", SHIPMENT
    )
    assert last["status"] is None
    await take(intake, shipment_planned(id="right", hours=2))
    await one.catch_up()
    assert (await document(superuser))["phase"] == "in_transit"
    assert await stored(superuser) == await refolded(superuser)


async def test_a_stop_is_reported_to_whom_it_serves_at_the_place_it_was_planned(intake, projector, superuser):
    stop = {
        "stop": 2,
        "purpose": "delivery",
        "place": {"city": "Kiel", "country": "DE"},
        "shipments": [{"tenant": "nordwind", "tms_shipment": "S-1"}],
    }
    plan = message("load.planned.v1", {"about": {"type": "load", "value": "L-1"}, "stops": [stop]})
    at_stop = {
        "about": {"type": "load", "value": "L-1"},
        "code": "delivered",
        "place": {"city": "Kiel dock 4"},
        "stop": 2,
    }
    other = at_stop | {"stop": 3, "place": {"city": "Lübeck"}}
    said = [
        message("load.milestone.v1", data, source="/carrier/ABFS", tenant=None, hours=8) for data in (at_stop, other)
    ]
    await take(intake, shipment_planned(), shipment_assigned(), plan, *said)
    await projector().catch_up()
    shown = await document(superuser)
    assert [one["place"]["city"] for one in shown["milestones"]] == ["Kiel"]
    assert (shown["phase"], shown["last_event_at"]) == ("delivered", at(8).isoformat().replace("+00:00", "Z"))


async def test_memory_of_states_is_bounded_by_its_limit_or_one_batch(intake, projector, superuser):
    one = projector(batch_rows=20, remembered_bytes=20_000)
    await take(intake, *journeys(0, 80))
    await one.catch_up()
    assert len(one._shipments) <= 20
    assert len(one._orders) <= 40
    assert await stored(superuser) == await refolded(superuser)


async def test_a_projector_outlives_its_connections(intake, projector, superuser):
    async with running(projector(batch_rows=30)):
        for start in range(0, 60, 20):
            with contextlib.suppress(*DATABASE_UNAVAILABLE):
                await take(intake, *journeys(start, 20))
            await superuser.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = 'portal_projector'"
            )

        async def caught_up():
            behind = "select count(*) from portal.checkpoint c join log.partition p using (partition)"
            return await superuser.fetchval(f"{behind} where c.position <> p.position") == 0

        await until(caught_up)
    assert await stored(superuser) == await refolded(superuser) != {}
