"""`portal import`: every message of a file accounted for, and nothing taken twice."""

import json
from pathlib import Path

import asyncpg
import pytest

from app.settings import Settings
from tests.commands import portal, stores
from tests.native_messages import PAIRS

GIVEN = ("--name", "/carrier/rdfx", "--carrier", "RDFX")
# A mapping names its carrier itself.
BLUECREST = ("--name", "/carrier/blcr")


def imported(settings: Settings, *arguments: str) -> tuple[int, dict[str, dict[str, object]]]:
    ended = portal("import", "--json", *arguments, **stores(settings))
    assert "Traceback" not in ended.stderr
    return ended.returncode, json.loads(ended.stdout)


@pytest.mark.parametrize("name", PAIRS)
def test_a_broken_message_never_sinks_its_file_and_a_second_import_changes_nothing(
    settings: Settings, tmp_path: Path, name: str
):
    file = tmp_path / "in"
    file.write_bytes(PAIRS[name].body)
    given = BLUECREST if name == "carrier_json:bluecrest" else GIVEN
    code, accounts = imported(settings, "--format", name, *given, str(file))
    first = accounts[str(file)]
    assert code == 1
    # Nobody has made the shipment known yet: it is held, which is stored for good.
    assert (first["messages"], first["held"], first["quarantined"]) == (2, 1, 1)
    assert first["reasons"] == {PAIRS[name].reason: 1}
    _, accounts = imported(settings, "--format", name, *given, str(file))
    again = accounts[str(file)]
    assert (again["messages"], again["duplicate"], again["quarantined"]) == (2, 1, 1)


@pytest.mark.parametrize("name", ["csv", "dcsa"])
async def test_a_broken_message_is_quarantined_under_the_source_it_came_from(
    settings: Settings, tmp_path: Path, superuser: "asyncpg.Connection[asyncpg.Record]", name: str
):
    file = tmp_path / "in"
    file.write_bytes(PAIRS[name].body)
    imported(settings, "--format", name, *GIVEN, str(file))
    assert await superuser.fetchval("select source from log.quarantine") == "/carrier/rdfx"


async def test_what_is_quarantined_is_kept_with_its_bytes_and_the_place(
    settings: Settings, tmp_path: Path, superuser: "asyncpg.Connection[asyncpg.Record]"
):
    file = tmp_path / "status.edi"
    file.write_bytes(PAIRS["x12"].body)
    imported(settings, "--format", "x12", *GIVEN, str(file))
    kept = await superuser.fetchrow("select * from log.quarantine")
    assert kept is not None
    assert b"AT7*AF*NS***20260230*1015*UT" in kept["body"]
    assert (kept["reason"], kept["source"], kept["channel"]) == ("time_impossible", "/carrier/rdfx", "import:x12")
    assert "AT7 at segment 4" in kept["detail"]


def test_a_declared_source_needs_no_other_option_and_globs_are_read(settings: Settings, tmp_path: Path):
    sources = tmp_path / "sources.toml"
    sources.write_text('[rdfx]\nname = "/carrier/rdfx"\nformat = "csv"\ncarrier = "RDFX"\n')
    for number in (1, 2):
        row = f"2026-03-02T10:15:00Z,AL-{number},picked_up"
        (tmp_path / f"{number}.csv").write_text(f"time,tracking_number,code\n{row}\n")
    environment = stores(settings) | {"PORTAL_SOURCES_FILE": str(sources)}
    ended = portal("import", "--source", "rdfx", "--json", str(tmp_path / "*.csv"), **environment)
    assert ended.returncode == 0, ended.stderr
    assert [account["held"] for account in json.loads(ended.stdout).values()] == [1, 1]
    wrong = portal("import", "--source", "nobody", "x", **environment)
    assert (wrong.returncode, "there are rdfx" in wrong.stderr) == (2, True)


def test_a_file_that_cannot_be_read_is_said_and_stops_no_other(settings: Settings, tmp_path: Path):
    good = tmp_path / "good.csv"
    good.write_text("time,tracking_number,code\n2026-03-02T10:15:00Z,AL-1,picked_up\n")
    code, accounts = imported(settings, "--format", "csv", *GIVEN, str(tmp_path / "missing.csv"), str(good))
    assert code == 1
    assert [account and account["held"] for account in accounts.values()] == [None, 1]


def test_the_account_is_a_table_for_people(settings: Settings, tmp_path: Path):
    file = tmp_path / "in"
    file.write_bytes(PAIRS["csv"].body)
    ended = portal("import", "--format", "csv", *GIVEN, str(file), **stores(settings), COLUMNS="200")
    assert "Quarantined" in ended.stdout
    assert "1 time_impossible" in ended.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--source"),
        (("--format", "x12"), "--name"),
        (("--format", "x11", "--name", "/carrier/x"), "x12"),
        (("--format", "x12", "--name", "/nobody/x"), "role"),
        (("--source", "x", "--zone", "UTC"), "--zone"),
        (("--source", "x"), "PORTAL_SOURCES_FILE"),
    ],
)
def test_options_that_do_not_fit_are_a_usage_error(settings: Settings, options: tuple[str, ...], words: str):
    ended = portal("import", *options, "file", **stores(settings))
    assert ended.returncode == 2
    assert words in ended.stderr


def test_a_database_that_is_away_is_an_error_and_no_traceback(settings: Settings, tmp_path: Path):
    file = tmp_path / "in"
    file.write_bytes(PAIRS["csv"].body)
    away = stores(settings) | {"PORTAL_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}
    ended = portal("import", "--format", "csv", *GIVEN, str(file), **away)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr


def test_a_wrong_file_of_sources_stops_the_start_and_names_the_source(settings: Settings, tmp_path: Path):
    sources = tmp_path / "sources.toml"
    sources.write_text('[rdfx]\nname = "/carrier/rdfx"\nformat = "x11"\n')
    ended = portal("import", "--source", "rdfx", "x", **stores(settings) | {"PORTAL_SOURCES_FILE": str(sources)})
    assert ended.returncode == 2
    assert "PORTAL_SOURCES_FILE: rdfx: no format is called x11" in ended.stderr
