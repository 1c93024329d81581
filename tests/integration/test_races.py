"""Intake workers that race: whoever is first, each event is in the log once, nothing is left held, the views are right.

A thousand rounds, each with numbers of its own, in databases of several tests. When a worker of a round starts is up
to a seeded chance, which decides who wins and nothing of what is asserted.
"""

import asyncio
import itertools
import json
import multiprocessing
from collections import Counter, defaultdict
from random import Random

import pytest

from projections.cache import Publisher
from projections.database import DatabaseRole, open_pool
from projections.intake.intake import Intake
from projections.intake.outcomes import Message, OutcomeStatus
from projections.runner import Projector
from tests.fixtures_database import cloned
from tests.integration.races import KINDS, parent_and_child, shipment_id
from tests.integration.racing import take_all
from tests.messages import milestone, pro, reference_linked, shipment_planned, tms_shipment
from tests.refold import stored

ROUNDS_A_KIND = 110
CONFLICTS = 130
ROUNDS_OF_PROCESSES = 100
WORKERS = 3
AT_A_TIME = 4
TENANTS = ("nordwind", "suedwind", "westwind")


@pytest.fixture
async def workers(database):
    pools = [await open_pool(database, DatabaseRole.PROJECTOR, connections=AT_A_TIME) for _ in range(WORKERS)]
    yield [Intake(pool) for pool in pools]
    for pool in pools:
        await pool.close()


def seeded(name):
    return Random(name)  # noqa: S311 - repeatable is the point


async def take(intake, bodies):
    return await intake.take([Message(body, "race") for body in bodies])


async def run(race, workers, random):
    """Every worker takes its batch, about now; gives the outcomes by event id."""
    await take(workers[0], race.before)
    offsets = [random.random() * 0.004 for _ in race.batches]

    async def start(worker, bodies, offset):
        await asyncio.sleep(offset)
        return await take(worker, bodies)

    racers = random.sample(workers, len(race.batches))
    taken = await asyncio.gather(*map(start, racers, race.batches, offsets))
    outcomes = defaultdict(list)
    for outcome in itertools.chain.from_iterable(taken):
        outcomes[outcome.id].append(outcome.status)
    return outcomes


async def run_all(races, workers, random):
    """Some races at a time: their workers stand in each other's way too."""
    outcomes = {}
    for start in range(0, len(races), AT_A_TIME):
        for one in await asyncio.gather(*(run(race, workers, random) for race in races[start : start + AT_A_TIME])):
            outcomes |= one
    return outcomes


async def log_rows(superuser):
    """When each (subject, event) was recorded; each is there once, and each transaction's positions stand together."""
    rows = await superuser.fetch(
        "select partition, position, recorded_at, subject_id, convert_from(body, 'utf8') from log.event"
        " order by partition, position"
    )
    recorded = {}
    transactions = defaultdict(list)
    for partition, position, recorded_at, subject_id, body in rows:
        key = subject_id, json.loads(body)["id"]
        assert key not in recorded, f"{key} is in the log twice"
        recorded[key] = recorded_at
        transactions[partition, recorded_at].append(position)
    assert all(positions[-1] - positions[0] == len(positions) - 1 for positions in transactions.values())
    for partition, group in itertools.groupby(rows, lambda row: row[0]):
        assert [row[1] for row in group] == list(range(1, sum(row[0] == partition for row in rows) + 1))
    return recorded


def released_with_their_parents(race, recorded, outcomes):
    """Held events are in the log as of the transaction that made known what they are about, all others no earlier."""
    when = {event_id: recorded[subject, event_id] for subject, event_id in race.rows if not subject.startswith("lod_")}
    for child, parents in race.needs.items():
        known_at = max(when[parent] for parent in parents)
        if OutcomeStatus.HELD in outcomes[child]:
            assert when[child] == known_at
        assert when[child] >= known_at


async def views_of(database, redis, bodies=()):
    """The views once all is folded; of these events, if given, taken in by one worker in this order."""
    await redis.flushall()
    async with await open_pool(database, DatabaseRole.PROJECTOR) as pool:
        for start in range(0, len(bodies), 500):
            await take(Intake(pool), bodies[start : start + 500])
        await Projector(pool, Publisher(redis), owner="races").catch_up()
        async with pool.acquire() as connection:
            return await stored(connection)


