"""Many stories as one stream in order of time, in memory bounded by the stories under way."""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from app.simulator.script import Moment


class Timeline:
    """A heap of story lines. Each is in order of time itself, so only its next moment is looked at."""

    def __init__(self) -> None:
        self._lines: list[tuple[datetime, int, Moment, Iterator[Moment]]] = []
        self._entered = 0

    def enter(self, line: Iterator[Moment]) -> None:
        """Take in a story line; its first moment may lie anywhere in time."""
        self._entered += 1
        first = next(line, None)
        if first is not None:
            # The number of entry settles ties, the same way in every run.
            heapq.heappush(self._lines, (first.at, self._entered, first, line))

    def until(self, end: datetime) -> Iterator[Moment]:
        """All moments up to and including `end`, taken out; what comes later stays."""
        lines = self._lines
        while lines and lines[0][0] <= end:
            _, number, moment, rest = lines[0]
            yield moment
            following = next(rest, None)
            if following is None:
                heapq.heappop(lines)
            else:
                heapq.heapreplace(lines, (following.at, number, following, rest))

    def accelerated(self, pivot: datetime, speed: float) -> "Timeline":
        """The same lines with the time after `pivot` running faster by `speed`; this one is spent."""
        faster = Timeline()
        for _, _, moment, rest in sorted(self._lines, key=lambda line: line[:2]):
            faster.enter(hastened(_with_first(moment, rest), pivot, speed))
        self._lines = []
        return faster

    def __len__(self) -> int:
        return len(self._lines)


def _with_first(first: Moment, rest: Iterator[Moment]) -> Iterator[Moment]:
    yield first
    yield from rest


def hastened(line: Iterator[Moment], pivot: datetime, speed: float) -> Iterator[Moment]:
    """A line whose time after `pivot` passes `speed` times as fast.

    Only when things happen is changed. Dates people plan with (ETAs, promises) stay: a story told in minutes
    still promises a delivery in days.
    """
    for moment in line:
        if moment.at <= pivot:
            yield moment
        else:
            passed = timedelta(microseconds=(moment.at - pivot) // timedelta(microseconds=1) / speed)
            yield msgspec.structs.replace(moment, at=pivot + passed)
