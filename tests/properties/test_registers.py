"""A register is a join: the reason why order and repetition do not matter."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from projections.registers import Register, Stamp, earlier, join, later
from tests.properties.strategies import OFFSETS, START

INSTANTS = st.builds(
    lambda hour, zone: (START + timedelta(hours=hour)).astimezone(zone), st.integers(0, 2), st.sampled_from(OFFSETS)
)
STAMPS = st.builds(Stamp, st.integers(1, 3), INSTANTS, st.sampled_from(["/a/1", "/b/1"]), st.sampled_from(["e1", "e2"]))
# One stamp is one event's, and an event gives an attribute one value.
REGISTERS = st.builds(lambda stamp: Register(stamp, (stamp.source, stamp.event_id, stamp.authority)), STAMPS)


def joined(one, other):
    return join(one, other.stamp, other.value)


@given(REGISTERS, REGISTERS)
def test_join_is_commutative(one, other):
    assert joined(one, other) == joined(other, one)


@given(REGISTERS, REGISTERS, REGISTERS)
def test_join_is_associative(one, other, third):
    assert joined(joined(one, other), third) == joined(one, joined(other, third))


@given(REGISTERS)
def test_join_is_idempotent(one):
    assert joined(one, one) == one
    assert join(None, one.stamp, one.value) == one


@given(REGISTERS, REGISTERS)
def test_join_keeps_one_of_the_two_and_the_greater_stamp(one, other):
    assert joined(one, other) in (one, other)
    assert joined(one, other).stamp == max(one.stamp, other.stamp)


@given(INSTANTS, INSTANTS)
def test_the_earlier_and_the_later_of_two_instants_leave_no_trace_of_their_order(one, other):
    for bound in (earlier, later):
        assert bound(bound(None, one), other).isoformat() == bound(bound(None, other), one).isoformat()
