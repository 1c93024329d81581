"""The join every fold is made of: a register that keeps the value with the greatest stamp.

Taking the greater of two stamps is associative, commutative and idempotent, so any order, repetition
and batching of the same events ends in the same state (a state-based CRDT; Shapiro et al., 2011).
"""

from datetime import UTC, datetime
from typing import Generic, TypeVar

import msgspec

from projections.event import Event

T = TypeVar("T")
K = TypeVar("K")


class Stamp(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """What decides between two values of one attribute: authority first, then when it happened, then a fixed tie-break."""

    authority: int
    occurred_at: datetime
    source: str
    event_id: str


class Register(msgspec.Struct, Generic[T], frozen=True, array_like=True, gc=False):
    stamp: Stamp
    value: T


def stamp_of(event: Event) -> Stamp:
    return Stamp(event.authority, event.occurred_at, event.source, event.id)


def join(current: Register[T] | None, stamp: Stamp, value: T) -> Register[T]:
    """The register with the greater stamp."""
    return Register(stamp, value) if current is None or stamp > current.stamp else current


def join_at(registers: dict[K, Register[T]], key: K, stamp: Stamp, value: T) -> None:
    """Join into one entry of a map of registers."""
    registers[key] = join(registers.get(key), stamp, value)


# Both in UTC: two equal instants written with different offsets must not leave a trace of which came first.


def earlier(current: datetime | None, candidate: datetime) -> datetime:
    candidate = candidate.astimezone(UTC)
    return candidate if current is None or candidate < current else current


def later(current: datetime | None, candidate: datetime) -> datetime:
    candidate = candidate.astimezone(UTC)
    return candidate if current is None or candidate > current else current
