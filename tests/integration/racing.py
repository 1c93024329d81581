"""A worker of a race that is a process of its own."""

import asyncio
from multiprocessing.synchronize import Barrier

from projections.database import DatabaseRole, open_pool
from projections.intake.intake import Intake
from projections.intake.outcomes import Message


def take_all(database, batches, barrier: Barrier):
    """Take batch after batch in, from the moment all workers are ready."""
    asyncio.run(_take_all(database, batches, barrier))


async def _take_all(database, batches, barrier):
    async with await open_pool(database, DatabaseRole.PROJECTOR, connections=1) as pool:
        intake = Intake(pool)
        await intake.take([])
        await asyncio.to_thread(barrier.wait, 60)
        for bodies in batches:
            await intake.take([Message(body, "race") for body in bodies])
