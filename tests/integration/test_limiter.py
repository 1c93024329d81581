"""Limits shared through a real Redis, and what becomes of them when it is away, hung or back."""

import asyncio
import itertools
import time

import pytest
from slowapi.errors import RateLimitExceeded

from auth.limits import limiter as limiters
from auth.limits.limiter import SharedLimiter, client_and_tenant
from auth.principal import Principal
from projections.redis import open_redis
from tests.signed_tokens import Clock

NAMES = itertools.count()


def somebody(client: str | None = None, tenant: str | None = "nordwind") -> Principal:
    return Principal("x", client or f"client-{next(NAMES)}", tenant, (tenant,) if tenant else (), frozenset(), 0)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Redis may take as long as it needs on a machine that has other things to do; only where it hangs this decides."""
    monkeypatch.setattr(limiters, "DEADLINE_SECONDS", 30.0)


@pytest.fixture
async def limiter_of(servers):
    """Makes limiters as several workers have them: each with a client of its own."""
    opened = []

    def made(limit: str, *, url: str = servers.redis_url, clock=None) -> SharedLimiter:
        redis = open_redis(url, timeout_seconds=limiters.DEADLINE_SECONDS)
        opened.append((SharedLimiter(limit, redis, clock=clock or Clock()), redis))
        return opened[-1][0]

    yield made
    for limiter, redis in opened:
        await limiter.close()
        await redis.aclose()


async def spent(limiter: SharedLimiter, principal: Principal, cost: int = 1, most: int = 1_000_000) -> int:
    """How often this can be paid, up to a number of times."""
    for number in range(most):
        try:
            await limiter.hit(principal, cost)
        except RateLimitExceeded:
            return number
    return most


async def test_a_limit_is_reached_exactly(limiter_of):
    limiter, principal = limiter_of("100/minute"), somebody()
    assert await spent(limiter, principal) == 100
    assert await spent(limiter, somebody()) == 100


@pytest.mark.timeout(60)
async def test_who_asks_in_the_moment_an_answer_comes_is_answered_too(limiter_of):
    limiter, principal = limiter_of("1000/minute"), somebody()
    await limiter.hit(principal, 1)
    lease = limiter.lease_of(principal)
    borrowing = limiter._borrow(lease, client_and_tenant(principal), 1)
    # On each turn of the loop, so also between the end of the question and what follows from it.
    while not borrowing.done():  # noqa: ASYNC110 - the very turn of the loop is the point
        await asyncio.sleep(0)
    lease.left = 0
    assert (await limiter.hit(principal, 1)) is lease


@pytest.mark.usefixtures("redis")
async def test_workers_share_a_limit(limiter_of):
    workers, principal = [limiter_of("1000/minute") for _ in range(4)], somebody()
    assert sum(await asyncio.gather(*(spent(worker, principal) for worker in workers))) == 1000


async def test_requests_at_the_same_moment_share_it_too(limiter_of):
    workers, principal = [limiter_of("300/minute") for _ in range(2)], somebody()
    answers = await asyncio.gather(*(workers[n % 2].hit(principal, 1) for n in range(1_000)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, RateLimitExceeded)]
    assert (len(answers) - len(refused), len(refused)) == (300, 700)


async def test_what_costs_more_is_had_less_often_and_what_is_left_buys_something_cheaper(limiter_of):
    limiter, principal = limiter_of("100/minute"), somebody()
    assert await spent(limiter, principal, cost=30) == 3
    assert await spent(limiter, principal) == 10


async def test_what_costs_more_than_the_limit_costs_all_of_it(limiter_of):
    limiter, principal = limiter_of("3/minute"), somebody()
    assert await spent(limiter, principal, cost=5) == 1


async def test_a_new_window_is_a_new_limit(limiter_of):
    clock = Clock()
    limiter, principal = limiter_of("10/minute", clock=clock), somebody()
    assert await spent(limiter, principal) == 10
    clock.now = limiter.lease_of(principal).ends_at - 0.001
    assert await spent(limiter, principal) == 0
    clock.now += 0.001
    assert await spent(limiter, principal) == 10


async def test_the_same_client_has_a_limit_for_each_tenant(limiter_of):
    limiter = limiter_of("10/minute")
    for tenant in ("nordwind", "suedwind", None):
        assert await spent(limiter, somebody("shared-app", tenant)) == 10


def test_no_client_can_be_named_like_another():
    assert client_and_tenant(somebody("a/b", "c")) != client_and_tenant(somebody("a", "b/c"))


async def test_what_was_borrowed_is_spent_without_asking(limiter_of):
    clock = Clock()
    limiter, principal = limiter_of("6400/minute", clock=clock), somebody()
    assert limiter.take(principal, 1, clock.now) is None
    await limiter.hit(principal, 1)
    for _ in range(199):
        assert limiter.take(principal, 1, clock.now)


async def test_more_is_borrowed_before_it_is_needed(limiter_of):
    clock = Clock()
    limiter, principal = limiter_of("6400/minute", clock=clock), somebody()
    await limiter.hit(principal, 1)
    for _ in range(2_000):
        assert limiter.take(principal, 1, clock.now), "a request would have had to wait"
        await asyncio.gather(*limiter._borrowing.values())


async def test_with_redis_away_each_worker_counts_for_itself(limiter_of):
    workers = [limiter_of("50/minute", url="redis://127.0.0.1:1/0") for _ in range(2)]
    principal = somebody()
    assert [await spent(worker, principal) for worker in workers] == [50, 50]


async def test_a_hung_redis_keeps_one_request_waiting_and_no_more(limiter_of, monkeypatch):
    monkeypatch.setattr(limiters, "DEADLINE_SECONDS", 0.1)

    async def never(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    limiter = limiter_of("1000/minute", url=f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    began = time.monotonic()
    assert await spent(limiter, somebody()) == 1000
    # Were each to wait for the deadline, it would be a hundred seconds.
    assert time.monotonic() - began < 30
    await limiter.close()
    server.close()


async def test_once_redis_is_back_the_limit_is_shared_again(limiter_of):
    clock = Clock()
    limiter, other = limiter_of("100/minute", url="redis://127.0.0.1:1/0", clock=clock), limiter_of("100/minute")
    principal = somebody()
    await limiter.hit(principal, 1)
    reachable = limiter_of("100/minute")
    limiter._shared = reachable._shared
    limiter._breaker._clock = lambda: time.monotonic() + 2
    other._clock = clock
    clock.now += 60
    assert await spent(limiter, principal, most=60) + await spent(other, principal) == 100


async def test_leases_of_windows_that_ended_are_let_go(limiter_of):
    clock = Clock()
    limiter = limiter_of("10/minute", clock=clock, url="redis://127.0.0.1:1/0")
    limiter._sweep_at = 50
    for _ in range(50):
        await limiter.hit(somebody(), 1)
    clock.now += 120
    await limiter.hit(somebody(), 1)
    assert len(limiter._leases) == 1
