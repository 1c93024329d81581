"""From a source's bytes through its adapter into the log, batch by batch, every message accounted for."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from projections.database import Connection
from projections.intake.intake import Alongside, Intake
from projections.intake.outcomes import Message, Native, Outcome, OutcomeStatus
from projections.sources.adapter import CanonicalEvent, Ignored, Rejected, Taken
from projections.sources.declared import DeclaredSource
from projections.sources.registry import EVENTS, adapter_of

BATCH = 500
# What a batch may weigh before its last message: one may be a thousand times the usual size.
BATCH_BYTES = 16 * 1_048_576


class Door(msgspec.Struct, frozen=True):
    """Where messages come in, and for which sources and tenants their sender may speak, as `Message` says.

    `key` is the one their source is declared under, if any.
    """

    channel: str
    sources: tuple[str, ...] | None = None
    tenants: tuple[str, ...] = ()
    key: str | None = None


class Account(msgspec.Struct):
    """What became of a source's messages: how many of each, and of those quarantined how many for which reason."""

    accepted: int = 0
    duplicate: int = 0
    held: int = 0
    quarantined: int = 0
    ignored: int = 0
    reasons: dict[str, int] = {}

    @property
    def messages(self) -> int:
        return self.accepted + self.duplicate + self.held + self.quarantined + self.ignored

    def add(self, outcomes: Iterable[Outcome], ignored: int) -> None:
        """Count a batch."""
        outcomes = list(outcomes)
        counts = Counter(outcome.status for outcome in outcomes)
        self.accepted += counts[OutcomeStatus.ACCEPTED]
        self.duplicate += counts[OutcomeStatus.DUPLICATE]
        self.held += counts[OutcomeStatus.HELD]
        self.quarantined += counts[OutcomeStatus.QUARANTINED]
        self.ignored += ignored
        for outcome in outcomes:
            if outcome.reason:
                self.reasons[outcome.reason] = self.reasons.get(outcome.reason, 0) + 1


Settled: TypeAlias = Callable[[Connection, Account], Awaitable[None]]


async def take_in(
    intake: Intake,
    one: DeclaredSource,
    chunks: Iterable[bytes],
    *,
    door: Door,
    counted: Callable[[Account], None] = lambda _: None,
    settled: Settled | None = None,
) -> Account:
    """Take all messages of these bytes in; says after each batch how far it is. Memory holds one batch.

    A batch is `BATCH` messages, or fewer of which the last brings it to `BATCH_BYTES`.

    What was taken before an error of the chunks or the store stays, and sent again it is a duplicate. `settled` is
    given the whole account in the transaction of the last batch.
    """
    account = Account()
    takings = adapter_of(one)(chunks, one.source)
    more = True
    while more:
        # Read beside the loop: a batch may take long to read, and others are served by the loop.
        batch, more = await asyncio.to_thread(_next_batch, takings)
        messages = messages_of(batch, one, door)
        ignored = len(batch) - len(messages)
        last = _settling(settled, account, ignored) if settled and not more else None
        outcomes = await intake.take(messages, last) if messages or last else []
        account.add(outcomes, ignored)
        counted(account)
    return account


def _next_batch(takings: Iterator[Taken]) -> tuple[list[Taken], bool]:
    """The next of them, as many as one batch may hold, and whether there may be more."""
    batch: list[Taken] = []
    weight = 0
    raw = b""
    for taken in takings:
        batch.append(taken)
        # A native message may say a thousand things; its bytes are in memory once.
        weight += 0 if taken.raw is raw else len(taken.raw)
        raw = taken.raw
        if isinstance(taken, CanonicalEvent) and taken.body is not raw:
            weight += len(taken.body)
        if len(batch) == BATCH or weight >= BATCH_BYTES:
            return batch, True
    return batch, False


def _settling(settled: Settled, account: Account, ignored: int) -> Alongside:
    async def settle(connection: Connection, outcomes: Sequence[Outcome]) -> None:
        whole = msgspec.structs.replace(account, reasons=dict(account.reasons))
        whole.add(outcomes, ignored)
        await settled(connection, whole)

    return settle


def messages_of(takings: Iterable[Taken], one: DeclaredSource, door: Door) -> list[Message]:
    """What intake is given of a source's messages: all but the ignored ones."""
    declared = msgspec.json.encode(one).decode()
    given = (taken for taken in takings if not isinstance(taken, Ignored))
    # CloudEvents are their own native form: nothing has to be read again.
    if one.format == EVENTS:
        return [message_of(taken, one.name, door) for taken in given]
    return [message_of(taken, one.name, door, Native(taken.raw, declared, door.key)) for taken in given]


def message_of(taken: CanonicalEvent | Rejected, name: str, door: Door, native: Native | None = None) -> Message:
    """What intake is given of one thing a source of this name said."""
    if isinstance(taken, CanonicalEvent):
        return Message(taken.body, door.channel, door.sources, door.tenants, native=native)
    # Whoever looks into quarantine must see whose message it is.
    named = msgspec.structs.replace(taken.rejection, source=taken.rejection.source or name)
    return Message(taken.raw, door.channel, door.sources, door.tenants, named, native)
