"""How patient we are with an upstream: the breaker and the waits, by a clock of their own."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.upstream.breaker import Breaker
from app.upstream.policy import Policy, retry_after

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, cooldown_seconds=10, clock=clock)


def opened(breaker: Breaker) -> Breaker:
    for _ in range(3):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_a_breaker_opens_after_so_many_failures_in_a_row(breaker: Breaker):
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    assert not opened(breaker).allows()
    assert breaker.wait_seconds == 10


def test_after_the_cool_down_one_try_is_allowed_and_its_success_closes_it(breaker: Breaker, clock: Clock):
    opened(breaker)
    clock.now = 10
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_a_failed_try_opens_it_again_at_once(breaker: Breaker, clock: Clock):
    opened(breaker)
    clock.now = 10
    assert breaker.allows()
    breaker.failed()
    clock.now = 19
    assert not breaker.allows()
    clock.now = 20
    assert breaker.allows()


def test_a_try_that_was_given_up_blocks_no_other_for_good(breaker: Breaker, clock: Clock):
    opened(breaker)
    clock.now = 10
    assert breaker.allows()
    clock.now = 20
    assert breaker.allows()


def test_waits_grow_and_are_bounded():
    policy = Policy(backoff_seconds=1, most_wait_seconds=4)
    for attempt, most in ((1, 1), (2, 2), (3, 4), (9, 4)):
        waits = [policy.backoff(attempt) for _ in range(200)]
        assert 0 <= min(waits) <= max(waits) <= most
        assert max(waits) > most / 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None):
    assert retry_after(value, NOW) == seconds
