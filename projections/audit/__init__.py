"""Who did what: an append-only record, written in the transaction of what it records.

Each row's digest is over the row before it (`migrations/0010_audit.sql`), so a change anywhere shows.
"""

from collections.abc import Iterable, Mapping

import msgspec

from projections.database import Connection
from projections.sql import load

SQL = load(__package__)


class Actor(msgspec.Struct, frozen=True):
    """Who acts, and through which client."""

    subject: str
    client_id: str


class AuditEntry(msgspec.Struct, frozen=True):
    """One deed: `action` such as `quarantine.discard`, `target` such as `quarantine/12`. `tenant`: whose, if anyone's."""

    actor: Actor
    action: str
    target: str
    detail: Mapping[str, object] = {}
    tenant: str | None = None


async def record(connection: Connection, entries: Iterable[AuditEntry]) -> None:
    """Add entries within the caller's transaction: a deed that is undone leaves none.

    Last in it, because whoever else has something to write down waits until it ends.
    """
    rows = [
        (
            *(_storable(one.actor.subject), _storable(one.actor.client_id), one.tenant, one.action, one.target),
            msgspec.json.encode(one.detail).decode(),
        )
        for one in entries
    ]
    if rows:
        await connection.execute(SQL["record"], *zip(*rows, strict=True))


def _storable(name: str) -> str:
    """A name from another's token, which may hold what Postgres has no letter for."""
    return name.replace("\0", "\N{REPLACEMENT CHARACTER}")
