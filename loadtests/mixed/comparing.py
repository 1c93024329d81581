"""What a database shows, quarantines and still holds after a run, and where it differs from what it should."""

from collections import Counter

import asyncpg
import msgspec

from tests.refold import Views, stored

Row = tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """Views by tenant and id; the identifiers they can be looked up by; what was refused, how often; what waits."""

    views: Views
    references: set[Row]
    quarantined: Counter[bytes]
    unexplained: int
    held: int
    events: int


async def found(database_url: str) -> Found:
    connection = await asyncpg.connect(database_url)
    try:
        references = await connection.fetch("select tenant, subject_id, type, value, carrier from portal.reference")
        refused = await connection.fetch("select body, seen_count, reason, detail from log.quarantine")
        return Found(
            await stored(connection),
            {tuple(row) for row in references},
            Counter({row["body"]: row["seen_count"] for row in refused}),
            sum(not (row["reason"] and row["detail"]) for row in refused),
            await connection.fetchval("select count(*) from log.held"),
            await connection.fetchval("select count(*) from log.event_key"),
        )
    finally:
        await connection.close()


def differences(clean: Found, disturbed: Found, expected: Counter[bytes]) -> dict[str, int]:
    """How many of what must be equal is not, by what it is; all of them 0 when the run has passed."""
    keys = clean.views.keys() | disturbed.views.keys()
    return {
        "views that differ": sum(clean.views.get(key) != disturbed.views.get(key) for key in keys),
        "references that differ": len(clean.references ^ disturbed.references),
        "events that differ": abs(clean.events - disturbed.events),
        "malformed not quarantined": (expected - disturbed.quarantined).total(),
        "quarantined without being malformed": (disturbed.quarantined - expected).total(),
        "quarantined without a reason": disturbed.unexplained,
        "quarantined in the clean run": clean.quarantined.total(),
        "held at the end": clean.held + disturbed.held,
    }
