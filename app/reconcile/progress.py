"""How far reconciliation with a source has come, so that a run goes on where the last one ended, however it ended."""

from datetime import datetime, timedelta

import msgspec

from projections.database import Connection
from projections.sql import load

SQL = load(__package__)
# An upstream may commit a change some time after the moment it stamps it with: so much is asked for again.
OVERLAP = timedelta(minutes=5)


class Progress(msgspec.Struct):
    """`cursor`: the next page of a run that is not at its end. `since`: from when on changes are asked for.

    `seen_until` is the latest change seen in the run; `etag` is of a whole answer of one page, for this `since`.
    """

    url: str
    cursor: str | None = None
    since: datetime | None = None
    seen_until: datetime | None = None
    etag: str | None = None
    completed_at: datetime | None = None

    def see(self, updated_at: datetime, now: datetime) -> None:
        """Note a change; one that claims to be from the future must not hide those until then."""
        updated_at = min(updated_at, now)
        if self.seen_until is None or updated_at > self.seen_until:
            self.seen_until = updated_at

    def complete(self, etag: str | None, now: datetime) -> None:
        """The last page was taken: the next run asks for what changed since. `etag`: of the only page, if it was."""
        since = self.seen_until - OVERLAP if self.seen_until else self.since
        if since is not None and self.since is not None:
            since = max(since, self.since)
        # An ETag is of one URL, and `since` is part of it.
        self.etag = etag if since == self.since else None
        self.since, self.cursor, self.completed_at = since, None, now


async def lock(connection: Connection, source: str) -> bool:
    """Whether we are the only run of this source; true until the connection is given back."""
    return bool(await connection.fetchval(SQL["lock"], source))


async def recall(connection: Connection, source: str, url: str) -> Progress:
    row = await connection.fetchrow(SQL["progress"], source)
    return Progress(*row) if row is not None and row["url"] == url else Progress(url)


async def save(connection: Connection, source: str, progress: Progress) -> None:
    await connection.execute(SQL["save"], source, *msgspec.structs.astuple(progress))
