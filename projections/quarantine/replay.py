"""Taking again what was refused, through the same intake; or only saying what that would do.

One transaction under the intake lock, entries oldest first. What waits for one of them is released in it, in the
order in which it came. A dry run is the same transaction, undone; what it would have changed in whose views is then
folded from the log's history.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec
from msgspec.structs import replace

from projections import audit
from projections.audit import Actor, AuditEntry
from projections.database import Connection, Pool
from projections.event import Event, Rejection
from projections.intake import store
from projections.intake.intake import MAX_EVENT_BYTES, Taken, take
from projections.intake.outcomes import Message
from projections.quarantine.entries import SQL, Wanted, entry
from projections.quarantine.errors import SettledError
from projections.quarantine.preview import Preview, ViewChange
from projections.quarantine.reading import EntryOutcome, Kept, messages_again, outcome_of
from projections.sources.declared import DeclaredSource

# They hold up intake while they are taken.
MAX_ENTRIES = 500
MAX_BYTES = 16 * 1_048_576


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: these, or all open ones that are wanted, from the one after `after` on."""

    ids: tuple[int, ...] | None = None
    wanted: Wanted = Wanted()
    after: int | None = None


class ReleasedEvent(msgspec.Struct, frozen=True):
    """An event that waited for what was taken. With `reason` it could not be placed after all: a new entry keeps it."""

    key: str
    source: str
    event_id: str
    event_type: str
    reason: str | None = None

    @classmethod
    def of(cls, event: Event, rejection: Rejection | None) -> "ReleasedEvent":
        reason = rejection.reason.value if rejection else None
        return cls(event.key.hex(), event.source, event.id, event.type, reason)


class Replay(msgspec.Struct, frozen=True):
    """What came of it: each entry's outcome and what was released, both in order. `changes` are of a dry run.

    `next_after`: this is as much as is taken at a time, there may be more after this entry.
    """

    entries: tuple[EntryOutcome, ...] = ()
    released: tuple[ReleasedEvent, ...] = ()
    changes: tuple[ViewChange, ...] = ()
    next_after: int | None = None


class Replays:
    """Takes quarantined messages again, with the sources as they are declared now."""

    def __init__(
        self, pool: Pool, sources: Mapping[str, DeclaredSource], *, max_event_bytes: int = MAX_EVENT_BYTES
    ) -> None:
        self._pool = pool
        self._sources = sources
        self._max_event_bytes = max_event_bytes

    async def replay(self, chosen: Chosen, actor: Actor, *, body: bytes | None = None) -> Replay:
        """Take them again. With `body`, which needs one id, that is taken in its stead and kept beside it.

        Raises NotThereError, and SettledError for one that was taken already.
        """
        async with self._pool.acquire() as connection:
            again = await self._read(connection, chosen, body)
            async with connection.transaction():
                taken, outcomes = await self._take(connection, again)
                await _settle(connection, outcomes, actor, body)
        return _said(again, taken, outcomes)

    async def dry_run(self, chosen: Chosen, *, body: bytes | None = None) -> Replay:
        """What `replay` would do, and change in whose views. Nothing is written. Raises as `replay`, and BehindError."""
        async with self._pool.acquire() as connection:
            again = await self._read(connection, chosen, body)
            undone = connection.transaction()
            await undone.start()
            try:
                await store.lock(connection)
                positions = {row["partition"]: row["position"] for row in await connection.fetch(SQL["positions"])}
                taken, outcomes = await self._take(connection, again)
            finally:
                await undone.rollback()
            changes = await Preview(connection, positions).changes(taken.placed)
        return replace(_said(again, taken, outcomes), changes=tuple(changes))

    async def _read(self, connection: Connection, chosen: Chosen, body: bytes | None) -> "Again":
        """The chosen, and what intake is given of them."""
        ids = None if chosen.ids is None else sorted(set(chosen.ids))
        columns = (*chosen.wanted.columns, chosen.after)
        rows = await connection.fetch(SQL["to_replay"], ids, *columns, MAX_ENTRIES, MAX_BYTES)
        kept = [msgspec.convert(dict(row), Kept) for row in rows]
        full = len(kept) == MAX_ENTRIES or sum(len(one.body) for one in kept) >= MAX_BYTES
        for entry_id in set(ids or ()) - {one.id for one in kept}:
            if (state := (await entry(connection, entry_id)).state) == "replayed":
                raise SettledError(f"{entry_id} is {state} already")
        if body is not None:
            kept = [replace(one, body=body) for one in kept]
        # Beside the loop and before the lock: reading takes long, and others are served and taken in meanwhile.
        messages = await asyncio.to_thread(lambda: {one.id: messages_again(one, self._sources) for one in kept})
        return Again(messages, kept[-1].id if full else None)

    async def _take(self, connection: Connection, again: "Again") -> tuple[Taken, list[EntryOutcome]]:
        """Within the caller's transaction: those that nobody took meanwhile."""
        await store.lock(connection)
        rows = await connection.fetch(SQL["not_replayed"], list(again.messages))
        entry_ids = sorted(row["id"] for row in rows)
        messages = [message for entry_id in entry_ids for message in again.messages[entry_id]]
        taken = await take(connection, messages, self._max_event_bytes)
        results = iter(taken.outcomes)
        return taken, [
            outcome_of(entry_id, list(islice(results, len(again.messages[entry_id])))) for entry_id in entry_ids
        ]


class Again(msgspec.Struct, frozen=True):
    """What intake is given again, by entry; `next_after` as in `Replay`."""

    messages: dict[int, list[Message]]
    next_after: int | None


def _said(again: Again, taken: Taken, outcomes: Sequence[EntryOutcome]) -> Replay:
    released = tuple(ReleasedEvent.of(event, rejection) for event, rejection in taken.released)
    return Replay(tuple(outcomes), released, next_after=again.next_after)


async def _settle(connection: Connection, outcomes: Sequence[EntryOutcome], actor: Actor, body: bytes | None) -> None:
    """Write down what became of each, and who wanted it."""
    if not outcomes:
        return
    columns = [(one.id, one.reason, store.fit(one.detail), store.fit(one.pointer)) for one in outcomes]
    await connection.execute(SQL["settle"], *zip(*columns, strict=True), body, actor.subject)
    replaced = {"replacement_sha256": hashlib.sha256(body).hexdigest()} if body is not None else {}
    deeds = [
        AuditEntry(actor, "quarantine.replay", f"quarantine/{one.id}", {"status": one.status, **_why(one), **replaced})
        for one in outcomes
    ]
    await audit.record(connection, deeds)


def _why(one: EntryOutcome) -> dict[str, str]:
    return {"reason": one.reason} if one.reason else {}
