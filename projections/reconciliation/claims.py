"""What a record claims, one thing at a time, each beside what we know of that thing."""

from datetime import datetime
from typing import TypeVar

import msgspec

from projections.events import EventData
from projections.registers import Register, Stamp

T = TypeVar("T")


class Claim(msgspec.Struct, frozen=True):
    """One thing a record says, as the event that would say it to us.

    `known` is the stamp of what we know of it, None when we know nothing; `same` when both say the same.
    """

    data: EventData
    at: datetime
    same: bool
    known: Stamp | None = None


def stamp(register: Register[T] | None) -> Stamp | None:
    return register.stamp if register else None
