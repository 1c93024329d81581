"""The simulated network over time: a repeatable past, and a present that goes on from it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from app.simulator.background import customers, heartbeats
from app.simulator.emission import Emission, emission
from app.simulator.network import network
from app.simulator.numbers import run_of
from app.simulator.samples import Sample, Samples
from app.simulator.script import Moment, Script
from app.simulator.stories import tell
from app.simulator.timeline import Timeline, hastened

# Measured over many seeds: what one story has of each.
ORDERS_A_STORY = 1.58
SHIPMENTS_A_STORY = 1.66
# Every story has ended by then: ocean freight, then payment terms, then the latest of payers.
LONGEST_STORY = timedelta(days=200)
HEARTBEAT_HISTORY, HEARTBEAT_LIVE = timedelta(hours=6), timedelta(seconds=15)
_END_OF_TIME = datetime(2099, 1, 1, tzinfo=UTC)


class Knobs(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated. The same knobs give the same bytes.

    `start` is when the first order is released, `orders_per_day` how many are on average (days of the simulated
    calendar). `orders` and `shipments` bound how many are begun; the last story is told whole, so a few more come.
    """

    start: datetime
    seed: int = 1
    tenants: int = 6
    orders_per_day: float = 60.0
    orders: int | None = None
    shipments: int | None = None


class Simulation:
    """One run: first its `history`, then, once, `live`, which goes on where the history stopped."""

    def __init__(self, knobs: Knobs) -> None:
        self.knobs = knobs
        self.orders = 0
        self.shipments = 0
        self.world = network(knobs.seed, knobs.tenants)
        self._run = run_of(knobs.seed, knobs.tenants, knobs.start)
        self._arrivals = Random(f"{self._run.code}:arrivals")
        self._stories = 0
        self._timeline = Timeline()
        self._timeline.enter(customers(self.world, self._run, knobs.start))
        self._next_birth = knobs.start
        self._samples = Samples()

    def history(self, end: datetime | None = None) -> Iterator[Emission]:
        """All events up to `end` in order of time; without `end`, until the last story has ended."""
        beats = Timeline()
        beats.enter(heartbeats(self.world, self._run, self.knobs.start, HEARTBEAT_HISTORY, "h"))
        for moment in self._told(end or _END_OF_TIME, pace=1.0, speed=1.0):
            yield from map(emission, beats.until(moment.at))
            yield emission(moment)

    def live(self, now: datetime, speed: float) -> Iterator[Emission]:
        """Events from `now` on, without end unless bounded, each due at its `at`: its time on the wall clock.

        What takes h hours happens in h / speed hours. Stories under way go on; new ones are told round the clock.
        """
        self._timeline = self._timeline.accelerated(now, speed)
        self._timeline.enter(heartbeats(self.world, self._run, now, HEARTBEAT_LIVE, f"l{self._stories}-"))
        self._next_birth = now
        return map(emission, self._told(_END_OF_TIME, pace=speed, speed=speed))

    def samples(self, known_by: datetime) -> dict[str, Sample]:
        """For each tenant one shipment whose numbers were published by then, preferably one still on its way."""
        return self._samples.by_tenant(known_by)

    def _told(self, end: datetime, pace: float, speed: float) -> Iterator[Moment]:
        """Moments up to `end`: stories begin at their time and join the timeline."""
        while self._more() and self._next_birth <= end:
            yield from self._timeline.until(self._next_birth)
            self._begin(self._next_birth, speed)
            self._next_birth += self._pause(pace)
        yield from self._timeline.until(end)

    def _more(self) -> bool:
        knobs = self.knobs
        return (knobs.orders is None or self.orders < knobs.orders) and (
            knobs.shipments is None or self.shipments < knobs.shipments
        )

    def _begin(self, at: datetime, speed: float) -> None:
        script = Script(self.world, self._run, self._stories, at, round_the_clock=speed != 1.0)
        self._stories += 1
        known = tell(script)
        self.orders += script.orders
        self.shipments += script.shipments
        told = script.told()
        if speed == 1.0:
            self._samples.offer(known)
            self._timeline.enter(told)
        else:
            self._timeline.enter(hastened(told, at, speed))

    def _pause(self, pace: float) -> timedelta:
        """Until the next story: orders come at random (a Poisson process)."""
        stories_a_day = self.knobs.orders_per_day * pace / ORDERS_A_STORY
        return timedelta(seconds=round(self._arrivals.expovariate(stories_a_day / 86_400), 3 if pace > 1 else 0))


def events(seed: int, tenants: int, shipments: int, start: datetime, days: float = 60.0) -> Iterator[bytes]:
    """A clean stream of whole stories: about 20 events for each of so many shipments begun over so many days.

    In order of time. The last event lies within `days` and 200 more of `start`.
    """
    rate = shipments / SHIPMENTS_A_STORY * ORDERS_A_STORY / days
    knobs = Knobs(start=start, seed=seed, tenants=tenants, orders_per_day=rate, shipments=shipments)
    return (one.body for one in Simulation(knobs).history())


def sample_references(knobs: Knobs, known_by: datetime) -> dict[str, Sample]:
    """The samples of a run's history without publishing it: the same as the run itself gives."""
    simulation = Simulation(knobs)
    for _ in simulation.history(known_by):
        pass
    return simulation.samples(known_by)
