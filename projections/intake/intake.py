"""Take messages in: the one door into the log, whichever way they came.

All of a batch is taken in one transaction, and one intake transaction runs at a time. What is
answered `accepted` or `held` was committed; a crash before that leaves nothing, and the sender
sends again.
"""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from projections.database import POISON, Connection, Pool
from projections.envelope import decode
from projections.event import Event, Rejection, RejectionReason
from projections.intake import store
from projections.intake.correlation import Correlation, load_of, names_of
from projections.intake.outcomes import Message, Outcome, OutcomeStatus
from projections.intake.tallies import Tally, tallies
from projections.subjects import Subject

MAX_EVENT_BYTES = 1_048_576
# What is to be written in the transaction that takes a batch, given the outcomes its sender will be told.
Alongside: TypeAlias = Callable[[Connection, Sequence[Outcome]], Awaitable[None]]
# JSON, which keeps the offsets of instants: another spelling of a time is another thing said.
_FINGERPRINT = msgspec.json.Encoder(decimal_format="string")


def fingerprint(event: Event) -> bytes:
    """8 bytes of what an event says, to tell a duplicate from a second event under the same id."""
    said = _FINGERPRINT.encode((event.type, event.occurred_at, event.tenant, event.data))
    return hashlib.blake2b(said, digest_size=8).digest()


class Batch:
    """One batch on its way in: which messages are events, and what becomes of each message."""

    def __init__(self, messages: Sequence[Message], now: datetime, max_event_bytes: int) -> None:
        self.messages = messages
        self.outcomes: list[Outcome | None] = [None] * len(messages)
        self.events: dict[int, Event] = {}
        self.rejected: list[tuple[int, Rejection, Message]] = []
        for index, message in enumerate(messages):
            self._understand(index, message, now, max_event_bytes)

    def _understand(self, index: int, message: Message, now: datetime, max_event_bytes: int) -> None:
        if message.rejection is not None:
            self.reject(index, message.rejection)
            return
        if len(message.body) > max_event_bytes:
            detail = f"{len(message.body)} bytes; the limit is {max_event_bytes}"
            self.reject(index, Rejection(RejectionReason.OVERSIZED, detail))
            return
        understood = decode(message.body, now)
        if isinstance(understood, Rejection):
            self.reject(index, understood)
        elif not message.may_speak_for(understood.source):
            detail = f"this client may not speak for {understood.source}"
            self.refuse(index, understood, RejectionReason.SOURCE_NOT_ALLOWED, detail, "/source")
        elif message.tenants and understood.tenant not in message.tenants:
            detail = f"this client may speak of {', '.join(message.tenants)} only"
            self.refuse(index, understood, RejectionReason.SOURCE_NOT_ALLOWED, detail, "/tenant")
        else:
            self.events[index] = understood

    def refuse(self, index: int, event: Event, reason: RejectionReason, detail: str, pointer: str) -> None:
        """Reject an event that was understood."""
        self.reject(index, Rejection(reason, detail, pointer, event.source, event.id, event.type))

    def reject(self, index: int, rejection: Rejection) -> None:
        message = self.messages[index]
        self.events.pop(index, None)
        self.outcomes[index] = Outcome.quarantined(rejection)
        # What is taken again has its entry already.
        if message.replays is None:
            self.rejected.append((index, rejection, message))

    def reject_held(self, rejection: Rejection, event: Event) -> None:
        """Reject what was held until now. It was allowed to say what it says, and may say it again."""
        tenants = (event.tenant,) if event.tenant else ()
        self.rejected.append((-1, rejection, Message(event.body, "held", (event.source,), tenants)))

    def in_order(self) -> list[tuple[Rejection, Message]]:
        """What was rejected, in order of arrival."""
        return [(rejection, message) for _, rejection, message in sorted(self.rejected, key=lambda one: one[0])]

    def settle(self, index: int, status: OutcomeStatus) -> None:
        event = self.events[index]
        self.outcomes[index] = Outcome(status, event.source, event.id)


