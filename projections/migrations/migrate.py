"""Numbered SQL files, each applied once, in order, in its own transaction."""

import hashlib
from importlib.resources import files

import asyncpg

_LOCK = 7_236_001


class MigrationChangedError(Exception):
    """A migration that was already applied has other words now: applied files are never edited."""


def scripts() -> list[tuple[str, str]]:
    """Name and text of each migration, in order."""
    found = [entry for entry in files(__package__).iterdir() if entry.name.endswith(".sql")]
    return [(entry.name, entry.read_text(encoding="utf-8")) for entry in sorted(found, key=lambda entry: entry.name)]


async def migrate(dsn: str) -> list[str]:
    """Bring a database up to date and say which files that took. Safe twice, and from two hosts at once."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            "create table if not exists public.portal_migration"
            " (name text primary key, digest text not null, applied_at timestamptz not null default now())"
        )
        rows = await connection.fetch("select name, digest from public.portal_migration")
        applied: dict[str, str] = {row["name"]: row["digest"] for row in rows}
        return [name for name, text in scripts() if await _apply(connection, name, text, applied.get(name))]
    finally:
        await connection.close()


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", name: str, text: str, known: str | None) -> bool:
    digest = hashlib.sha256(text.encode()).hexdigest()
    if known == digest:
        return False
    if known is not None:
        raise MigrationChangedError(f"{name} was changed after it was applied; add a new migration instead")
    async with connection.transaction():
        await connection.execute(text)
        await connection.execute("insert into public.portal_migration (name, digest) values ($1, $2)", name, digest)
    return True
