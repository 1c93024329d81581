"""The feed: an entry is acknowledged once its event is safe, and not before."""

import asyncio
import contextlib
import itertools

from projections.feed.names import GROUP, stream_name
from projections.feed.stream import StreamConsumer
from projections.intake.intake import Intake
from projections.intake.outcomes import Message
from projections.redis import UNAVAILABLE, open_redis
from projections.references import SubjectKind, public_id
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned

STREAM = stream_name(0)


@contextlib.asynccontextmanager
async def consuming(url, intake, **options):
    stop = asyncio.Event()
    task = asyncio.create_task(StreamConsumer(url, intake, **options).run(stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


async def add(redis, *bodies):
    for body in bodies:
        await redis.xadd(STREAM, {"event": body})


async def pending(redis):
    return (await redis.xpending(STREAM, GROUP))["pending"]


async def accepted(superuser):
    return await superuser.fetchval("select count(*) from log.event")


class Interrupted:
    """Intake that stops short of taking anything in until it is let go on."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self.reached, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def take(self, messages: list[Message]):
        self.reached.set()
        await self.may_go_on.wait()
        return await self._intake.take(messages)


async def test_an_entry_is_acknowledged_and_removed_once_its_event_is_committed(servers, redis, intake, superuser):
    held_up = Interrupted(intake)
    await add(redis, order_released(), shipment_planned())
    async with consuming(servers.redis_url, held_up):
        await held_up.reached.wait()
        assert (await pending(redis), await accepted(superuser)) == (2, 0)
        held_up.may_go_on.set()

        async def acknowledged():
            return await pending(redis) == 0 and await redis.xlen(STREAM) == 0

        await until(acknowledged)
    assert await accepted(superuser) == 2


async def test_a_consumer_told_to_stop_leaves_nothing_it_has_read(servers, redis, intake, superuser):
    held_up, stop = Interrupted(intake), asyncio.Event()
    task = asyncio.create_task(StreamConsumer(servers.redis_url, held_up).run(stop))
    await add(redis, order_released())
    await held_up.reached.wait()
    await add(redis, shipment_planned())

    async def read_ahead():
        return await pending(redis) == 2

    await until(read_ahead)
    stop.set()
    held_up.may_go_on.set()
    await task
    assert (await pending(redis), await accepted(superuser)) == (0, 2)


async def test_what_a_dead_consumer_read_is_taken_by_another(servers, redis, intake, superuser):
    dying = Interrupted(intake)
    await add(redis, order_released(), shipment_planned())
    async with consuming(servers.redis_url, dying) as task:
        await dying.reached.wait()
        task.cancel()
    assert (await pending(redis), await accepted(superuser)) == (2, 0)
    async with consuming(servers.redis_url, intake, idle_ms=50):
        await until(lambda: accepted(superuser))

        async def acknowledged():
            return await pending(redis) == 0

        await until(acknowledged)
    assert await accepted(superuser) == 2


async def test_a_busy_feed_does_not_keep_a_dead_consumers_entries_waiting(servers, redis, intake, superuser):
    await redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    await add(redis, order_released("SO-dead"))
    dead = public_id(SubjectKind.ORDER, "nordwind", "SO-dead")
    await redis.xreadgroup(GROUP, "dead", {STREAM: ">"})
    async with consuming(servers.redis_url, intake, idle_ms=200):
        numbers = itertools.count()

        async def reclaimed():
            # There is always something new to read.
            await add(redis, order_released(f"SO-{next(numbers)}"))
            return await superuser.fetchval("select count(*) from log.event where subject_id = $1", dead)

        await until(reclaimed)


async def test_an_entry_taken_twice_counts_once(servers, redis, intake, superuser):
    body = order_released()
    await intake.take([Message(body, "stream")])
    await add(redis, body, body)
    async with consuming(servers.redis_url, intake):

        async def acknowledged():
            return await redis.xlen(STREAM) == 0

        await until(acknowledged)
    assert await accepted(superuser) == 1


async def test_an_entry_without_an_event_is_quarantined_with_what_it_says(servers, redis, intake, superuser):
    await redis.xadd(STREAM, {"evnt": "misspelt"})
    await add(redis, order_released())
    async with consuming(servers.redis_url, intake):
        await until(lambda: accepted(superuser))
    row = await superuser.fetchrow("select reason, body, channel from log.quarantine")
    assert (row["reason"], row["channel"]) == ("malformed", "stream")
    assert b"misspelt" in row["body"]


async def test_a_poisonous_entry_does_not_block_the_feed(servers, redis, intake, superuser):
    await superuser.execute("alter table log.held add constraint picky check (event_id <> 'poison')")
    await add(redis, order_released(), milestone(id="poison"), shipment_planned("S-2"))
    async with consuming(servers.redis_url, intake):

        async def acknowledged():
            return await redis.xlen(STREAM) == 0

        await until(acknowledged)
    assert await accepted(superuser) == 2
    assert await superuser.fetchval("select reason from log.quarantine") == "invalid"


async def test_the_feed_goes_on_after_its_connections_were_cut(servers, redis, intake, superuser):
    async with consuming(servers.redis_url, intake):
        await add(redis, order_released("SO-1"))
        await until(lambda: accepted(superuser))
        await redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await add(redis, order_released("SO-2"))

        async def both():
            return await accepted(superuser) == 2

        await until(both)


async def test_the_feed_goes_on_after_redis_was_restarted_empty(own_valkey, intake, superuser):
    redis = open_redis(own_valkey.url, timeout_seconds=1)
    async with consuming(own_valkey.url, intake):
        await add(redis, order_released("SO-1"))
        await until(lambda: accepted(superuser))
        await own_valkey.stop()
        await own_valkey.start()

        async def added():
            try:
                await add(redis, order_released("SO-2"))
            except UNAVAILABLE:
                return False
            return True

        await until(added)

        async def both():
            return await accepted(superuser) == 2

        await until(both)
    await redis.aclose()


async def test_the_feed_waits_while_postgres_cuts_it_off(servers, redis, intake, superuser):
    async with consuming(servers.redis_url, intake, idle_ms=100):
        for number in range(5):
            await add(redis, order_released(f"SO-{number}"))
            await superuser.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = 'portal_projector'"
            )

        async def all_taken():
            return await accepted(superuser) == 5

        await until(all_taken)
