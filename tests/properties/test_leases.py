"""Whatever workers borrow and spend, in whatever order, a window's limit is never exceeded and always reached."""

from hypothesis import given
from hypothesis import strategies as st

from auth.limits.lease import Lease

AMOUNT, SECONDS = 100, 60


class Shared:
    """A counter a window, as Redis keeps it."""

    def __init__(self):
        self.counted = {}

    def borrow(self, lease: Lease, cost: int, now: float) -> None:
        window = lease.window(now)
        asked = lease.ask(cost)
        self.counted[window] = self.counted.get(window, 0) + asked
        lease.grant(window, asked, self.counted[window])


def spend(shared: Shared, lease: Lease, cost: int, now: float) -> bool:
    """As `SharedLimiter.hit` does."""
    while not lease.take(cost, now):
        lease.window(now)
        if not lease.shared:
            return False
        shared.borrow(lease, cost, now)
    return True


STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 20), st.floats(0, 30)), max_size=300)


@given(STEPS, st.integers(0, SECONDS - 1), st.sampled_from([1, 7, 100, 10_000]))
def test_a_limit_is_never_exceeded(steps, phase, amount):
    shared, leases = Shared(), [Lease(amount, SECONDS, phase) for _ in range(4)]
    now, spent = 1_800_000_000.0, {}
    for worker, cost, passed in steps:
        now += passed / 10
        lease = leases[worker]
        if spend(shared, lease, cost, now):
            window = lease.window(now)
            spent[window] = spent.get(window, 0) + cost
    assert all(total <= amount for total in spent.values())


@given(st.integers(1, 4), st.integers(0, SECONDS - 1), st.sampled_from([1, 31, 32, 33, 100, 6_000]))
def test_workers_that_are_all_busy_spend_all_of_it(workers, phase, amount):
    shared, leases = Shared(), [Lease(amount, SECONDS, phase) for _ in range(workers)]
    now, granted = 1_800_000_000.0, 0
    busy = set(range(workers))
    while busy:
        for worker in sorted(busy):
            if spend(shared, leases[worker], 1, now):
                granted += 1
            else:
                busy.remove(worker)
    assert granted == amount


@given(st.integers(1, 5_000))
def test_a_worker_that_falls_silent_holds_back_little(taken):
    shared, silent, busy = Shared(), Lease(6_000, SECONDS, 0), Lease(6_000, SECONDS, 0)
    for _ in range(taken):
        assert spend(shared, silent, 1, 0.0)
    granted = 0
    while spend(shared, busy, 1, 0.0):
        granted += 1
    assert 6_000 - taken - granted <= 6_000 / 32 + 1


@given(st.floats(0, 2e9), st.integers(0, SECONDS - 1))
def test_all_workers_agree_on_the_window_and_it_is_not_over(now, phase):
    one, other = Lease(AMOUNT, SECONDS, phase), Lease(AMOUNT, SECONDS, phase)
    assert one.window(now) == other.window(now)
    assert now < one.ends_at <= now + SECONDS


def test_what_was_borrowed_for_a_window_is_worth_nothing_in_the_next():
    shared, lease = Shared(), Lease(AMOUNT, SECONDS, 0)
    assert spend(shared, lease, 1, 0.0)
    assert lease.left
    assert not lease.take(1, float(SECONDS))
    lease.window(float(SECONDS))
    assert (lease.left, lease.shared) == (0, AMOUNT)


def test_a_grant_that_comes_after_its_window_is_void():
    lease = Lease(AMOUNT, SECONDS, 0)
    window = lease.window(0.0)
    lease.window(float(SECONDS))
    lease.grant(window, 10, 10)
    assert lease.left == 0


def test_a_limit_is_asked_for_some_hundred_times_however_large_it_is():
    shared, lease, asked = Shared(), Lease(1_000_000, SECONDS, 0), 0
    while True:
        while lease.take(1, 0.0):
            pass
        lease.window(0.0)
        if not lease.shared:
            break
        shared.borrow(lease, 1, 0.0)
        asked += 1
    assert asked < 500
