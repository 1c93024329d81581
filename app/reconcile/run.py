"""One run of one source: pull page after page, take in what differs, remember how far it came.

    ask for a page -> compare its records with the states they are about -> take the differences in -> save the cursor

A page's events are committed before its cursor is saved. Killed in between, the next run pulls the page again, and
what it emits is known by its ids.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import structlog

from app.reconcile import progress as progress_store
from app.reconcile.progress import Progress
from app.reconcile.report import Report
from app.upstream.client import NOT_MODIFIED, Answer, Upstream
from app.upstream.errors import UpstreamError, UpstreamGarbledError, UpstreamRefusedError
from projections.database import Connection, Pool
from projections.intake.intake import Intake
from projections.reconciliation.comparing import Compared, Read, State, compare, read
from projections.reconciliation.kinds import KINDS
from projections.reconciliation.page import Page, PageGarbledError, page_of
from projections.references import SubjectKind
from projections.sources.adapter import Rejected, Source
from projections.sources.api import Api
from projections.sources.taking import BATCH, Account, Door, message_of
from projections.store import load_orders, load_shipments

MOST_PAGES = 10_000
CHANNEL = "reconcile"
BUSY = "another run of this source is under way"

log = structlog.get_logger()


class Extent(msgspec.Struct, frozen=True):
    """What to pull. By default what changed since the last run, or the rest of a run that was broken off.

    `full`: all of it, from the beginning. `since`: what changed within so long, beside and without effect on the other
    runs. `dry_run`: emit nothing and remember nothing.
    """

    full: bool = False
    since: timedelta | None = None
    dry_run: bool = False


class Reconciliation:
    """Reconciles one declared source. Keep it between runs: its upstream's breaker remembers."""

    def __init__(self, pool: Pool, intake: Intake, upstream: Upstream, key: str, source: Source, api: Api) -> None:
        self._pool = pool
        self._intake = intake
        self._upstream = upstream
        self._key = key
        self._source = source
        self._api = api
        self._kind = KINDS[api.kind]

    async def run(self, extent: Extent) -> Report:
        """Run to the end, or to what stops it: an upstream's failure is in the report, a store's is raised."""
        report = Report()
        async with self._pool.acquire() as connection:
            if not await progress_store.lock(connection, self._key):
                report.error = BUSY
                return report
            run = _Run(self, connection, extent, report)
            try:
                await run.pull(await self._start(connection, extent))
            except UpstreamError as error:
                report.error = str(error)
        return report

    async def _start(self, connection: Connection, extent: Extent) -> Progress:
        if extent.since is not None:
            return Progress(self._api.url, since=datetime.now(UTC) - extent.since)
        known = await progress_store.recall(connection, self._key, self._api.url)
        return Progress(self._api.url, completed_at=known.completed_at) if extent.full else known

    async def ask(self, at: Progress) -> Answer:
        """Ask for the page that progress is at. Only a whole answer can be said to be unchanged, not one page of many."""
        asked = {**self._kind.parameters, "limit": str(self._api.page_size)}
        if at.since is not None:
            asked["updated_since"] = at.since.isoformat()
        if at.cursor is None:
            return await self._upstream.get(self._kind.path, asked, etag=at.etag)
        return await self._upstream.get(self._kind.path, {**asked, "cursor": at.cursor})

    async def compare(self, connection: Connection, page: Page) -> tuple[list[Read], list[Compared]]:
        """The records of a page that could be read, and what comparing came to for each of its records."""
        records = [read(bytes(raw), self._kind, self._source) for raw in page.items]
        readable = [record for record in records if not isinstance(record, Rejected)]
        states = await self._states(connection, sorted({record.subject_id for record in readable}))
        return readable, [compare(record, self._kind, self._source, states) for record in records]

    async def _states(self, connection: Connection, ids: Sequence[str]) -> dict[str, State]:
        if self._kind.subject is SubjectKind.ORDER:
            return {key: known.state for key, known in (await load_orders(connection, ids)).items()}
        return {key: known.state for key, known in (await load_shipments(connection, ids)).items()}

    async def take(self, compared: Sequence[Compared]) -> Account:
        """Take in what differs and what could not be read."""
        # A source declared for one customer speaks of no other.
        tenants = (self._source.tenant,) if self._source.tenant else ()
        door = Door(f"{CHANNEL}:{self._api.kind}", tenants=tenants)
        messages = [message_of(taken, self._source.name, door) for one in compared for taken in one.takings]
        account = Account()
        for start in range(0, len(messages), BATCH):
            account.add(await self._intake.take(messages[start : start + BATCH]), ignored=0)
        return account

    async def save(self, connection: Connection, progress: Progress) -> None:
        await progress_store.save(connection, self._key, progress)


class _Run:
    """One run on its way through the pages."""

    def __init__(self, of: Reconciliation, connection: Connection, extent: Extent, report: Report) -> None:
        self._of = of
        self._connection = connection
        self._report = report
        self._dry = extent.dry_run
        self._remembers = not extent.dry_run and extent.since is None
        self._cursors: set[str] = set()

    async def pull(self, at: Progress) -> None:
        """Pull the pages from there on. Raises UpstreamError."""
        self._report.resumed = at.cursor is not None
        self._cursors = {at.cursor} if at.cursor else set()
        for number in range(1, MOST_PAGES + 1):
            answer = await self._ask(at)
            if answer.status == NOT_MODIFIED:
                self._report.unchanged = True
                await self._complete(at, answer)
                return
            page = _page_of(answer, number)
            await self._take(page, at)
            if page.next_cursor is None:
                await self._complete(at, answer)
                return
            if page.next_cursor in self._cursors:
                # Where it leads there is no end: the next run begins anew.
                at.cursor = None
                await self._save(at)
                raise UpstreamGarbledError(answer.url, f"page {number}: its next_cursor was given before; no end to it")
            self._cursors.add(page.next_cursor)
            at.cursor = page.next_cursor
            await self._save(at)
        raise UpstreamGarbledError(answer.url, f"more than {MOST_PAGES:,} pages; the next run goes on from here")

    async def _ask(self, at: Progress) -> Answer:
        try:
            return await self._of.ask(at)
        except UpstreamRefusedError as error:
            if at.cursor is None or not self._report.resumed or self._report.pages:
                raise
            # A cursor may expire while nobody runs.
            log.warning("reconcile.cursor_refused", status=error.status)
            self._report.resumed, at.cursor = False, None
            self._cursors.clear()
            return await self._of.ask(at)

    async def _take(self, page: Page, at: Progress) -> None:
        readable, compared = await self._of.compare(self._connection, page)
        account = Account() if self._dry else await self._of.take(compared)
        self._report.add(compared, account)
        now = datetime.now(UTC)
        for record in readable:
            at.see(record.updated_at, now)

    async def _complete(self, at: Progress, answer: Answer) -> None:
        whole = not self._report.resumed and self._report.pages <= 1
        etag = at.etag if self._report.unchanged else answer.etag
        at.complete(etag if whole else None, datetime.now(UTC))
        await self._save(at)

    async def _save(self, at: Progress) -> None:
        if self._remembers:
            await self._of.save(self._connection, at)


def _page_of(answer: Answer, number: int) -> Page:
    try:
        return page_of(answer.body)
    except PageGarbledError as error:
        raise UpstreamGarbledError(answer.url, f"page {number}: {error}") from None