class Intake:
    """Takes batches of messages in. One instance serves a whole worker; batches may overlap, the lock orders them."""

    def __init__(self, pool: Pool, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._pool = pool
        self._max_event_bytes = max_event_bytes

    async def take(self, messages: Sequence[Message], alongside: Alongside | None = None) -> list[Outcome]:
        """Take a batch in and say what became of each message, in their order. Outages of the store are raised.

        `alongside` commits with the batch or not at all, and what it raises undoes the batch; only where the batch was
        halved it follows in a transaction of its own.
        """
        async with self._pool.acquire() as connection:
            return (await take(connection, messages, self._max_event_bytes, alongside)).outcomes

    async def positions(self) -> dict[int, int]:
        """How far the log is on each partition: all that was taken before lies no further."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(store.SQL["positions"])
        return {row["partition"]: row["position"] for row in rows}


class Taken(msgspec.Struct, frozen=True):
    """What a batch came to: each message's outcome, what is new in the log, and what was held until now.

    What was released and could not be placed after all has its rejection beside it.
    """

    outcomes: list[Outcome]
    placed: Sequence[tuple[Subject, Event]]
    released: Sequence[tuple[Event, Rejection | None]]


async def take(
    connection: Connection, messages: Sequence[Message], max_event_bytes: int, alongside: Alongside | None = None
) -> Taken:
    """Take a batch in: in a transaction of its own, or within the caller's.

    A message the store cannot take for what it says is found by halves and quarantined: it cannot
    sink those beside it, nor stop its feed.
    """
    try:
        return await _take_at_once(connection, Batch(messages, datetime.now(UTC), max_event_bytes), alongside)
    except POISON as error:
        if len(messages) == 1:
            return await _take_at_once(connection, _poisoned(messages[0], error), alongside)
    half = len(messages) // 2
    one = await take(connection, messages[:half], max_event_bytes)
    other = await take(connection, messages[half:], max_event_bytes)
    outcomes = [*one.outcomes, *other.outcomes]
    if alongside is not None:
        async with connection.transaction():
            await alongside(connection, outcomes)
    return Taken(outcomes, [*one.placed, *other.placed], [*one.released, *other.released])


async def _take_at_once(connection: Connection, batch: Batch, alongside: Alongside | None) -> Taken:
    async with connection.transaction():
        taken = await _take(connection, batch, await store.lock(connection))
        if alongside is not None:
            await alongside(connection, taken.outcomes)
    return taken


def _poisoned(message: Message, error: Exception) -> Batch:
    """A batch of the one message that no batch can be taken with."""
    batch = Batch([], datetime.now(UTC), 0)
    batch.messages, batch.outcomes = [message], [None]
    batch.reject(0, Rejection(RejectionReason.INVALID, f"the store cannot take this: {error}"))
    return batch


async def _take(connection: Connection, batch: Batch, now: datetime) -> Taken:
    fresh = await _without_duplicates(connection, batch)
    correlation = Correlation()
    # A source is not heard when what it said before is taken again.
    heard = [event for index, event in batch.events.items() if batch.messages[index].replays is None]
    await _learn(connection, correlation, [batch.events[index] for index in fresh])
    for index in fresh:
        correlation.place(batch.events[index])
    released = await _release(connection, correlation)
    _settle(batch, fresh, correlation)
    await _write(
        connection, correlation, {key: said for index, (key, said) in fresh.items() if index in batch.events}, now
    )
    await store.quarantine(connection, batch.in_order(), now)
    counted = _tallies(batch, fresh, correlation)
    await store.hear(connection, heard, counted, now)
    await store.tally(connection, counted)
    rejections = {key: conflict.rejection for key, conflict in correlation.conflicts.items()}
    return Taken(
        [outcome for outcome in batch.outcomes if outcome is not None],
        correlation.placed,
        [(event, rejections.get(event.key)) for event in released],
    )


def _tallies(batch: Batch, fresh: dict[int, tuple[bytes, bytes]], correlation: Correlation) -> Counter[Tally]:
    own = {key for key, _ in fresh.values()}
    put_aside = [conflict.rejection for key, conflict in correlation.conflicts.items() if key not in own]
    return tallies(batch.outcomes, [batch.events[index] for index in fresh if index in batch.events], put_aside)


def _settle(batch: Batch, fresh: dict[int, tuple[bytes, bytes]], correlation: Correlation) -> None:
    """Say of each fresh event what became of it; a conflict may also meet one that was held until now."""
    held = {event.key for _, event in correlation.held()}
    for index, (key, _) in fresh.items():
        conflict = correlation.conflicts.get(key)
        if conflict:
            batch.reject(index, conflict.rejection)
        else:
            batch.settle(index, OutcomeStatus.HELD if key in held else OutcomeStatus.ACCEPTED)
    if correlation.conflicts:
        _reject_repetitions(batch, correlation)
    for key, conflict in correlation.conflicts.items():
        if key not in {known for known, _ in fresh.values()}:
            batch.reject_held(conflict.rejection, conflict.event)


def _reject_repetitions(batch: Batch, correlation: Correlation) -> None:
    """What repeats an event that turned out a conflict is no duplicate of anything taken: it shares its fate."""
    for index, event in list(batch.events.items()):
        if conflict := correlation.conflicts.get(event.key):
            batch.reject(index, conflict.rejection)


async def _without_duplicates(connection: Connection, batch: Batch) -> dict[int, tuple[bytes, bytes]]:
    """Settle what was taken before; the rest by index with key and fingerprint."""
    keyed = {index: (event.key, fingerprint(event)) for index, event in batch.events.items()}
    known = await store.known_fingerprints(connection, [key for key, _ in keyed.values()])
    fresh = {}
    for index, (key, said) in keyed.items():
        first = known.setdefault(key, said)
        if first is said:
            fresh[index] = (key, said)
        elif first == said:
            batch.settle(index, OutcomeStatus.DUPLICATE)
        else:
            detail = "another event came under this source and id before"
            batch.refuse(index, batch.events[index], RejectionReason.ID_REUSED, detail, "/id")
    return fresh


async def _learn(connection: Connection, correlation: Correlation, events: Sequence[Event]) -> None:
    """Ask the store all that placing these events can need, in two queries."""
    await store.learn_names(connection, correlation, [name for event in events for name in names_of(event)])
    await store.learn_loads(connection, correlation, [load for event in events if (load := load_of(event))])


async def _release(connection: Connection, correlation: Correlation) -> list[Event]:
    """Place what was held for names that are known now; that can make further names known, so until none is new."""
    asked: set[object] = set()
    all_released: list[Event] = []
    while new := [name for name in correlation.registered if name not in asked]:
        asked.update(new)
        released = await store.release(connection, new)
        await _learn(connection, correlation, released)
        for event in released:
            correlation.place(event)
        all_released += released
    return all_released


async def _write(connection: Connection, correlation: Correlation, taken: dict[bytes, bytes], now: datetime) -> None:
    if taken:
        await store.remember(connection, taken)
    await store.register(connection, correlation.registered)
    await store.forget(connection, [key for key in correlation.conflicts if key not in taken])
    await store.hold(connection, correlation.held(), now)
    if correlation.placed:
        await store.append(connection, correlation.placed, now)
