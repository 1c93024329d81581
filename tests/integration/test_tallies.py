"""What became of each source's messages is counted where it happens, exactly and for all processes together."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from projections.database import DatabaseRole, open_pool
from projections.intake import intake as door
from projections.intake import tallies
from projections.intake.intake import Intake
from projections.intake.outcomes import Message
from projections.intake.tallies import NOBODY, OTHER_CODES
from tests.messages import message, milestone, order_released, reference_linked, shipment_planned, tms_shipment

ERP, CARRIER = "/erp/main", "/carrier/ABFS"


@pytest.fixture
def counted(superuser):
    async def rows():
        found = await superuser.fetch("select source, kind, what, count from log.source_tally")
        return {(row["source"], row["kind"], row["what"]): row["count"] for row in found}

    return rows


async def take(intake, *bodies, **sender):
    return await intake.take([Message(body, "test", **sender) for body in bodies])


def unmapped(number, raw_code, **envelope):
    data = {"about": tms_shipment(), "code": "unmapped", **({"raw_code": raw_code} if raw_code else {})}
    return message("shipment.milestone.v1", data, **{"id": f"u{number}", "source": "/tms/main", **envelope})


async def test_each_outcome_is_counted_under_its_source(intake, counted):
    body = order_released()
    await take(intake, body, body, shipment_planned("S-9", source="/crm/desk"), milestone("S-8"))
    await take(intake, body, milestone(code="teleported"))
    assert await counted() == {
        (ERP, "accepted", ""): 1,
        (ERP, "duplicate", ""): 2,
        ("/crm/desk", "quarantined", "not_owner"): 1,
        (CARRIER, "held", ""): 1,
        (CARRIER, "quarantined", "unknown_code"): 1,
    }


async def test_what_nobody_can_have_sent_counts_under_nobody(intake, counted):
    await take(intake, b"{", b"{}", milestone(source="/weather/station"), milestone(source="/erp/a b\0"), b"\xff")
    assert {(source, what): count for (source, _, what), count in (await counted()).items()} == {
        (NOBODY, "malformed"): 2,
        (NOBODY, "invalid"): 2,
        (NOBODY, "unknown_source"): 1,
    }


async def test_unknown_codes_count_once_for_each_event_that_is_taken(intake, counted):
    bodies = [unmapped(1, "ZZ"), unmapped(2, "ZZ"), unmapped(3, None), unmapped(1, "ZZ")]
    await take(intake, order_released(), shipment_planned(), *bodies)
    await take(intake, *bodies, milestone())
    codes = {what: count for (_, kind, what), count in (await counted()).items() if kind == "unmapped"}
    assert codes == {"ZZ": 2, OTHER_CODES: 1}


async def test_an_event_put_aside_when_its_parent_comes_is_counted_then(intake, counted):
    conflicting = reference_linked(tms_shipment("S-2"), {"type": "pro", "value": "PRO-S-1", "carrier": "ABFS"})
    await take(intake, order_released(), shipment_planned(), conflicting)
    await take(intake, shipment_planned("S-2"))
    told = await counted()
    assert told["/tms/main", "held", ""] == 1
    assert told["/tms/main", "quarantined", "reference_conflict"] == 1


async def test_codes_past_the_limit_share_a_line(intake, counted, monkeypatch):
    monkeypatch.setattr(door.store, "MAX_CODES", 5)
    await take(intake, order_released(), shipment_planned())
    for number in range(9):
        await take(intake, unmapped(number, f"C{number}"))
    await take(intake, unmapped(100, "C0"))
    codes = {what: count for (_, kind, what), count in (await counted()).items() if kind == "unmapped"}
    assert codes == {"C0": 2, "C1": 1, "C2": 1, "C3": 1, "C4": 1, OTHER_CODES: 4}


async def test_names_made_up_by_who_is_refused_share_a_line_past_the_limit(intake, counted, monkeypatch):
    monkeypatch.setattr(door.store, "MAX_SOURCES", 3)
    await take(intake, order_released())
    for number in range(6):
        await take(intake, order_released(source=f"/erp/{number}"), sources=("/erp/main",))
    await take(
        intake, order_released("SO-2", source="/erp/late"), order_released(source="/erp/0"), sources=("/erp/late",)
    )
    told = await counted()
    assert told[NOBODY, "quarantined", "source_not_allowed"] == 4
    assert told["/erp/0", "quarantined", "source_not_allowed"] == 2
    assert told["/erp/late", "accepted", ""] == 1


async def test_what_the_store_refuses_is_counted_as_it_ends(intake, superuser, counted):
    await superuser.execute("alter table log.held add constraint picky check (event_id <> 'poison')")
    await take(intake, order_released(), milestone("S-9", id="poison"), milestone("S-8"))
    assert Counter({kind: count for (_, kind, _), count in (await counted()).items()}) == {
        "accepted": 1,
        "held": 1,
        "quarantined": 1,
    }


async def test_a_batch_that_is_undone_is_not_counted(intake, counted):
    async def fail(_, outcomes):
        raise RuntimeError(str(len(outcomes)))

    with pytest.raises(RuntimeError, match="1"):
        await intake.take([Message(order_released(), "test")], fail)
    assert await counted() == {}


async def test_many_processes_at_once_lose_no_count(database, counted):
    pools = [await open_pool(database, DatabaseRole.PROJECTOR) for _ in range(3)]
    await asyncio.gather(
        *(take(Intake(pool), *(order_released(f"SO-{n}-{m}") for m in range(7))) for n, pool in enumerate(pools * 8))
    )
    assert (await counted())[ERP, "accepted", ""] == 3 * 8 * 7
    for pool in pools:
        await pool.close()


async def test_a_refused_message_names_nobody_it_cannot_be_of():
    assert tallies._named(None) == tallies._named("/erp/x\n") == tallies._named("erp main") == NOBODY
    assert tallies._named("/erp/" + "x" * 300) == NOBODY
    assert tallies._named("/erp/main") == ERP


def now_and(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


async def alive(superuser, source=CARRIER):
    """For how many seconds this source has not been known to be well."""
    return await superuser.fetchval(
        "select extract(epoch from clock_timestamp() - alive_at)::float8 from log.source_watermark where source = $1",
        source,
    )


def beat(**envelope):
    return message("source.heartbeat.v1", {}, **{"source": CARRIER, "tenant": None, **envelope})


async def test_an_event_shows_its_source_to_be_well_however_old_its_news(intake, superuser):
    await take(intake, milestone(time=now_and(days=30)))
    assert 0 <= await alive(superuser) < 60


async def test_a_heartbeat_shows_no_more_than_it_says(intake, superuser):
    await take(intake, beat(time=now_and(hours=5)))
    assert 5 * 3_600 <= await alive(superuser) < 5 * 3_600 + 60
    await take(intake, beat(time=now_and(hours=7)))
    assert await alive(superuser) < 5 * 3_600 + 60


async def test_a_clock_ahead_of_ours_shows_no_more_than_now(intake, superuser):
    await take(intake, beat(time=now_and(hours=-20)))
    assert 0 <= await alive(superuser) < 60


async def test_what_is_refused_shows_nothing_to_be_well(intake, superuser):
    await take(intake, milestone(code="teleported"), b"{")
    assert await alive(superuser) is None
