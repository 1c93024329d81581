"""What real feeds do to a clean stream: repeat, delay, reorder and spoil messages."""

import heapq
from collections.abc import Iterator
from itertools import count
from random import Random

import msgspec

from app.simulator.emission import Emission, Fault
from app.simulator.flaws import flawed

# How many messages later a copy, a late and a disordered message come.
REPEATED_AFTER, LATE_BY, SWAPPED_BY = (1, 400), (500, 5_000), (2, 40)


class Disorder(msgspec.Struct, frozen=True, kw_only=True):
    """The share of messages each thing happens to, 0 to 1."""

    duplicates: float = 0.0
    late: float = 0.0
    disorder: float = 0.0
    malformed: float = 0.0


def disturbed(stream: Iterator[Emission], disorder: Disorder, seed: int) -> Iterator[Emission]:
    """The stream with its faults; nothing true is lost, a spoilt message comes beside the good one.

    Repeatable: the same stream, shares and seed give the same result. At most 5,000 messages are held back.
    """
    random = Random(f"{seed}:disorder")
    held: list[tuple[int, int, Emission]] = []
    ticket = count()
    for number, emission in enumerate(stream):
        while held and held[0][0] <= number:
            yield heapq.heappop(held)[2]
        for delay, sent in _fate(emission, disorder, random):
            if delay:
                heapq.heappush(held, (number + delay, next(ticket), sent))
            else:
                yield sent
    while held:
        yield heapq.heappop(held)[2]


def _fate(emission: Emission, disorder: Disorder, random: Random) -> Iterator[tuple[int, Emission]]:
    """What becomes of one message: each message that goes out for it, and how many others later."""
    if random.random() < disorder.malformed:
        name, body = flawed(emission.body, random)
        yield 0, msgspec.structs.replace(emission, body=body, fault=Fault.MALFORMED, flaw=name)
    if random.random() < disorder.duplicates:
        yield random.randint(*REPEATED_AFTER), msgspec.structs.replace(emission, fault=Fault.DUPLICATE)
    draw = random.random()
    if draw < disorder.late:
        yield random.randint(*LATE_BY), msgspec.structs.replace(emission, fault=Fault.LATE)
    elif draw < disorder.late + disorder.disorder:
        yield random.randint(*SWAPPED_BY), msgspec.structs.replace(emission, fault=Fault.DISORDERED)
    else:
        yield 0, emission
