"""Reconciliation with a simulated ERP and TMS in another process, well and ill."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.reconcile.report import Report
from app.reconcile.run import BUSY, Extent, Reconciliation
from app.upstream.breaker import Breaker
from app.upstream.client import Upstream
from app.upstream.policy import Policy
from projections.database import Pool
from projections.intake.intake import Intake
from projections.intake.outcomes import Message
from projections.runner import Projector
from projections.sources.adapter import Source
from projections.sources.api import Api
from tests.fixtures_upstream import SimulatedUpstream
from tests.messages import at, invoice_posted, order_released, payment_changed, shipment_planned
from tests.snapshots import invoice, shipment

Superuser = Any
KINDS = {"invoices": ("/erp", "/erp/main"), "shipments": ("/tms", "/tms/main")}


class Reconciling:
    """A reconciliation of the simulated upstream, and the projector that folds what it emits."""

    def __init__(self, pool: Pool, projector: Projector, api: Api, client: Upstream, source: Source) -> None:
        self.api, self.client = api, client
        self._pool, self._projector, self._source = pool, projector, source

    async def run(self, *, fold: bool = True, **extent: Any) -> Report:
        """One run, and all of it folded."""
        intake = Intake(self._pool)
        one = Reconciliation(self._pool, intake, self.client, self.api.kind, self._source, self.api)
        report = await one.run(Extent(**extent))
        if fold:
            await self._projector.catch_up()
        return report

    async def know(self, *bodies: bytes) -> None:
        await Intake(self._pool).take([Message(body, "test") for body in bodies])
        await self._projector.catch_up()


Made = Callable[..., Awaitable[Reconciling]]


@pytest.fixture
async def made(
    projector_pool: Pool, projector: Callable[..., Projector], upstream: SimulatedUpstream
) -> AsyncIterator[Made]:
    """Makes reconciliations of a kind, patient as the options say."""
    async with AsyncExitStack() as stack:
        projecting = projector()

        async def make(
            kind: Any, url: str | None = None, *, tenant: str | None = None, failures: int = 5, **options: Any
        ) -> Reconciling:
            path, name = KINDS[kind]
            api = Api(url or upstream.base_url + path, kind, page_size=2)
            policy = Policy(**{"attempts": 3, "timeout_seconds": 5.0, "backoff_seconds": 0.01, **options})
            client = Upstream(api.url, policy=policy, breaker=Breaker(failures, cooldown_seconds=60), token="s3cret")
            await stack.enter_async_context(client)
            return Reconciling(projector_pool, projecting, api, client, Source(name, tenant))

        yield make


@pytest.fixture
async def erp(made: Made) -> Reconciling:
    """The ERP of SO-1, which was invoiced and paid as far as is known."""
    reconciling = await made("invoices")
    await reconciling.know(order_released(), invoice_posted(hours=10), payment_changed(hours=20))
    return reconciling


FIVE = [invoice(f"INV-{number}", hours=50 + number) for number in range(1, 6)]


def counts(report: Report) -> dict[str, int]:
    """What was counted, without zeroes."""
    named = {name: getattr(report, name) for name in report.__struct_fields__}
    return {name: count for name, count in named.items() if count and not isinstance(count, bool | str)}


async def progress(superuser: Any) -> Any:
    return await superuser.fetchrow("select * from log.reconciliation")


async def test_only_what_differs_comes_in_and_a_second_run_finds_nothing(erp: Reconciling, upstream: SimulatedUpstream):
    upstream.has("invoices", invoice(), invoice("INV-2", status="open"), invoice("INV-3", order="SO-2"))
    report = await erp.run()
    assert counts(report) == {
        "pages": 2, "pulled": 3, "same": 1, "different": 1, "unknown": 1, "emitted": 4, "accepted": 2, "held": 2
    }  # fmt: skip
    assert report.clean
    again = await erp.run(full=True)
    assert counts(again) == {
        "pages": 2, "pulled": 3, "same": 2, "unknown": 1, "emitted": 2, "duplicate": 2
    }  # fmt: skip
    assert upstream.asked()[0]["headers"]["authorization"] == "Bearer s3cret"
    # Once its order is released, what was held of it is known.
    await erp.know(order_released("SO-2"))
    assert counts(await erp.run(full=True)) == {"pages": 2, "pulled": 3, "same": 3}


async def test_killed_before_its_cursor_was_saved_a_page_pulled_again_is_known_by_its_ids(
    erp: Reconciling, upstream: SimulatedUpstream, superuser: Superuser
):
    upstream.has("invoices", *FIVE)
    first = await erp.run(fold=False)
    await superuser.execute("delete from log.reconciliation")
    again = await erp.run()
    assert (first.accepted, again.accepted, again.duplicate) == (8, 0, 8)


async def test_a_tms_makes_shipments_known_and_changes_what_it_owns(
    made: Made, upstream: SimulatedUpstream, superuser: Superuser
):
    tms = await made("shipments")
    await tms.know(order_released(), shipment_planned())
    moved = {"promised_at": at(120).isoformat(), "load": "L-1"}
    upstream.has("shipments", shipment(**moved), shipment("S-2"), shipment("S-3", state="delivered"))
    report = await tms.run()
    assert counts(report) == {
        "pages": 1, "pulled": 2, "different": 1, "unknown": 1, "emitted": 4, "accepted": 4
    }  # fmt: skip
    promised = "select promised_at from portal.shipment_view order by created_at"
    assert [row[0] for row in await superuser.fetch(promised)] == [at(120), at(96)]
    assert counts(await tms.run(full=True)) == {"pages": 1, "pulled": 2, "same": 2}


async def test_a_dry_run_changes_nothing(erp: Reconciling, upstream: SimulatedUpstream, superuser: Superuser):
    upstream.has("invoices", invoice(status="open"), {"number": 5})
    tables = "select (select count(*) from log.event), (select count(*) from log.quarantine)"
    before = tuple(await superuser.fetchrow(tables) or ())
    report = await erp.run(dry_run=True)
    assert counts(report) == {"pages": 1, "pulled": 2, "different": 1, "unreadable": 1, "emitted": 1}
    assert tuple(await superuser.fetchrow(tables) or ()) == before
    assert await progress(superuser) is None
    assert counts(await erp.run())["accepted"] == 1


async def test_a_bad_record_is_quarantined_with_its_bytes_and_the_others_are_taken(
    erp: Reconciling, upstream: SimulatedUpstream, superuser: Superuser
):
    upstream.has("invoices", invoice(status="lost"), invoice("INV-2"), "nonsense", invoice("INV-3", tenant=None))
    report = await erp.run()
    assert (report.unreadable, report.quarantined, report.accepted, report.clean) == (3, 3, 2, False)
    kept = await superuser.fetchrow("select * from log.quarantine where detail like '%$.status%'")
    assert kept is not None
    assert b'"status":"lost"' in kept["body"]
    assert (kept["reason"], kept["source"], kept["channel"]) == ("invalid", "/erp/main", "reconcile:invoices")


async def test_a_source_declared_for_one_customer_speaks_of_no_other(
    made: Made, upstream: SimulatedUpstream, superuser: Superuser
):
    erp = await made("invoices", tenant="nordwind")
    upstream.has("invoices", invoice(tenant=None), invoice("INV-2", tenant="suedwind"))
    report = await erp.run()
    assert (report.held, report.quarantined) == (2, 2)
    assert await superuser.fetchval("select distinct reason from log.quarantine") == "source_not_allowed"


async def test_the_next_run_asks_for_changes_only_and_an_unchanged_snapshot_costs_one_304(
    erp: Reconciling, upstream: SimulatedUpstream
):
    upstream.has("invoices", *FIVE)
    assert (await erp.run()).pages == 3
    second = await erp.run()
    assert (second.pages, second.same) == (1, 1)
    asked = len(upstream.asked())
    third = await erp.run()
    assert (third.unchanged, third.pulled, len(upstream.asked()) - asked) == (True, 0, 1)
    assert "updated_since=" in upstream.asked()[-1]["query"]
    upstream.has("invoices", *FIVE, invoice("INV-6", hours=70))
    assert (await erp.run()).accepted == 2


async def test_a_record_from_the_future_hides_no_change_until_then(
    erp: Reconciling, upstream: SimulatedUpstream, superuser: Superuser
):
    upstream.has("invoices", invoice("INV-2", updated_at="2098-01-01T00:00:00Z"))
    report = await erp.run()
    # Neither of its events can have happened yet.
    assert report.quarantined == 2
    assert (await progress(superuser))["since"] < datetime.now(UTC)


async def test_since_pulls_what_is_recent_and_leaves_the_other_runs_alone(
    erp: Reconciling, upstream: SimulatedUpstream, superuser: Superuser
):
    recent = invoice("INV-2", updated_at=datetime.now(UTC).isoformat())
    upstream.has("invoices", invoice(status="open"), recent)
    assert (await erp.run(since=timedelta(hours=1))).pulled == 1
    assert await progress(superuser) is None
    assert (await erp.run()).pulled == 2


async def test_only_one_run_of_a_source_at_a_time(erp: Reconciling, upstream: SimulatedUpstream, superuser: Superuser):
    await superuser.execute("select pg_advisory_lock(7236007, hashtext('invoices'))")
    assert (await erp.run()).error == BUSY
    assert upstream.asked() == []


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("error", {}),
        ("too_many", {"seconds": 0}),
        ("too_many_until", {"seconds": 0}),
        ("cut", {}),
        ("error", {"probability": 0.4}),
    ],
)
async def test_what_passes_is_waited_out(made: Made, upstream: SimulatedUpstream, kind: str, fault: Any):
    upstream.has("invoices", *FIVE)
    erp = await made("invoices", attempts=20, failures=20)
    upstream.fails(kind, **({} if "probability" in fault else {"times": 2}), **fault)
    report = await erp.run()
    assert report.error is None
    # Their order is not known: all of it waits.
    assert (report.pulled, report.held) == (5, 10)


@pytest.mark.parametrize("kind", ["too_many", "too_many_until"])
async def test_an_upstream_that_says_when_to_come_back_is_left_alone_until_then(
    erp: Reconciling, upstream: SimulatedUpstream, kind: str
):
    upstream.has("invoices", invoice())
    # A date has whole seconds: of two, one at least is left when it is written.
    upstream.fails(kind, times=1, seconds=1 if kind == "too_many" else 2)
    started = time.monotonic()
    assert (await erp.run()).error is None
    assert time.monotonic() - started >= 0.5


async def test_a_wait_that_is_too_long_ends_the_run_and_says_so(erp: Reconciling, upstream: SimulatedUpstream):
    upstream.fails("too_many", seconds=3_600)
    error = (await erp.run()).error
    assert error is not None
    assert "status 429, and asks to wait 3600 s (attempt 1)" in error


async def test_an_upstream_that_is_too_slow_is_away(made: Made, upstream: SimulatedUpstream):
    upstream.fails("slow", seconds=5)
    erp = await made("invoices", attempts=2, timeout_seconds=0.2)
    error = (await erp.run()).error
    assert error is not None
    assert "no answer within 0.2 s (attempt 2)" in error


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("not_json", "page 2: not JSON"),
        ("wrong_json", "page 2: no page"),
        ("truncated", "page 2: not JSON"),
        ("redirect", "status 302 to /elsewhere, not followed"),
        ("loop", "page 3: its next_cursor was given before"),
        ("cut", "without sending complete message body"),
        ("error", "status 500 (attempt 3)"),
    ],
)
async def test_garbage_ends_the_run_with_a_clear_word_and_the_next_run_goes_on(
    erp: Reconciling, upstream: SimulatedUpstream, superuser: Superuser, kind: str, words: str
):
    upstream.has("invoices", *FIVE)
    # The first page is good.
    upstream.fails("slow", times=1, seconds=0)
    upstream.fails(kind)
    report = await erp.run()
    assert report.error is not None
    assert report.error.startswith(f"{upstream.base_url}/erp/invoices?limit=2&cursor=")
    assert words in report.error
    before = report.accepted
    upstream.http.post("/control/reset")
    upstream.has("invoices", *FIVE)
    rest = await erp.run()
    assert rest.error is None
    # The endless loop is begun anew, any other is continued: nothing is taken twice, and nothing is left out.
    assert rest.resumed is (kind != "loop")
    assert before + rest.accepted == 8
    assert await superuser.fetchval("select count(*) from log.quarantine") == 0


async def test_a_cursor_that_expired_is_no_reason_to_fail(erp: Reconciling, upstream: SimulatedUpstream):
    upstream.has("invoices", *FIVE)
    upstream.fails("slow", times=1, seconds=0)
    upstream.fails("not_json", times=1)
    assert (await erp.run()).pages == 1
    upstream.fails("gone", times=1)
    report = await erp.run()
    assert (report.error, report.resumed, report.pages) == (None, False, 3)


async def test_a_breaker_that_opened_leaves_the_upstream_in_peace(made: Made, upstream: SimulatedUpstream):
    upstream.fails("error")
    erp = await made("invoices", attempts=2, failures=3)
    assert "status 500 (attempt 2)" in str((await erp.run()).error)
    assert "it has failed too often" in str((await erp.run()).error)
    asked = len(upstream.asked())
    assert asked == 3
    assert "it has failed too often" in str((await erp.run()).error)
    assert len(upstream.asked()) == asked


async def test_nobody_listening_is_an_error_that_names_the_address(made: Made):
    erp = await made("invoices", "http://127.0.0.1:1/erp")
    assert str((await erp.run()).error).startswith("http://127.0.0.1:1/erp/invoices?limit=2: ")


async def test_an_answer_without_end_is_not_swallowed(made: Made, upstream: SimulatedUpstream):
    upstream.has("invoices", *FIVE)
    erp = await made("invoices", most_bytes=100)
    assert "longer than 100 bytes" in str((await erp.run()).error)


async def test_another_address_begins_anew(made: Made, erp: Reconciling, upstream: SimulatedUpstream):
    upstream.has("invoices", *FIVE)
    assert (await erp.run()).pulled == 5
    elsewhere = await made("invoices", upstream.base_url.replace("127.0.0.1", "localhost") + "/erp")
    assert (await elsewhere.run()).pulled == 5
