"""The change feed as this process follows it (read this one).

However many listen, each look is one question for all their tenants, asked when a push says that something changed and
twice a second anyway. The latest changes are kept once for all; who is further behind reads pages of its own. Nothing is
kept for a listener but its position, so that a slow one costs nobody anything.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Final

import structlog

from app.reads.changes import Change, Changes, Position
from app.reads.database import ReadsUnavailableError
from projections.pausing import pause

LOOK_SECONDS: Final = 0.5
# Pushes come in bursts; a look waits this long for the rest of one.
GATHER_SECONDS: Final = 0.02
RETRY_SECONDS: Final = 0.5
# Of each tenant, of all listeners together.
KEPT: Final = 256
PAGE: Final = 100
# Who was up to date once and is this far behind now does not keep up.
BEHIND_MAX: Final = 10_000
LISTENERS_MAX: Final = 1_000
READING_AT_ONCE: Final = 2

log = structlog.get_logger()


class SlowConsumerError(Exception):
    """A listener fell too far behind."""


class FeedClosedError(Exception):
    """This process stops: go on elsewhere."""


class TooManyListenersError(Exception):
    """One client listens too often."""


class _Tail:
    """The latest changes of a tenant, up to `last`, and who listens for them."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.listeners: set[Listener] = set()
        self._changes: deque[Change] = deque(maxlen=KEPT)

    def add(self, change: Change) -> None:
        self._changes.append(change)
        self.last = change.sequence
        for one in self.listeners:
            one.wake()

    def after(self, sequence: int) -> Sequence[Change] | None:
        """What follows, up to a page; None when that is not all here. Sequences have no gaps."""
        behind = self.last - sequence
        if behind > len(self._changes):
            return None
        start = len(self._changes) - behind
        return list(islice(self._changes, start, start + PAGE)) if behind > 0 else ()


class ChangeFeed:
    """Followed from `run`. Whoever listens does so between `listen` and its end."""

    def __init__(self, changes: Changes, *, behind_max: int = BEHIND_MAX) -> None:
        self.closing = asyncio.Event()
        self.behind_max = behind_max
        self._changes = changes
        self._tails: dict[str, _Tail] = {}
        self._listeners: Counter[str] = Counter()
        self._pushed = asyncio.Event()
        self._answers = True
        self._reading = asyncio.Semaphore(READING_AT_ONCE)

    def wake(self) -> None:
        """Something changed: look now."""
        self._pushed.set()

    def close(self) -> None:
        """End all listening, because this process stops."""
        self.closing.set()
        for tail in self._tails.values():
            for one in tail.listeners:
                one.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            self._pushed.clear()
            await self._look()
            await pause(stop, GATHER_SECONDS)
            await pause(self._pushed, LOOK_SECONDS)
        self.close()

    @asynccontextmanager
    async def listen(
        self, client_id: str, tenants: Sequence[str], position: Position | None
    ) -> AsyncIterator["Listener"]:
        """Listen from a position, or from now. Raises ReadsUnavailableError, TooManyListenersError."""
        if self._listeners[client_id] >= LISTENERS_MAX:
            raise TooManyListenersError
        self._listeners[client_id] += 1
        try:
            listener = await self._joined(tenants, position)
            try:
                yield listener
            finally:
                self._leave(listener)
        finally:
            self._listeners[client_id] -= 1
            if not self._listeners[client_id]:
                del self._listeners[client_id]

    def tail(self, tenant: str) -> _Tail:
        return self._tails[tenant]

    async def older(self, tenant: str, sequence: int) -> Sequence[Change]:
        """A page from the store, for who is behind what is kept."""
        async with self._reading:
            return await self._changes.after({tenant: sequence}, PAGE)

    async def _joined(self, tenants: Sequence[str], position: Position | None) -> "Listener":
        heads: dict[str, int] = {}
        # Asked again where whoever else listened for a tenant has left meanwhile.
        while unknown := [one for one in tenants if one not in self._tails and one not in heads]:
            heads |= await self._changes.heads(unknown)
        for one in tenants:
            if one not in self._tails:
                self._tails[one] = _Tail(heads[one])
        now = {tenant: self._tails[tenant].last for tenant in tenants}
        listener = Listener(self, dict(now if position is None else position))
        for tenant in tenants:
            self._tails[tenant].listeners.add(listener)
        return listener

    def _leave(self, listener: "Listener") -> None:
        for tenant in listener.position:
            tail = self._tails[tenant]
            tail.listeners.discard(listener)
            if not tail.listeners:
                del self._tails[tenant]

    async def _look(self) -> None:
        if not self._tails:
            return
        try:
            found = await self._changes.after({tenant: tail.last for tenant, tail in self._tails.items()}, PAGE)
        except ReadsUnavailableError as error:
            if self._answers:
                log.warning("feed.postgres_away", error=repr(error))
            self._answers = False
            return
        self._answers = True
        for one in found:
            tail = self._tails.get(one.tenant)
            # Unless all who listened left, and others came, while we looked.
            if tail is not None and one.sequence == tail.last + 1:
                tail.add(one)
        if len(found) >= PAGE:
            # There may be more.
            self._pushed.set()


class Listener:
    """One who listens: `position` is after the last change it was given."""

    def __init__(self, feed: ChangeFeed, position: dict[str, int]) -> None:
        self.position = position
        self._feed = feed
        self._woken = asyncio.Event()
        self._was_up_to_date = False

    def wake(self) -> None:
        self._woken.set()

    async def changes(self) -> AsyncGenerator[Change, None]:
        """Each change once, a tenant's in order, without end. Raises SlowConsumerError, FeedClosedError."""
        while True:
            self._woken.clear()
            found = await self._next()
            for one in found:
                self._refuse_to_go_on()
                self.position[one.tenant] = one.sequence
                yield one
            self._refuse_to_go_on()
            if not found:
                await self._woken.wait()

    def _refuse_to_go_on(self) -> None:
        if self._feed.closing.is_set():
            raise FeedClosedError
        behind = sum(max(0, self._feed.tail(one).last - sequence) for one, sequence in self.position.items())
        if self._was_up_to_date and behind > self._feed.behind_max:
            raise SlowConsumerError
        self._was_up_to_date |= not behind

    async def _next(self) -> list[Change]:
        found: list[Change] = []
        for tenant, sequence in self.position.items():
            known = self._feed.tail(tenant).after(sequence)
            found += known if known is not None else await self._older(tenant, sequence)
        return found

    async def _older(self, tenant: str, sequence: int) -> Sequence[Change]:
        try:
            return await self._feed.older(tenant, sequence)
        except ReadsUnavailableError:
            # Nothing is lost: it is read when there is an answer.
            await pause(self._feed.closing, RETRY_SECONDS)
            self._woken.set()
            return ()
