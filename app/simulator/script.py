"""The pad a story is written on: who says what and when, in any order; read back by time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from app.simulator.network import Network
from app.simulator.numbers import Numbers, Run
from app.simulator.places import City
from projections.events import EventData

OPENS, CLOSES, SATURDAY = 7, 17, 5


class Moment(msgspec.Struct, frozen=True):
    """One event to be: when it happens, who says it and what."""

    at: datetime
    id: str
    source: str
    data: EventData
    tenant: str | None = None


class Script:
    """A story under the pen. All chance comes from `random`, so the same run and number write the same story."""

    def __init__(self, world: Network, run: Run, number: int, start: datetime, round_the_clock: bool = False) -> None:
        self.world = world
        self.start = start
        self.random = Random(f"{run.code}:{run.digits}:{number}")
        self.numbers = Numbers(run, number)
        self.orders = 0
        self.shipments = 0
        self._round_the_clock = round_the_clock
        self._prefix = f"{run.code}-{number}-"
        self._moments: list[Moment] = []

    def say(self, at: datetime, source: str, data: EventData, tenant: str | None = None) -> str:
        """Write down an event; its id comes back, for a retraction."""
        event_id = f"{self._prefix}{len(self._moments)}"
        self._moments.append(Moment(at, event_id, source, data, tenant))
        return event_id

    def after(self, at: datetime, low_hours: float, high_hours: float) -> datetime:
        """Some whole seconds later, between the two."""
        return at + timedelta(seconds=int((low_hours + (high_hours - low_hours) * self.random.random()) * 3600))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def working(self, at: datetime, city: City) -> datetime:
        """The same time if people there work then, else the morning after. Round the clock: always the same time."""
        if self._round_the_clock:
            return at
        local = at.astimezone(city.zone)
        if local.weekday() < SATURDAY and OPENS <= local.hour < CLOSES:
            return at
        opening = local.replace(hour=OPENS, minute=0, second=0) + timedelta(minutes=self.random.randrange(150))
        opening += timedelta(days=local.hour >= CLOSES)
        opening += timedelta(days=max(0, SATURDAY + 2 - opening.weekday()) if opening.weekday() >= SATURDAY else 0)
        return opening.astimezone(UTC)

    def told(self) -> Iterator[Moment]:
        """All moments by time; each is let go of once told, so a long story does not weigh until its end."""
        moments = self._moments
        self._moments = []
        moments.sort(key=lambda moment: moment.at)
        moments.reverse()
        while moments:
            yield moments.pop()
