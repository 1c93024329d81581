"""An intake worker of the mixed run: takes its lane of messages by adapters and, with its fellows, what is on the stream.

Run as `python -m loadtests.mixed.lanes DATABASE_URL REDIS_URL FILE`, the file being a lane in MessagePack. Says how
many messages are through, a line a chunk, and at the end what became of them, as JSON.
"""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import structlog
import uvloop

from loadtests.mixed.messages import Sent
from projections.database import DatabaseRole, open_pool
from projections.feed.names import FIELD, stream_name
from projections.feed.stream import StreamConsumer
from projections.intake.intake import Intake
from projections.intake.outcomes import Message, Outcome
from projections.redis import Redis, open_redis
from projections.sources.adapter import Source
from projections.sources.declared import DeclaredSource
from projections.sources.registry import EVENTS, adapter_of
from projections.sources.taking import BATCH, Door, messages_of

LANES = 2
CHUNK = 300
# How much of the stream may be unread before more is put on it: a lane's adapters and its stream go side by side.
BACKLOG = 1_500
PAUSE_SECONDS = 0.01
LANE = msgspec.msgpack.Decoder(list[Sent])


class Counting(Intake):
    """The intake, and how often it said what."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.said: Counter[str] = Counter()

    async def take(self, messages: Sequence[Message]) -> list[Outcome]:
        outcomes = await super().take(messages)
        self.said.update(outcome.status.value for outcome in outcomes)
        return outcomes


def lanes(sent: Sequence[Sent]) -> list[list[Sent]]:
    """The messages dealt out by chunks, so that neighbours meet in different workers as often as in one."""
    chunks = [sent[start : start + CHUNK] for start in range(0, len(sent), CHUNK)]
    return [[one for chunk in chunks[lane::LANES] for one in chunk] for lane in range(LANES)]


async def work(database_url: str, redis_url: str, lane: Sequence[Sent], through: Callable[[int], None]) -> Counter[str]:
    """Take a lane in, and what is on the stream until that is empty; gives what the intake said, how often."""
    stop = asyncio.Event()
    async with (
        await open_pool(database_url, DatabaseRole.PROJECTOR) as pool,
        open_redis(redis_url, timeout_seconds=5) as redis,
    ):
        intake = Counting(pool)
        consuming = asyncio.create_task(StreamConsumer(redis_url, intake).run(stop))
        for start in range(0, len(lane), CHUNK):
            chunk = lane[start : start + CHUNK]
            await _stream([one.body for one in chunk if one.format is None], redis)
            for group in _by_source(one for one in chunk if one.format is not None):
                await _adapt(group, intake)
            through(len(chunk))
        await _drained(redis, 0)
        stop.set()
        await consuming
        return intake.said


async def _stream(bodies: Sequence[bytes], redis: Redis) -> None:
    async with redis.pipeline(transaction=False) as pipeline:
        for body in bodies:
            pipeline.xadd(stream_name(0), {FIELD: body})
        await pipeline.execute()
    await _drained(redis, BACKLOG)


async def _drained(redis: Redis, most: int) -> None:
    # Entries are deleted once their batch was committed; nobody tells, so look.
    while await redis.xlen(stream_name(0)) > most:  # noqa: ASYNC110
        await asyncio.sleep(PAUSE_SECONDS)


def _by_source(sent: Iterable[Sent]) -> Iterator[list[Sent]]:
    """Those that one sender hands over in one go, by one door."""
    groups: dict[tuple[str | None, Source, str], list[Sent]] = {}
    for one in sent:
        groups.setdefault((one.format, one.source, one.door), []).append(one)
    yield from groups.values()


async def _adapt(group: Sequence[Sent], intake: Intake) -> None:
    """Take each body in as if it came alone: one that is cut off takes none of the next with it."""
    source, format_name = group[0].source, group[0].format or EVENTS
    one = DeclaredSource(source.name, format_name, source.tenant, source.carrier, source.zone)
    door = Door(f"{group[0].door}:{format_name}")
    adapter = adapter_of(one)
    messages = [message for sent in group for message in messages_of(adapter([sent.body], source), one, door)]
    for start in range(0, len(messages), BATCH):
        await intake.take(messages[start : start + BATCH])


def _main(database_url: str, redis_url: str, file: str) -> None:
    lane = LANE.decode(Path(file).read_bytes())
    said = uvloop.run(work(database_url, redis_url, lane, lambda count: print(count, flush=True)))
    print(msgspec.json.encode(said).decode(), flush=True)


if __name__ == "__main__":
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _main(*sys.argv[1:])
