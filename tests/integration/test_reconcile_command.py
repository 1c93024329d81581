"""`portal reconcile`, as an operator or a scheduler starts it, is stopped or dies."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli.reconcile import reconcile
from app.settings import Settings
from tests.commands import Ended, portal_process, stores
from tests.fixtures_upstream import SimulatedUpstream
from tests.integration.waiting import until
from tests.snapshots import invoice, shipment

FIVE = [invoice(f"INV-{number}", hours=50 + number) for number in range(1, 6)]


@pytest.fixture
def environment(settings: Settings, upstream: SimulatedUpstream, tmp_path: Path) -> dict[str, str]:
    """Settings with an ERP and a TMS declared, which are the simulated ones."""
    sources = tmp_path / "sources.toml"
    api = '{{ url = "{}/{}", kind = "{}", page_size = 2, backoff_seconds = 0.01, token_env = "UPSTREAM_TOKEN" }}'
    tables = [
        f'[{key}]\nname = "/{key}/main"\nformat = "events"\napi = {api.format(upstream.base_url, key, kind)}\n'
        for key, kind in (("erp", "invoices"), ("tms", "shipments"))
    ]
    sources.write_text("\n".join(tables))
    return stores(settings) | {"PORTAL_SOURCES_FILE": str(sources), "UPSTREAM_TOKEN": "s3cret"}


@asynccontextmanager
async def started(*arguments: str, **environment: str) -> AsyncIterator["subprocess.Popen[str]"]:
    """The command running beside the test, ended with it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    command = [sys.executable, "-m", "app.cli", "reconcile", *arguments]
    pipe, whole = subprocess.PIPE, inherited | environment
    with subprocess.Popen(command, env=whole, stdout=pipe, text=True) as process:  # noqa: ASYNC220 - starts at once
        try:
            yield process
        finally:
            process.kill()


def told(ended: Ended, key: str = "erp") -> dict[str, Any]:
    assert "Traceback" not in ended.stderr
    return dict(json.loads(ended.stdout)[key])


def in_process(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Exit code and words of options that end it before it begins."""
    ended = CliRunner().invoke(reconcile, arguments, env=environment)
    return ended.exit_code, ended.output


def asked(upstream: SimulatedUpstream, count: int) -> Callable[[], Any]:
    async def enough() -> bool:
        return len(await asyncio.to_thread(upstream.asked)) >= count

    return enough


def test_a_run_says_what_it_found_and_what_it_could_not_read(environment: dict[str, str], upstream: SimulatedUpstream):
    upstream.has("shipments", shipment(), {"number": 5})
    ended = portal_process("reconcile", "shipments", "--json", **environment)
    report = told(ended, "tms")
    assert (report["pulled"], report["unknown"], report["accepted"], report["quarantined"]) == (2, 1, 2, 1)
    assert (ended.returncode, report["error"]) == (1, None)


async def test_killed_in_the_middle_the_next_run_goes_on_from_the_last_page(
    environment: dict[str, str], upstream: SimulatedUpstream
):
    upstream.has("invoices", *FIVE)
    upstream.fails("slow", times=2, seconds=0)
    upstream.fails("slow", times=1, seconds=60)
    async with started("invoices", **environment) as process:
        await until(asked(upstream, 3))
        process.kill()
        process.wait()
    report = told(await asyncio.to_thread(portal_process, "reconcile", "invoices", "--json", **environment))
    assert (report["resumed"], report["pulled"], report["held"], report["duplicate"]) == (True, 1, 2, 0)


async def test_on_a_schedule_it_outlives_failures_and_ends_when_told_however_slow_the_upstream(
    environment: dict[str, str], upstream: SimulatedUpstream
):
    upstream.has("invoices", invoice())
    upstream.fails("not_json", times=1)
    async with started("invoices", "--every", "1s", "--json", **environment) as process:
        await until(asked(upstream, 2))
        assert process.stdout is not None
        lines = [json.loads(await asyncio.to_thread(process.stdout.readline))["erp"] for _ in range(2)]
        assert "page 1: not JSON" in lines[0]["error"]
        assert (lines[1]["error"], lines[1]["held"]) == (None, 2)
        upstream.fails("slow", seconds=60)
        await until(asked(upstream, len(upstream.asked()) + 1))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0


def test_an_upstream_that_fails_is_an_error_that_names_address_page_and_reason(
    environment: dict[str, str], upstream: SimulatedUpstream
):
    upstream.fails("not_json")
    ended = portal_process("reconcile", "invoices", **environment, COLUMNS="200")
    assert ended.returncode == 1
    address = f"{upstream.base_url}/erp/invoices?limit=2"
    assert f"erp: {address}: page 1: not JSON" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "s3cret" not in ended.stdout + ended.stderr
    assert "broken off" in ended.stdout


def test_a_database_that_is_away_is_an_error_and_no_traceback(environment: dict[str, str]):
    away = environment | {"PORTAL_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}
    ended = portal_process("reconcile", "invoices", **away)
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("orders",), "invoices"),
        (("invoices", "--source", "tms"), "there are erp"),
        (("invoices", "--full", "--since", "1d"), "--since"),
        (("invoices", "--every", "0s"), "--every"),
        (("invoices", "--every", "often"), "duration"),
    ],
)
def test_options_that_do_not_fit_are_a_usage_error(environment: dict[str, str], options: tuple[str, ...], words: str):
    code, said = in_process(environment, *options)
    assert code == 2
    assert words in said


def test_a_token_that_is_not_set_is_named(environment: dict[str, str]):
    del environment["UPSTREAM_TOKEN"]
    code, said = in_process(environment, "invoices")
    assert (code, "UPSTREAM_TOKEN is not set" in said) == (2, True)


def test_without_a_declared_api_there_is_nothing_to_ask(settings: Settings):
    code, said = in_process(stores(settings), "invoices")
    assert (code, "has an api of invoices" in said) == (2, True)