async def views_in_order(servers, template, redis, races):
    async with cloned(servers, template) as database:
        bodies = [body for race in races for batch in (race.before, *race.batches) for body in batch]
        return await views_of(database, redis, list(dict.fromkeys(bodies)))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_whoever_is_first_each_event_is_placed_once(kind, workers, superuser, database, redis, servers, template):
    races = [kind(f"{n}", TENANTS[n % len(TENANTS)]) for n in range(ROUNDS_A_KIND)]
    outcomes = await run_all(races, workers, seeded(kind.__name__))
    recorded = await log_rows(superuser)
    assert set(recorded) == set().union(*(race.rows for race in races))
    assert await superuser.fetchval("select count(*) from log.held") == 0
    assert await superuser.fetchval("select count(*) from log.quarantine") == 0
    for race in races:
        released_with_their_parents(race, recorded, outcomes)
    taken = Counter(status for statuses in outcomes.values() for status in statuses)
    assert taken[OutcomeStatus.ACCEPTED] + taken[OutcomeStatus.HELD] == len(outcomes)
    assert await views_of(database, redis) == await views_in_order(servers, template, redis, races)


def test_there_are_a_thousand_rounds():
    assert len(KINDS) * ROUNDS_A_KIND + CONFLICTS + ROUNDS_OF_PROCESSES >= 1_000


async def test_of_two_claims_to_a_number_one_is_taken_and_what_waited_for_it_follows(
    workers, superuser, database, redis, servers, template
):
    random, bodies = seeded("conflicts"), []
    for n in range(CONFLICTS):
        plans = [shipment_planned(f"{n}{one}", id=f"{n}p{one}") for one in "ab"]
        links = {one: reference_linked(tms_shipment(f"{n}{one}"), pro(f"{n}x"), id=f"{n}l{one}") for one in "ab"}
        child = milestone(f"{n}x", id=f"{n}c")
        await take(workers[0], plans)
        offsets = [random.random() * 0.004 for _ in range(3)]

        async def start(worker, body, offset):
            await asyncio.sleep(offset)
            return (await take(worker, [body]))[0]

        *claims, followed = await asyncio.gather(*map(start, workers, [*links.values(), child], offsets))
        assert sorted(claim.status for claim in claims) == [OutcomeStatus.ACCEPTED, OutcomeStatus.QUARANTINED]
        assert {claim.reason for claim in claims} == {None, "reference_conflict"}
        winner = "ab"[claims[1].status is OutcomeStatus.ACCEPTED]
        assert followed.status in (OutcomeStatus.ACCEPTED, OutcomeStatus.HELD)
        rows = await superuser.fetch(
            "select subject_id from log.event where convert_from(body, 'utf8')::jsonb ->> 'id' = $1", f"{n}c"
        )
        assert [row[0] for row in rows] == [shipment_id(f"{n}{winner}", "nordwind")]
        bodies += [*plans, links[winner], child]
    assert await superuser.fetchval("select count(*) from log.held") == 0
    assert await superuser.fetchval("select count(*) from log.quarantine") == CONFLICTS
    async with cloned(servers, template) as other:
        in_order = await views_of(other, redis, bodies)
    assert await views_of(database, redis) == in_order


async def test_workers_in_processes_of_their_own_race_as_well(superuser, database, redis, servers, template):
    races = [parent_and_child(f"{n}", TENANTS[n % len(TENANTS)]) for n in range(ROUNDS_OF_PROCESSES)]
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    lanes = [[race.batches[(n + lane) % 2] for n, race in enumerate(races)] for lane in range(2)]
    processes = [spawn.Process(target=take_all, args=(database, lane, barrier)) for lane in lanes]
    for process in processes:
        process.start()
    for process in processes:
        await asyncio.to_thread(process.join, 60)
        assert process.exitcode == 0
    assert set(await log_rows(superuser)) == set().union(*(race.rows for race in races))
    assert await superuser.fetchval("select count(*) from log.held") == 0
    assert await views_of(database, redis) == await views_in_order(servers, template, redis, races)
