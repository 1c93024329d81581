"""How often an address may fail to prove who it is."""

from auth.limits.failures import ADDRESSES_MAX, Failures
from tests.signed_tokens import Clock


def failed(limit: str, *addresses: str) -> tuple[Failures, Clock]:
    clock = Clock()
    failures = Failures(limit, clock=clock)
    for address in addresses:
        failures.count(address)
    return failures, clock


def test_an_address_may_fail_so_often_and_no_more():
    failures, _ = failed("3/minute", "10.0.0.1", "10.0.0.1")
    assert failures.wait_seconds("10.0.0.1") == 0
    failures.count("10.0.0.1")
    assert 0 < failures.wait_seconds("10.0.0.1") <= 61
    assert failures.wait_seconds("10.0.0.2") == 0


def test_the_wait_ends():
    failures, clock = failed("1/minute", "10.0.0.1")
    clock.now += failures.wait_seconds("10.0.0.1")
    assert failures.wait_seconds("10.0.0.1") == 0
    failures.count("10.0.0.1")
    assert failures.wait_seconds("10.0.0.1")


def test_addresses_of_one_ipv6_network_are_one():
    failures, _ = failed("2/minute", "2001:db8::1", "2001:db8::ffff:2")
    assert failures.wait_seconds("2001:db8::3")
    assert not failures.wait_seconds("2001:db8:0:1::1")


def test_what_is_no_address_counts_as_what_it_is():
    failures, _ = failed("1/minute", ":nonsense", "")
    assert failures.wait_seconds(":nonsense")
    assert failures.wait_seconds("")


def test_what_is_remembered_is_bounded():
    failures, _ = failed("1/minute", *(f"host-{number}" for number in range(ADDRESSES_MAX + 1)))
    assert failures.wait_seconds("host-0") == 0
    assert failures.wait_seconds("host-1")
