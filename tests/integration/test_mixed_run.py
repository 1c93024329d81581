"""The mixed run in small: what `make mixed` does with a hundred thousand messages."""

import asyncio
from collections import Counter

from loadtests.mixed.comparing import differences, found
from loadtests.mixed.lanes import lanes, work
from loadtests.mixed.mixture import clean, disturbed, undisturbed
from loadtests.mixed.spoiling import SPOILERS
from projections.cache import Publisher
from projections.database import DatabaseRole, open_pool
from projections.runner import Projector
from projections.sources.adapter import Rejected
from projections.sources.registry import FORMATS
from tests.fixtures_database import cloned

# A seed whose stories are told in every format.
MESSAGES, SEED = 3_000, 8


async def taken_in(run, servers, template, redis):
    """What is found in a fresh database after the run, and how often intake said what."""
    await redis.flushall()
    async with cloned(servers, template) as database:
        workers = [work(database, servers.redis_url, lane, lambda _: None) for lane in lanes(run.sent)]
        said = sum(await asyncio.gather(*workers), Counter())
        async with await open_pool(database, DatabaseRole.PROJECTOR) as pool:
            await Projector(pool, Publisher(redis), owner="mixed").catch_up()
        return await found(database), said


async def test_a_disturbed_run_ends_with_the_views_of_the_clean_one(servers, template, redis):
    written = clean(MESSAGES, SEED)
    faulty = disturbed(written, SEED)
    straight, said_straight = await taken_in(undisturbed(written), servers, template, redis)
    mixed, said_mixed = await taken_in(faulty, servers, template, redis)
    differing = differences(straight, mixed, faulty.quarantined)
    assert differing == dict.fromkeys(differing, 0)
    assert len(straight.views) > MESSAGES / 15
    assert said_straight["duplicate"] == 0
    assert said_mixed["duplicate"] > faulty.counts["duplicates"] * 0.9
    assert said_mixed["held"] > faulty.counts["early"]


def test_the_faults_have_their_shares():
    written = clean(MESSAGES, SEED)
    counts, total = disturbed(written, SEED).counts, len(written)
    assert abs(counts["duplicates"] / total - 0.10) < 0.02
    assert abs(counts["late"] / total - 0.10) < 0.02
    assert abs(counts["malformed"] / total - 0.05) < 0.015
    assert abs(counts["early"] / total - 0.05) < 0.015
    assert {one.sent.format.partition(":")[0] for one in written if one.sent.format} == set(SPOILERS)


def test_the_same_seed_gives_the_same_messages():
    assert disturbed(clean(300, SEED), SEED) == disturbed(clean(300, SEED), SEED)


def test_every_way_to_spoil_a_message_gives_one_no_adapter_takes():
    samples = {one.sent.format: one.sent for one in clean(MESSAGES, SEED) if one.sent.format}
    for form, sent in samples.items():
        for spoil in SPOILERS[form.partition(":")[0]]:
            body, kept = spoil(sent.body)
            rejected = [one.raw for one in FORMATS[form]([body], sent.source) if isinstance(one, Rejected)]
            assert sorted(rejected) == sorted(kept), (form, spoil.__name__)
