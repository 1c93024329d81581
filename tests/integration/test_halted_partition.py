"""A view the store refuses stops its partition, says so, and nobody else's."""

import asyncio
import contextlib

import pytest
from structlog.testing import capture_logs

from projections.intake.outcomes import Message
from projections.references import SubjectKind, public_id
from projections.subjects import partition_of
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned
from tests.refold import refolded, stored

POISONED = public_id(SubjectKind.SHIPMENT, "nordwind", "S-2")
HALTED = partition_of("nordwind")


async def take(intake, *bodies):
    await intake.take([Message(body, "test") for body in bodies])


def story(tenant, numbers):
    """An order and a shipment of each number."""
    for number in numbers:
        yield order_released(f"SO-{number}", tenant=tenant)
        yield shipment_planned(f"S-{number}", f"SO-{number}", tenant=tenant, hours=1)


@contextlib.asynccontextmanager
async def running(projector):
    stop = asyncio.Event()
    task = asyncio.create_task(projector.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def behind(superuser):
    """The partitions whose checkpoint is not at the end of the log."""
    rows = await superuser.fetch(
        "select partition from log.partition p join portal.checkpoint c using (partition) where p.position <> c.position"
    )
    return {row[0] for row in rows}


async def as_of(superuser, partition):
    return await superuser.fetchval("select as_of from portal.checkpoint where partition = $1", partition)


@pytest.fixture
async def picky(superuser):
    """The store refuses one shipment's view, as it would one with something in it that no column holds."""
    await superuser.execute(f"alter table portal.shipment_view add constraint picky check (id <> '{POISONED}')")


def test_the_tenants_of_these_tests_lie_on_partitions_of_their_own():
    assert partition_of("suedwind") != HALTED


@pytest.mark.usefixtures("picky")
async def test_only_the_partition_with_what_is_refused_stops_and_its_subject_is_named(intake, projector, superuser):
    with capture_logs() as logs:
        await take(intake, *story("nordwind", range(4)), *story("suedwind", range(10, 14)))
        one = projector(batch_rows=5)
        await one.catch_up()
        await take(intake, milestone("S-11", hours=4), milestone("S-1", hours=4))
        await one.catch_up()
    assert await behind(superuser) == {HALTED}
    shown = await stored(superuser)
    assert {key for key in await refolded(superuser) if key[0] == "suedwind"} <= shown.keys()
    [halted] = {(one["partition"], one["subject"]) for one in logs if one["event"] == "projector.halted"}
    assert halted == (HALTED, POISONED)


@pytest.mark.usefixtures("picky")
async def test_a_halted_partition_goes_on_once_it_can_and_did_not_claim_to_be_fresh_meanwhile(
    intake, projector, superuser
):
    await take(intake, *story("nordwind", range(4)))
    async with running(projector(halted_seconds=0.1)):

        async def others_are_heard_of():
            return await as_of(superuser, partition_of("suedwind")) > stalled_at

        stalled_at = await superuser.fetchval("select clock_timestamp()")
        await until(others_are_heard_of)
        assert await as_of(superuser, HALTED) < stalled_at
        await take(intake, *story("suedwind", range(10, 14)))

        async def only_one_is_behind():
            return await behind(superuser) == {HALTED}

        await until(only_one_is_behind)
        await superuser.execute("alter table portal.shipment_view drop constraint picky")

        async def none_is_behind():
            return not await behind(superuser)

        await until(none_is_behind)
    assert await stored(superuser) == await refolded(superuser) != {}
    sequences = await superuser.fetch(
        "select tenant, array_agg(sequence order by sequence) from portal.change group by 1"
    )
    for _, numbers in sequences:
        assert numbers == list(range(1, len(numbers) + 1))
