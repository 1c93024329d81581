"""Asking owners: once for all who wait, seldom, not too many at once, and no reader waits long.

    recall the state -> ask the owner over HTTP -> compare -> take in what is news -> fold all the log has

What an owner says comes in by the same door as everything and is folded by the same fold, so what is shown now is
what the projector will make of it.
"""

import asyncio
import time

import msgspec
import structlog

from app.owners.answers import OtherSubjectError, news, owner_of, question
from app.owners.refolding import refold
from app.reads.freshness import FreshnessClock
from app.upstream.client import Upstream
from app.upstream.errors import UpstreamError
from projections.cache import Document
from projections.database import DATABASE_UNAVAILABLE, Pool
from projections.intake.intake import Intake
from projections.shipment_view.state import ShipmentState
from projections.sources.adapter import Source
from projections.sources.taking import Door, message_of
from projections.store import load_shipments
from projections.subjects import is_shipment, partition_of

Key = tuple[str, str]
CHANNEL = "upstream"
# What a reader waits for an owner; the answer of a slower one is there for the next reader.
PATIENCE_SECONDS = 0.5
# How seldom an owner is asked about one shipment, whatever became of the question.
AGAIN_SECONDS = 15.0
MOST_AT_ONCE = 8
# Shipments whose last question is remembered, and so at most those shown ahead of the projector.
MOST_REMEMBERED = 20_000

log = structlog.get_logger()


class Owner(msgspec.Struct, frozen=True):
    """A declared source that can be asked about shipments."""

    source: Source
    upstream: Upstream


class Told(msgspec.Struct, frozen=True):
    """A document with what its owner said: all accepted before the unix time `as_of` is in it."""

    document: Document
    as_of: float


class Owners:
    """The owners that can be asked, and what they said that the projector has not caught up with."""

    def __init__(
        self,
        pool: Pool,
        intake: Intake,
        clock: FreshnessClock,
        owners: dict[str, Owner],
        *,
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        """`owners`: by the name of the source. `pool` reads states and the log."""
        self._pool = pool
        self._intake = intake
        self._clock = clock
        self._owners = owners
        self._again_seconds = again_seconds
        self._asked: dict[Key, float] = {}
        self._told: dict[Key, Told] = {}
        self._under_way: dict[Key, asyncio.Task[Told | None]] = {}

    def told(self, key: Key) -> Told | None:
        """What its owner said, until the stores have all of it."""
        told = self._told.get(key)
        if told is not None and told.as_of <= self._clock.as_of(partition_of(key[0])):
            del self._told[key]
            return None
        return told

    def is_recent(self, told: Told) -> bool:
        """Whether it is too early to ask again."""
        return time.time() - told.as_of < self._again_seconds

    def ahead(self) -> bool:
        """Whether something was shown that the stores do not have yet."""
        return any(self.told(key) is not None for key in tuple(self._told))

    async def ask(self, key: Key, known: Document) -> Told | None:
        """The shipment as its owner knows it now; None when it does not say in time, or was asked a moment ago.

        `known` is what the one who asks may see of it by what we have: who may see nothing must not ask.
        """
        task = self._under_way.get(key)
        if task is None:
            if not self._may_ask(key):
                return None
            self._asked[key] = time.monotonic()
            task = self._under_way[key] = asyncio.create_task(self._ask(key, known))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        return task.result() if done else None

    async def close(self) -> None:
        """End the questions under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _may_ask(self, key: Key) -> bool:
        now = time.monotonic()
        if not is_shipment(key[1]) or len(self._under_way) >= MOST_AT_ONCE:
            return False
        if now - self._asked.get(key, -self._again_seconds) < self._again_seconds:
            return False
        if len(self._asked) >= MOST_REMEMBERED:
            self._asked = {
                one: at for one, at in self._asked.items() if one in self._told or now - at < self._again_seconds
            }
        return len(self._asked) < MOST_REMEMBERED

    async def _ask(self, key: Key, known: Document) -> Told | None:
        try:
            told = await self._look(key, known)
        except (UpstreamError, OtherSubjectError, *DATABASE_UNAVAILABLE) as error:
            log.warning("owners.no_answer", shipment=key[1], error=str(error) or repr(error))
            return None
        except Exception:
            # Whatever it is, it is no reason not to show what we have.
            log.exception("owners.failed", shipment=key[1])
            return None
        if told is not None:
            self._told[key] = told
        return told

    async def _look(self, key: Key, known: Document) -> Told | None:
        tenant, shipment_id = key
        async with self._pool.acquire() as connection:
            recalled = (await load_shipments(connection, [shipment_id])).get(shipment_id)
        state = recalled.state if recalled else None
        owner = self._owners.get(owner_of(state) or "") if state and state.tenant == tenant else None
        # One declared for one customer is not asked about another's.
        if state is None or owner is None or owner.source.tenant not in (None, tenant):
            return None
        await self._take(owner, state)
        async with self._pool.acquire() as connection:
            made = await refold(connection, tenant, shipment_id)
        if made is None:
            return None
        document, as_of = made
        # What shows nothing new is the version it was.
        return Told(known if document.digest == known.digest else document, as_of.timestamp())

    async def _take(self, owner: Owner, state: ShipmentState) -> None:
        """Ask, and take in what is news. Raises UpstreamError, OtherSubjectError."""
        path = question(state)
        if path is None:
            return
        answer = await owner.upstream.get(path, {})
        takings = news(answer.body, owner.source, state)
        door = Door(CHANNEL, tenants=(state.tenant,))
        if takings:
            await self._intake.take([message_of(taken, owner.source.name, door) for taken in takings])
