"""Databases cloned from one another: each round writes to a fresh one of the same kind."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from projections.migrations.migrate import migrate

_NUMBERS = itertools.count()


class Databases:
    """Databases of one Postgres, by name, given as URLs of its superuser."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, name: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    async def make(self, name: str, template: str | None = None) -> str:
        """A new database: empty and migrated, or as its template is."""
        await self._execute(f"create database {name}" + (f" template {template}" if template else ""))
        if template is None:
            await migrate(self.url(name))
        return self.url(name)

    @asynccontextmanager
    async def fresh(self, template: str) -> AsyncIterator[str]:
        """A clone for one round, with nothing left to be written out when the round starts."""
        name = f"round_{next(_NUMBERS)}"
        url = await self.make(name, template)
        await self._execute("checkpoint")
        try:
            yield url
        finally:
            await self._execute(f"drop database {name} with (force)")

    async def analyze(self, name: str) -> None:
        connection = await asyncpg.connect(self.url(name))
        try:
            await connection.execute("vacuum analyze")
        finally:
            await connection.close()

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
