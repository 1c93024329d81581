"""`portal replay`: what an operator sees and does at a terminal."""

import json
from pathlib import Path

import pytest

from app.settings import Settings
from projections.intake.intake import Intake
from projections.quarantine.entries import content
from tests.commands import portal, stores
from tests.integration.test_intake import take
from tests.integration.test_replay import poisoned
from tests.messages import milestone, order_released, shipment_planned


def said(settings: Settings, *arguments: str, code: int = 0):
    ended = portal("replay", *arguments, **stores(settings), COLUMNS="300")
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return json.loads(ended.stdout) if "--json" in arguments else ended.stdout


async def test_an_operator_finds_mends_tries_and_takes_what_was_refused(
    settings: Settings, intake: Intake, tmp_path: Path
):
    plan = shipment_planned()
    await take(intake, order_released(), poisoned(plan), milestone())
    [one] = said(settings, "list", "--json", "--reason", "invalid", "--source", "/tms/")
    assert (one["id"], one["event_type"]) == (1, "shipment.planned.v1")
    assert "unknown field `colour`" in said(settings, "list")
    assert '"colour"' in said(settings, "show", "1")
    assert said(settings, "show", "1", "--raw").encode() == poisoned(plan)
    assert said(settings, "show", "1", "--json") == one
    file = tmp_path / "mended.json"
    # As an editor leaves it.
    file.write_bytes(plan + b"\n")
    tried = said(settings, "run", "1", "--body", str(file), "--dry-run")
    assert "accepted" in tried
    assert "shipment.milestone.v1" in tried
    assert "in_transit" in tried
    trial = said(settings, "run", "1", "--body", str(file), "--dry-run", "--json")
    real = said(settings, "run", "1", "--body", str(file), "--json")
    assert real == trial | {"dry_run": False, "changes": []}
    assert said(settings, "list", "--json") == []
    assert said(settings, "list", "--json", "--state", "replayed")[0]["settled_by"]
    assert said(settings, "show", "1", "--raw", "--replacement").encode() == plan + b"\n"


async def test_all_that_is_chosen_is_taken_however_many_there_are(settings: Settings, projector_pool):
    small = Intake(projector_pool, max_event_bytes=100)
    await take(small, *(order_released(f"SO-{number}") for number in range(600)))
    came = said(settings, "run", "--reason", "oversized", "--json")
    assert [one["id"] for one in came["entries"]] == list(range(1, 601))
    assert {one["status"] for one in came["entries"]} == {"accepted"}
    assert came["next_after"] is None


async def test_a_trial_of_many_says_that_there_is_more(settings: Settings, projector_pool):
    await take(Intake(projector_pool, max_event_bytes=1), *(b"{%d" % number for number in range(501)))
    came = said(settings, "run", "--all", "--dry-run", "--json", code=1)
    assert (len(came["entries"]), came["next_after"]) == (500, 500)
    assert "more after entry 500" in said(settings, "run", "--all", "--dry-run", code=1)


async def test_what_is_refused_again_is_told_from_what_is_taken_by_the_exit_code(settings: Settings, intake: Intake):
    await take(intake, b"{")
    assert "malformed" in said(settings, "run", "1", code=1)


async def test_discarding_takes_a_reason_and_happens_once(settings: Settings, intake: Intake, projector_pool):
    await take(intake, b"{")
    said(settings, "discard", "1", code=2)
    assert said(settings, "discard", "1", "--reason", "noise") == "1 is discarded\n"
    said(settings, "discard", "1", "--reason", "noise", code=1)
    assert (await content(projector_pool, 1)).original == b"{"


async def test_what_waits_is_listed_shown_and_given_up(settings: Settings, intake: Intake):
    body = milestone()
    await take(intake, body)
    [one] = said(settings, "held", "list", "--json", "--reference", "PRO-S-1")
    assert "pro PRO-S-1 (carrier:ABFS)" in said(settings, "held", "list")
    assert said(settings, "held", "list", "--too-long", "--json") == []
    assert said(settings, "held", "show", one["key"], "--raw").encode() == body
    assert said(settings, "held", "show", one["key"], "--json") == one
    assert "PRO-S-1" in said(settings, "held", "show", one["key"])
    assert "given up" in said(settings, "held", "discard", one["key"], "--reason", "test")
    said(settings, "held", "show", one["key"], code=1)


async def test_words_of_a_message_cannot_drive_the_terminal(settings: Settings, intake: Intake):
    await take(intake, b'{"source": "\\u001b[2J/x", "id": "\\u009b31m", "odd": "\x1b]0;owned\x07"}')
    for arguments in (("list",), ("show", "1")):
        assert "\x1b" not in said(settings, *arguments)
        assert "\x9b" not in said(settings, *arguments)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run",), 2),
        (("run", "1", "--all"), 2),
        (("run", "1", "2", "--body", __file__), 2),
        (("run", "--reason", "odd"), 2),
        (("run", "--since", "yesterday"), 2),
        (("run", "0"), 2),
        (("run", "7"), 1),
        (("show", "7"), 1),
        (("held", "show", "odd"), 1),
    ],
)
def test_what_cannot_be_done_ends_with_its_code(settings: Settings, arguments: tuple[str, ...], code: int):
    said(settings, *arguments, code=code)


def test_a_database_that_is_away_is_an_error_and_no_traceback(settings: Settings):
    away = stores(settings) | {"PORTAL_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}
    ended = portal("replay", "list", **away)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
