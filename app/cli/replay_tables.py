"""Quarantine, held events and replays as tables for people. What came from outside is shown harmless."""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
import rich_click as click
from msgspec import UNSET
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.rest.ops.replays import ReplayAnswer
from projections.quarantine.entries import QuarantineEntry
from projections.quarantine.held import HeldEvent

MAX_SHOWN_BYTES = 4_096
MAX_VALUE = 80


def shown(value: object) -> Text:
    """Any words, without what a terminal would obey."""
    words = "" if value is None else value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)
    return Text("".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in words))


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*map(shown, row))
    Console().print(table)


def print_entries(entries: Sequence[QuarantineEntry]) -> None:
    columns = ("Id", "State", "Reason", "Source", "Event type", "Seen", "Last seen", "Detail")
    print_rows(
        columns,
        [
            (one.id, one.state, one.reason, one.source, one.event_type, one.seen_count, one.last_seen_at, one.detail)
            for one in entries
        ],
    )


def print_held(events: Sequence[HeldEvent]) -> None:
    now = datetime.now(UTC)
    columns = ("Key", "Waits for", "Source", "Event type", "Tenant", "For")
    print_rows(
        columns,
        [
            (
                *(one.key, f"{one.waits_for.type} {one.waits_for.value} ({one.waits_for.scope})", one.source),
                *(one.event_type, one.tenant, str(now - one.held_at).partition(".")[0]),
            )
            for one in events
        ],
    )


def print_one(one: msgspec.Struct, content: bytes) -> None:
    """All fields of an entry or a held event, and the beginning of its bytes."""
    fields = [(name, getattr(one, name)) for name in one.__struct_fields__]
    print_rows(("Field", "Value"), [row for row in fields if row[1] not in (None, ())])
    Console().print(shown(content[:MAX_SHOWN_BYTES].decode("utf-8", "replace")), soft_wrap=True)
    if len(content) > MAX_SHOWN_BYTES:
        Console().print(f"… {len(content) - MAX_SHOWN_BYTES:,} bytes more; --raw gives all of them")


def write_raw(content: bytes) -> None:
    """Bytes to a file or a pipe; a terminal would obey them."""
    if sys.stdout.isatty():
        raise click.UsageError("--raw is for a file or a pipe: bytes from outside may be hostile to a terminal.")
    sys.stdout.buffer.write(content)


def print_replay(answer: ReplayAnswer) -> None:
    print_rows(
        ("Id", "Would be" if answer.dry_run else "Became", "Reason", "At", "Detail"),
        [(one.id, one.status, one.reason, one.pointer, one.detail) for one in answer.entries],
    )
    if answer.released:
        print_rows(
            ("Released", "Event type", "Source", "Event", "Refused for"),
            [(one.key, one.event_type, one.source, one.event_id, one.reason) for one in answer.released],
        )
    if answer.changes:
        print_rows(("Tenant", "View", "Where", "Now", "Then"), _changes(answer))
    elif answer.dry_run:
        Console().print("No view would change.")
    if answer.next_after is not None:
        Console().print(f"There is more after entry {answer.next_after}; this is as much as is tried at a time.")


def _changes(answer: ReplayAnswer) -> Iterable[tuple[object, ...]]:
    for change in answer.changes:
        for one in change.differences:
            where = one.pointer or "(all of it)"
            yield change.tenant, f"{change.kind} {change.id}", where, _value(one.before), _value(one.after)


def _value(value: object) -> str:
    if value is UNSET:
        return "-"
    words = msgspec.json.encode(value).decode()
    return words if len(words) <= MAX_VALUE else f"{words[: MAX_VALUE - 1]}…"
