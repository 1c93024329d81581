"""How far this worker is on each partition, and waiting until it is as far as a client was shown before.

One law for reads that never go back and for reads of one's own writes: a token says how far the log was, and a read
that brings it back is answered by a worker that is as far, from whichever rung, or not at all.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping

from app.reads.memory import Memory
from app.reads.seal import PositionSeal
from app.reads.watch import Watch
from projections.subjects import PARTITION_COUNT, partition_of

# A projector that dies is replaced within its lease; who waits for that long is better told to come again.
DEADLINE_SECONDS = 2.0
LOOK_SECONDS = 0.02
# A push follows its commit within milliseconds. Where none comes for this long, Postgres is asked whether one should have.
PATIENCE_SECONDS = 0.5


class NotReachedError(Exception):
    """What was asked for is not folded yet, or not known here, and was not in time."""


class Positions:
    """One for each worker."""

    def __init__(self, seal: PositionSeal, watch: Watch, memory: Memory) -> None:
        self._seal = seal
        self._watch = watch
        self._memory = memory
        self._looking: asyncio.Task[None] | None = None

    def at(self, partition: int) -> int:
        """The position up to which all that is served here of a partition is complete; -1 while that is not known.

        While Redis is believed that is what was pushed without a gap, under the epoch that is believed: memory has
        forgotten what was replaced, and knows of copies elsewhere that they are old. Else it is what is folded, for
        then documents come from Postgres alone.
        """
        epoch = self._watch.epoch(partition)
        return self._watch.folded(partition) if epoch is None else self._memory.heard(partition, epoch)

    async def reach(self, token: str, tenants: Iterable[str]) -> None:
        """Return once these tenants are served as far as the token says; of nobody: all that it speaks of.

        Raises BrokenPositionError, and NotReachedError after `DEADLINE_SECONDS`.
        """
        wanted = self._seal.open(token)
        own = {partition_of(tenant) for tenant in tenants} or set(range(PARTITION_COUNT))
        behind = self._behind({partition: wanted[partition] for partition in own & wanted.keys()})
        if not behind:
            return
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._wait(behind)
        except TimeoutError as error:
            raise NotReachedError from error

    def _behind(self, wanted: Mapping[int, int]) -> dict[int, int]:
        """Those of these partitions that are not that far here."""
        return {partition: position for partition, position in wanted.items() if self.at(partition) < position}

    async def _wait(self, behind: dict[int, int]) -> None:
        patient_until = time.monotonic() + PATIENCE_SECONDS
        while behind:
            impatient = time.monotonic() > patient_until
            if impatient or any(self._watch.epoch(partition) is None for partition in behind):
                await self._look()
            if impatient:
                self._doubt(behind)
            behind = self._behind(behind)
            if behind:
                await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        """Learn how far Postgres is; all who wait ask once."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._watch.look_how_far())
        # Waited for, not awaited: who gives up takes nobody along.
        await asyncio.wait([self._looking])

    def _doubt(self, behind: Mapping[int, int]) -> None:
        """What is folded and was not pushed, or not heard, is read from Postgres."""
        for partition, position in behind.items():
            if self._watch.epoch(partition) is not None and self._watch.folded(partition) >= position:
                self._watch.doubt(partition)
