"""The simulator against a real Valkey: all arrives, in order for each thing, and a slow reader is waited for."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice

import msgspec
import pytest

from app.simulator.publish import FeedUnavailableError, RedisFeed, Tally, broadcast, connect
from app.simulator.simulation import Knobs, Simulation

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)


def emissions(count):
    return list(islice(Simulation(Knobs(start=START)).history(), count))


async def test_a_stream_holds_all_of_what_is_about_one_thing_in_order(redis):
    sent, tally = emissions(2_300), Tally()
    await broadcast(iter(sent), RedisFeed(redis, shards=3), tally.add)
    assert tally.events == 2_300
    by_thing, shards_of = defaultdict(list), defaultdict(set)
    for shard in range(3):
        for _, fields in await redis.xrange(f"portal:feed:{shard}"):
            about = msgspec.json.decode(fields[b"event"])["data"].get("about", {}).get("value")
            by_thing[about].append(fields[b"event"])
            shards_of[about].add(shard)
    expected = defaultdict(list)
    for one in sent:
        expected[msgspec.json.decode(one.body)["data"].get("about", {}).get("value")].append(one.body)
    del by_thing[None], expected[None]
    assert by_thing == expected
    assert all(len(shards) == 1 for thing, shards in shards_of.items() if thing)


async def test_sending_waits_while_the_backlog_is_at_its_bound_and_goes_on_when_it_is_read(redis):
    first, second = emissions(500), emissions(1_000)[500:]
    feed = RedisFeed(redis, bound=600)
    await redis.xgroup_create("portal:feed:0", "intake", id="0", mkstream=True)
    await feed.send(first)
    waiting = asyncio.create_task(feed.send(second))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    [[_, entries]] = (await redis.xreadgroup("intake", "one", {"portal:feed:0": ">"}, count=500)).items()
    for entry_id, _ in entries[0] if isinstance(entries[0], list) else entries:
        await redis.xack("portal:feed:0", "intake", entry_id)
    await asyncio.wait_for(waiting, 5)
    assert await feed.backlog() == 500


async def test_a_stream_nobody_reads_yet_is_bounded_too(redis):
    feed = RedisFeed(redis, bound=600)
    await feed.send(emissions(500))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(feed.send(emissions(500)), 0.3)
    assert await redis.xlen("portal:feed:0") == 500


async def test_a_feed_that_stays_away_is_given_up_after_its_patience():
    feed = RedisFeed(connect("redis://127.0.0.1:1/0"), patience_seconds=0.2)
    with pytest.raises(FeedUnavailableError, match="no answer"):
        await feed.send(emissions(10))
