"""What waits for an order, shipment or load that is not known yet: list it, look into it, give it up."""

from datetime import datetime

import msgspec
from asyncpg import Record

from projections import audit
from projections.audit import Actor, AuditEntry
from projections.database import Database, Pool
from projections.event import Rejection, RejectionReason
from projections.intake import store
from projections.intake.outcomes import Message
from projections.quarantine.entries import SQL, QuarantineEntry, entry
from projections.quarantine.errors import NotThereError


class Waits(msgspec.Struct, frozen=True):
    """The reference it waits for; `scope` is the name space its value is unique in, such as `tenant:nordwind`."""

    type: str
    value: str
    scope: str


class HeldEvent(msgspec.Struct, frozen=True):
    """An understood event about something nobody made known yet. `number` counts arrivals."""

    key: str
    waits_for: Waits
    source: str
    event_id: str
    event_type: str
    tenant: str | None
    held_at: datetime
    size_bytes: int
    number: int


class WantedHeld(msgspec.Struct, frozen=True, kw_only=True):
    """Which ones; all given must hold. `source` is a path or the beginning of one, `reference` the value waited for."""

    source: str | None = None
    event_type: str | None = None
    reference: str | None = None
    held_before: datetime | None = None


async def held(database: Database, wanted: WantedHeld, *, after: int | None = None, limit: int = 50) -> list[HeldEvent]:
    """The oldest first, those that came after number `after`."""
    columns = (wanted.source, wanted.event_type, wanted.reference, wanted.held_before)
    return [_held(row) for row in await database.fetch(SQL["held"], *columns, after, limit)]


async def held_event(database: Database, key: str) -> HeldEvent:
    """Raises NotThereError."""
    row = await database.fetchrow(SQL["held_event"], _bytes(key))
    if row is None:
        raise NotThereError
    return _held(row)


async def held_content(database: Database, key: str) -> bytes:
    """Its bytes: the event in our words. Raises NotThereError."""
    body: bytes | None = await database.fetchval(SQL["held_content"], _bytes(key))
    if body is None:
        raise NotThereError
    return body


async def let_go(pool: Pool, key: str, actor: Actor, because: str) -> QuarantineEntry:
    """Give an event up: it waits no longer, and is kept as a discarded entry of the quarantine.

    From there it can be taken again, mended or not; its sender may send it again too. Raises NotThereError.
    """
    async with pool.acquire() as connection, connection.transaction():
        now = await store.lock(connection)
        row = await connection.fetchrow(SQL["let_go"], _bytes(key))
        if row is None:
            raise NotThereError
        one = _held(row)
        message = Message(row["body"], "held", (one.source,), (one.tenant,) if one.tenant else ())
        detail = f"the {one.waits_for.type} {one.waits_for.value} it waited for since {one.held_at} never came"
        why = Rejection(RejectionReason.NEVER_PLACED, detail, "/data/about", one.source, one.event_id, one.event_type)
        await store.quarantine(connection, [(why, message)], now)
        entry_id = await connection.fetchval(SQL["discarded"], message.digest, actor.subject, because)
        detail_kept = {"because": because, "entry": entry_id}
        await audit.record(connection, [AuditEntry(actor, "held.discard", f"held/{key}", detail_kept, one.tenant)])
        return await entry(connection, entry_id)


def _bytes(key: str) -> bytes:
    try:
        return bytes.fromhex(key)
    except ValueError:
        raise NotThereError from None


def _held(row: Record) -> HeldEvent:
    waits = Waits(row["type"], row["value"], row["scope"])
    said = (row["source"], row["event_id"], row["event_type"], row["tenant"], row["held_at"], row["size_bytes"])
    return HeldEvent(row["key"].hex(), waits, *said, row["arrived"])
