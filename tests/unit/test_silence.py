"""When a source's silence is news: by how long it is quiet and how often its role, or its declaration, has it speak."""

import math
import time
from datetime import UTC, datetime

import msgspec
import pytest

from app.reads.freshness import FreshnessClock, Heard
from app.reads.thresholds import Threshold, Thresholds
from projections.ownership import Role
from projections.silence import EXPECTED_EVERY_SECONDS, SILENT_AFTER, expected_every_seconds, state_of

THRESHOLDS = Thresholds(Threshold(5, 60))
HOUR, DAY = 3_600.0, 86_400.0


def test_every_role_has_its_line_in_the_table():
    assert EXPECTED_EVERY_SECONDS.keys() == set(Role)


def test_a_declaration_counts_before_the_role():
    assert expected_every_seconds("/carrier/abfs", {}) == DAY
    assert expected_every_seconds("/carrier/abfs", {"/carrier/abfs": 60.0}) == 60.0
    assert expected_every_seconds("/carrier/abfs", {"/carrier/other": 60.0}) == DAY
    assert expected_every_seconds("/nobody/x", {}) is None


@pytest.mark.parametrize(
    ("quiet", "expected", "state"),
    [
        (-5.0, HOUR, "live"),
        (0.0, HOUR, "live"),
        (HOUR, HOUR, "live"),
        (HOUR + 1, HOUR, "late"),
        (SILENT_AFTER * HOUR, HOUR, "late"),
        (SILENT_AFTER * HOUR + 1, HOUR, "silent"),
        (1_000 * DAY, None, "live"),
        (math.inf, None, "silent"),
        (math.inf, HOUR, "silent"),
    ],
)
def test_a_source_is_late_when_a_word_is_overdue_and_silent_when_several_are(quiet, expected, state):
    assert state_of(quiet, expected) == state


def test_over_a_weekend_no_source_falls_silent():
    assert state_of(62 * HOUR, expected_every_seconds("/erp/main", {})) == "late"


def told(**quiet_seconds: float):
    """The freshness of a document that is complete up to now, by how long each of its sources has been quiet."""
    clock, now = FreshnessClock(THRESHOLDS, {"/erp/main": 60.0}), time.time()
    clock.move(3, now)
    named = {f"/{name.replace('_', '/')}": value for name, value in quiet_seconds.items()}
    at = {name: datetime.fromtimestamp(now - quiet, UTC) for name, quiet in named.items()}
    clock.learn_sources({name: Heard(time_, time_) for name, time_ in at.items()})
    return msgspec.to_builtins(clock.of(3, " ".join([*named, "/crm/desk"]).encode(), "memory"))


def test_a_document_with_a_silent_source_is_not_live_and_says_which():
    freshness = told(erp_main=200, tms_main=200)
    assert freshness["state"] == "delayed"
    assert {one["source"]: one["state"] for one in freshness["sources"]} == {
        "/erp/main": "silent",
        "/tms/main": "live",
        "/crm/desk": None,
    }


def test_a_document_whose_sources_are_late_at_most_is_live():
    assert told(erp_main=100, tms_main=2 * DAY)["state"] == "live"


def test_silence_makes_nothing_fresher_that_lags():
    clock = FreshnessClock(THRESHOLDS)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    clock.learn_sources({"/erp/main": Heard(long_ago, long_ago)})
    clock.move(3, time.time() - 100)
    assert clock.of(3, b"/erp/main", "memory").state == "stale"
