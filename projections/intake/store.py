"""What intake asks of Postgres, and what it writes: one call a statement of queries.sql."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from projections.database import Connection
from projections.envelope import decode_stored
from projections.event import Event, Rejection
from projections.events import SourceHeartbeat
from projections.intake.correlation import Correlation, Name, names_of
from projections.intake.outcomes import Message
from projections.intake.tallies import FREE_KINDS, MAX_CODES, MAX_SOURCES, NOBODY, OTHER_CODES, Tally
from projections.sql import load
from projections.subjects import Subject

SQL = load(__package__)
MAX_QUARANTINE_TEXT = 1_000
_LOG_COLUMNS = ("partition", "position", "recorded_at", "subject_id", "tenant", "authority", "body")
_HELD_COLUMNS = (
    *("key", "scope", "type", "value", "source", "event_id"),
    *("event_type", "tenant", "authority", "held_at", "body"),
)


async def lock(connection: Connection) -> datetime:
    """Wait for our turn, and say what time it is by the database's clock."""
    now: datetime = await connection.fetchval(SQL["lock"])
    return now


async def known_fingerprints(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    return {row[0]: row[1] for row in await connection.fetch(SQL["known_keys"], keys)}


async def learn_names(connection: Connection, correlation: Correlation, names: Iterable[Name]) -> None:
    unknown = [name for name in set(names) if name not in correlation.known]
    if not unknown:
        return
    for scope, kind, value, subject_id, tenant in await connection.fetch(
        SQL["correlated"], *zip(*unknown, strict=True)
    ):
        correlation.known[Name(scope, kind, value)] = Subject(subject_id, tenant)


async def learn_loads(connection: Connection, correlation: Correlation, loads: Iterable[Subject]) -> None:
    wanted = [load.id for load in set(loads) if load.id not in correlation.loads]
    if not wanted:
        return
    rows = await connection.fetch(SQL["load_history"], wanted)
    said = [(subject_id, decode_stored(body, authority)) for subject_id, authority, body, _ in rows]
    await learn_names(connection, correlation, [name for _, event in said for name in names_of(event)])
    for load_id, event in said:
        correlation.recall_on_load(load_id, event)


async def release(connection: Connection, names: Iterable[Name]) -> list[Event]:
    """Take what is held for these names out of the hold."""
    columns = list(zip(*names, strict=True))
    if not columns:
        return []
    rows = await connection.fetch(SQL["waiting_for"], *columns)
    return [decode_stored(body, authority) for authority, body in rows]


async def append(connection: Connection, placed: Sequence[tuple[Subject, Event]], now: datetime) -> None:
    """Write events to the log at the next positions of their subjects' partitions."""
    partitions = [subject.partition for subject, _ in placed]
    counts = Counter(partitions)
    ordered = sorted(counts)
    taken = await connection.fetch(SQL["next_positions"], ordered, [counts[partition] for partition in ordered])
    following = {partition: last - counts[partition] + 1 for partition, last in taken}
    rows = []
    for (subject, event), partition in zip(placed, partitions, strict=True):
        rows.append((partition, following[partition], now, subject.id, subject.tenant, event.authority, event.body))
        following[partition] += 1
    await connection.copy_records_to_table("event", schema_name="log", columns=_LOG_COLUMNS, records=rows)
    await connection.execute(SQL["wake"])


async def hold(connection: Connection, held: Iterable[tuple[Name, Event]], now: datetime) -> None:
    rows = [
        (event.key, *name, event.source, event.id, event.type, event.tenant, event.authority, now, event.body)
        for name, event in held
    ]
    if rows:
        await connection.copy_records_to_table("held", schema_name="log", columns=_HELD_COLUMNS, records=rows)


async def remember(connection: Connection, fingerprints: Mapping[bytes, bytes]) -> None:
    # In key order: neighbours in the index are written together.
    keys = sorted(fingerprints)
    await connection.execute(SQL["remember_keys"], keys, [fingerprints[key] for key in keys])


async def forget(connection: Connection, keys: Sequence[bytes]) -> None:
    """What was held and is quarantined now is no longer taken: mended, it may come again."""
    if keys:
        await connection.execute(SQL["forget_keys"], keys)


async def register(connection: Connection, registered: Mapping[Name, Subject]) -> None:
    rows = [(*name, subject.id, subject.tenant) for name, subject in registered.items()]
    if rows:
        await connection.execute(SQL["register"], *zip(*rows, strict=True))


async def quarantine(connection: Connection, rejected: Iterable[tuple[Rejection, Message]], now: datetime) -> None:
    """Keep rejected messages: why, their bytes as they came, and all that taking them again needs. Oldest first."""
    rows = {message.digest: _quarantine_columns(one, message) for one, message in rejected}
    if rows:
        await connection.execute(SQL["quarantine"], *zip(*rows.values(), strict=True), now)


def _quarantine_columns(one: Rejection, message: Message) -> tuple[object, ...]:
    native = message.native
    # Neither a source's path nor a tenant's name has a space in it; Postgres cannot unnest arrays of arrays by row.
    sources = None if message.sources is None else " ".join(message.sources)
    said = map(fit, (one.detail, one.pointer, one.source, one.event_id, one.event_type))
    came = (message.channel, message.kept, native and native.key, native and native.declared)
    return (message.digest, one.reason.value, *said, *came, sources, " ".join(message.tenants))


def fit(words: str | None) -> str | None:
    """Words taken from a message nobody could check, made fit for a text column; the raw bytes are kept beside them."""
    return words and words[:MAX_QUARANTINE_TEXT].replace("\0", "\N{REPLACEMENT CHARACTER}")


async def hear(connection: Connection, events: Iterable[Event], counted: Mapping[Tally, int], now: datetime) -> None:
    """Each source's latest word, up to when it is known to be well, and what became of its events.

    An event shows that its source speaks now, however old its news; a heartbeat shows no more than it says, and
    no clock ahead of ours shows more than now.
    """
    latest: dict[str, datetime] = {}
    alive: dict[str, datetime] = {}
    for event in events:
        well_at = min(event.occurred_at, now) if isinstance(event.data, SourceHeartbeat) else now
        latest[event.source] = max(latest.get(event.source, event.occurred_at), event.occurred_at)
        alive[event.source] = max(alive.get(event.source, well_at), well_at)
    if latest:
        plain = [one for one in counted if one.kind not in FREE_KINDS]
        counts = [counted[one] for one in plain]
        tallied = [one.source for one in plain], [one.kind for one in plain], counts
        await connection.execute(SQL["hear"], list(latest), list(latest.values()), list(alive.values()), now, *tallied)


async def tally(connection: Connection, counted: Mapping[Tally, int]) -> None:
    """Count what was refused and what was not known."""
    rows = [(*one, count) for one, count in counted.items() if one.kind in FREE_KINDS]
    if rows:
        await connection.execute(SQL["tally"], *zip(*rows, strict=True), MAX_SOURCES, MAX_CODES, NOBODY, OTHER_CODES)
