"""Where a person is: in the log, among what waits, in the quarantine."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

import msgspec
from asyncpg import Record

from projections.database import Connection
from projections.envelope import decode_stored
from projections.erasure.bodies import event_without, mentions, message_without
from projections.erasure.person import Person
from projections.event import Event
from projections.events import LoadPlanned
from projections.intake import store
from projections.intake.correlation import Correlation, load_of
from projections.sql import load
from projections.subjects import PARTITION_COUNT, partition_of

SQL = load(__package__)
ROWS_AT_ONCE = 200
# Past this the words are not one person's; and all of it is in memory, then in one transaction.
MAX_FOUND = 5_000

Positions = Mapping[int, int]


class TooManyError(Exception):
    """The words are found too often to be one person's."""


class Place(msgspec.Struct, frozen=True):
    """A row of the log."""

    partition: int
    position: int
    subject_id: str
    tenant: str | None


class FoundEvent(msgspec.Struct):
    """An event that speaks of the person: before, after, and what of it stays (identifiers, others' stops)."""

    event: Event
    after: bytes
    stays: int
    # Of the log: all rows that hold it. Of the hold: its key.
    places: set[Place] = msgspec.field(default_factory=set)
    key: bytes | None = None

    @property
    def changes(self) -> bool:
        return self.after != self.event.body


class FoundEntry(msgspec.Struct, frozen=True):
    """An entry of the quarantine, before and after."""

    id: int
    source: str | None
    event_id: str | None
    event_type: str | None
    before: "EntryText"
    after: "EntryText"


class EntryText(msgspec.Struct, frozen=True):
    """All of an entry that can hold a person's words."""

    body: bytes
    replacement: bytes | None
    detail: str
    settled_because: str | None

    def without(self, person: Person) -> "EntryText":
        return EntryText(
            message_without(self.body, person),
            self.replacement and message_without(self.replacement, person),
            person.struck(self.detail),
            self.settled_because and person.struck(self.settled_because),
        )


class Search:
    """One search for one person of one tenant; call in turn as far as wanted."""

    def __init__(self, connection: Connection, person: Person, tenant: str) -> None:
        self._connection = connection
        self._person = person
        self._tenant = tenant
        self.logged: dict[bytes, FoundEvent] = {}
        self.held: list[FoundEvent] = []
        self.entries: list[FoundEntry] = []
        self._last_entry = 0

    async def heads(self) -> Positions:
        return {row[0]: row[1] for row in await self._connection.fetch(SQL["heads"])}

    async def log(self, after: Positions) -> None:
        """The tenant's events after these positions, and loads' with a stop of the tenant's."""
        for partition in range(PARTITION_COUNT):
            async for rows in self._pages("shared", partition, after.get(partition, 0)):
                await self._take(rows, own=False)
        partition = partition_of(self._tenant)
        async for rows in self._pages("own", partition, after.get(partition, 0), self._tenant):
            await self._take(rows, own=True)

    async def copies(self) -> None:
        """All other rows of what was found: a load's event is in the history of each shipment on it."""
        loads = [subject for found in self.logged.values() if (subject := load_of(found.event))]
        correlation = Correlation()
        await store.learn_loads(self._connection, correlation, loads)
        members = {member for one in loads for member in correlation.loads[one.id].members}
        bodies = [found.event.body for found in self.logged.values() if load_of(found.event)]
        subject_ids = [*{one.id for one in loads}, *members]
        for row in await self._connection.fetch(SQL["copies"], subject_ids, bodies):
            event = decode_stored(row["body"], row["authority"])
            self.logged[event.key].places.add(_place(row))

    async def waiting(self) -> None:
        arrived = 0
        while rows := await self._connection.fetch(SQL["held"], arrived, self._tenant, ROWS_AT_ONCE):
            for row, found in await asyncio.to_thread(self._speaking, rows):
                found.key = row["key"]
                self.held.append(found)
            self._bound()
            arrived = rows[-1]["arrived"]

    async def quarantined(self) -> None:
        """From where the last call ended; what that found is read again, as it may have been replayed since."""
        known = await self._connection.fetch(SQL["quarantine_again"], [one.id for one in self.entries])
        self.entries = self._entries(known)
        while rows := await self._connection.fetch(SQL["quarantine"], self._last_entry, self._tenant, ROWS_AT_ONCE):
            self.entries += await asyncio.to_thread(self._entries, rows)
            self._bound()
            self._last_entry = rows[-1]["id"]

    async def _pages(self, statement: str, partition: int, after: int, *narrowed: str) -> AsyncIterator[list[Record]]:
        while rows := await self._connection.fetch(SQL[statement], partition, after, *narrowed, ROWS_AT_ONCE):
            yield rows
            after = rows[-1]["position"]

    async def _take(self, rows: Sequence[Record], *, own: bool) -> None:
        # Beside the loop: each is decoded and read through.
        for row, found in await asyncio.to_thread(self._speaking, rows):
            if own or (isinstance(found.event.data, LoadPlanned) and found.changes):
                self.logged.setdefault(found.event.key, found).places.add(_place(row))
        self._bound()

    def _speaking(self, rows: Iterable[Record]) -> list[tuple[Record, FoundEvent]]:
        return [(row, found) for row in rows if (found := self._found(row["body"], row["authority"]))]

    def _found(self, body: bytes, authority: int) -> FoundEvent | None:
        count = mentions(body, self._person)
        if not count:
            return None
        event = decode_stored(body, authority)
        after = event_without(event, self._person, self._tenant)
        stays = mentions(after, self._person)
        # Nothing that may go is in it: leave it as its source wrote it.
        return FoundEvent(event, after if stays < count else body, stays)

    def _entries(self, rows: Iterable[Record]) -> list[FoundEntry]:
        found = []
        for row in rows:
            before = EntryText(row["body"], row["replacement"], row["detail"], row["settled_because"])
            after = before if _another(before.body, self._tenant) else before.without(self._person)
            if after != before:
                said = (row["source"], row["event_id"], row["event_type"])
                found.append(FoundEntry(row["id"], *said, before, after))
        return found

    def _bound(self) -> None:
        if len(self.logged) + len(self.held) + len(self.entries) > MAX_FOUND:
            raise TooManyError(f"found more than {MAX_FOUND:,} times; be more exact about whom to erase")


def _place(row: Record) -> Place:
    return Place(row["partition"], row["position"], row["subject_id"], row["tenant"])


def _another(body: bytes, tenant: str) -> bool:
    """Whether a refused message says that it is another customer's."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    named = said.get("tenant") if isinstance(said, dict) else None
    return isinstance(named, str) and named != tenant
