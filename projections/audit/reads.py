"""Who read which document: noted in memory as it is read, written down about every second.

A read must not wait for the database, so the reads of up to a second are lost when a process is killed; a process
that stops in order loses none. While Postgres is away they are kept up to a bound, and what is past it is counted:
the log then says how many are missing. What was written and not confirmed is written again.
"""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

import structlog

from projections import audit
from projections.audit import Actor, AuditEntry
from projections.database import DATABASE_UNAVAILABLE, Pool
from projections.pausing import pause

FLUSH_SECONDS = 1.0
# Readers with a document each; some 20 MB.
MAX_NOTED = 100_000
DOCUMENTS_A_ROW = 500

log = structlog.get_logger()


class Shown(Protocol):
    """A document, or a line about one."""

    @property
    def tenant(self) -> str: ...

    @property
    def id(self) -> str: ...


class ReadJournal:
    """Notes reads, a row for each reader and tenant about every second."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._noted: dict[tuple[str, str, str], dict[str, int]] = {}
        self._room = MAX_NOTED
        self._since = datetime.now(UTC)
        self._lost = 0
        self._unwritten: list[AuditEntry] = []

    def note(self, subject: str, client_id: str, tenant: str, document_id: str) -> None:
        """This reader was shown this document of this tenant. Costs some two dict look-ups."""
        reader = (subject, client_id, tenant)
        documents = self._noted.get(reader)
        if documents is None:
            documents = self._noted[reader] = {}
        count = documents.get(document_id)
        if count is not None:
            documents[document_id] = count + 1
        elif self._room:
            self._room -= 1
            documents[document_id] = 1
        else:
            self._lost += 1

    def note_all(self, subject: str, client_id: str, shown: Iterable[Shown]) -> None:
        """The same for each line of a list."""
        tenant: str | None = None
        documents: dict[str, int] = {}
        for one in shown:
            if one.tenant != tenant:
                tenant = one.tenant
                documents = self._noted.get((subject, client_id, tenant), {})
            count = documents.get(one.id)
            if count is None:
                self.note(subject, client_id, one.tenant, one.id)
            else:
                documents[one.id] = count + 1

    async def run(self, stop: asyncio.Event) -> None:
        """Write down about every second, and once more when told to stop."""
        while not stop.is_set():
            await pause(stop, FLUSH_SECONDS)
            await self.flush()
        # What was noted while the last were being written.
        await self.flush()
        if self._unwritten:
            log.error("audit.reads_lost", rows=len(self._unwritten))

    async def flush(self) -> None:
        """Write down what was noted. Postgres away: what could not be written stays first in line."""
        if not self._unwritten:
            self._unwritten = list(self._entries())
        if not self._unwritten:
            return
        try:
            async with self._pool.acquire(timeout=FLUSH_SECONDS) as connection, connection.transaction():
                await audit.record(connection, self._unwritten)
        except DATABASE_UNAVAILABLE as error:
            log.warning("audit.reads_not_written", rows=len(self._unwritten), error=repr(error))
        else:
            self._unwritten = []

    def _entries(self) -> Iterator[AuditEntry]:
        """What was noted since the last time, as rows; and begin anew."""
        noted, self._noted, self._room = self._noted, {}, MAX_NOTED
        lost, self._lost = self._lost, 0
        since, self._since = self._since, datetime.now(UTC)
        for (subject, client_id, tenant), documents in noted.items():
            counted = iter(documents.items())
            while part := dict(islice(counted, DOCUMENTS_A_ROW)):
                detail = {"documents": part, "since": since}
                yield AuditEntry(Actor(subject, client_id), "read", "documents", detail, tenant)
        if lost:
            log.warning("audit.reads_lost", reads=lost)
            detail = {"reads": lost, "since": since, "until": self._since}
            yield AuditEntry(Actor("portal", "portal"), "reads.lost", "documents", detail)
