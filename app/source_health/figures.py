"""Asks for all that a scrape is told."""

import os
import time

from app.reads.memory import Memory
from app.reads.watch import Watch
from app.source_health.metrics import Figures, Partition, WorkerFigures
from app.source_health.sources import SQL, SourceRegister
from projections.database import Pool

# More label values than this and the scraper is in trouble, not we.
MAX_SOURCES = 2_000


class Gauges:
    """Read anew for each scrape, so that every worker tells the same of what is common to all."""

    def __init__(self, pool: Pool, register: SourceRegister, watch: Watch, memory: Memory) -> None:
        self._pool = pool
        self._register = register
        self._watch = watch
        self._memory = memory

    async def read(self) -> Figures:
        partitions = await self._pool.fetch(SQL["partitions"])
        quarantined = await self._pool.fetch(SQL["quarantined"])
        ((held, oldest_seconds),) = await self._pool.fetch(SQL["held"])
        return Figures(
            sources=await self._register.after("", MAX_SOURCES),
            partitions=[Partition(*row) for row in partitions],
            quarantined=dict(map(tuple, quarantined)),
            held=held,
            held_oldest_seconds=oldest_seconds,
            worker=self._worker(),
        )

    def _worker(self) -> WorkerFigures:
        return WorkerFigures(
            worker=str(os.getpid()),
            cpu_seconds=time.process_time(),
            memory_documents=len(self._memory),
            believed_partitions=self._watch.believed_partitions,
            postgres_answers=self._watch.postgres_answers,
            redis_answers=self._watch.redis_answers,
        )
