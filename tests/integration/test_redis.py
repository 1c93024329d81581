"""Our client of Redis: what a cancellation does to a call."""

import asyncio

from projections.redis import Redis

# More than one command takes from its first turn of the loop to its last.
TURNS = 30


async def test_a_call_cancelled_in_any_turn_ends_so_and_leaves_no_answer_for_the_next(redis: Redis):
    for turns in range(TURNS):
        await redis.echo("ready")
        asking = asyncio.create_task(redis.echo("left"))
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert asking.cancelled() or not cancelled, turns
        assert await redis.echo("asked") == b"asked"
