"""The two runs: the clean one, and the same with repetitions, late and early messages and broken ones among them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random

import msgspec

from app.simulator.simulation import ORDERS_A_STORY, SHIPMENTS_A_STORY, Knobs, Simulation
from loadtests.mixed.known import Ledger
from loadtests.mixed.messages import Sent
from loadtests.mixed.natives import RENAMED, as_sent
from loadtests.mixed.spoiling import spoilt
from projections.envelope import decode
from projections.event import Event
from projections.events import EventRetracted, SourceHeartbeat
from projections.sources.adapter import CanonicalEvent
from projections.sources.registry import FORMATS

DUPLICATES, LATE, MALFORMED, EARLY = 0.10, 0.10, 0.05, 0.05
# Far enough back that nothing of it lies in the future, and always the same.
START = datetime(2025, 1, 6, tzinfo=UTC)
MESSAGES_A_SHIPMENT = 21.7
DAYS = 90
_ANOTHER_DOOR = {"stream": "http", "import": "http", "http": "import"}


class Clean(msgspec.Struct, frozen=True):
    """A message of the clean run; `parent` is the place of the one that makes known what it is about."""

    sent: Sent
    parent: int | None = None


class Run(msgspec.Struct, frozen=True):
    """What is sent in which order, what of it must end in quarantine, and how many of each kind there are."""

    sent: list[Sent]
    quarantined: Counter[bytes]
    counts: Counter[str]


def clean(messages: int, seed: int, tenants: int = 8) -> list[Clean]:
    """About so many messages of whole stories, as their sources write them, in order of time."""
    shipments = max(1, round(messages / MESSAGES_A_SHIPMENT))
    rate = shipments / SHIPMENTS_A_STORY * ORDERS_A_STORY / DAYS
    knobs = Knobs(start=START, seed=seed, tenants=tenants, orders_per_day=rate, shipments=shipments)
    events = list(_events(knobs))
    # A retraction names the id it takes back, so what is taken back comes under the id it was given.
    taken_back = {event.data.retracts for event in events if isinstance(event.data, EventRetracted)}
    ledger = Ledger()
    found = []
    for place, event in enumerate(events):
        thing = ledger.note(event, place)
        sent = as_sent(event, thing, place) if thing is not None and event.id not in taken_back else None
        parent = thing.first if thing is not None and thing.first < place else None
        found.append(Clean(sent or Sent(event.body), parent))
    return found


def _events(knobs: Knobs) -> Iterator[Event]:
    """The simulated events, without heartbeats: of those there are as many as of everything else."""
    now = datetime.now(UTC)
    for emission in Simulation(knobs).history():
        body = emission.body
        for name, other in RENAMED:
            body = body.replace(name, other)
        event = decode(body, now)
        if not isinstance(event, Event):
            raise TypeError(f"the simulator said what nobody takes: {event}")
        if not isinstance(event.data, SourceHeartbeat):
            yield event


def undisturbed(messages: Sequence[Clean]) -> Run:
    counts = Counter(one.sent.format or "events" for one in messages)
    return Run([one.sent for one in messages], Counter(), counts)


def disturbed(messages: Sequence[Clean], seed: int) -> Run:
    """The same with each fault done to its share of the messages, chosen and placed by the seed alone."""
    random = Random(f"{seed}:mixed")
    counts: Counter[str] = Counter()
    quarantined: Counter[bytes] = Counter()
    placed: list[tuple[float, Sent]] = []
    for place, one in enumerate(messages):
        at = _place(one, place, len(messages), random, counts)
        placed.append((at, one.sent))
        if random.random() < DUPLICATES:
            placed.append((at + random.uniform(-5, 400), _again(one.sent, random, counts)))
        if random.random() < MALFORMED:
            broken = spoilt(one.sent, random)
            quarantined.update(broken.kept)
            counts["malformed"] += 1
            counts[broken.flaw] += 1
            placed.append((place + random.uniform(-400, 400), broken.sent))
    placed.sort(key=lambda pair: pair[0])
    return Run([sent for _, sent in placed], quarantined, counts)


def _place(one: Clean, place: int, total: int, random: Random, counts: Counter[str]) -> float:
    """When it is sent: in its turn, before its parent, or long after what came after it."""
    draw = random.random()
    if draw < LATE:
        counts["late"] += 1
        return place + random.uniform(0.05, 0.2) * total
    # Not everything has a parent: of those that have, more are taken, so that they are a twentieth of all.
    if one.parent is not None and draw < LATE + EARLY * 1.15:
        counts["early"] += 1
        return one.parent - random.uniform(0.01, 0.04) * total
    return float(place)


def _again(sent: Sent, random: Random, counts: Counter[str]) -> Sent:
    """The same message a second time: as it came, through another door, or as the CloudEvent made of it."""
    counts["duplicates"] += 1
    draw = random.random()
    if draw < 0.5:
        return sent
    counts["by another way"] += 1
    if sent.format is None:
        return msgspec.structs.replace(sent, format="events", door="http")
    made = [one for one in FORMATS[sent.format]([sent.body], sent.source) if isinstance(one, CanonicalEvent)]
    if draw < 0.75 and len(made) == 1:
        return Sent(made[0].body)
    return msgspec.structs.replace(sent, door=_ANOTHER_DOOR[sent.door])
