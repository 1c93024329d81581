"""What goes wrong on the way: which troubles strike where, how long they hold, how they end."""

from datetime import datetime, timedelta
from random import Random

import msgspec

from app.simulator.carriers import Mode
from app.simulator.routes import Step
from app.simulator.script import Script
from projections.values import Place

TROUBLED, CLEARS, NOTED = 0.2, 0.9, 0.7

_LAND: frozenset[Mode] = frozenset({"road", "parcel", "rail"})
_ALL: frozenset[Mode] = frozenset({"road", "parcel", "rail", "ocean", "air"})
_ABROAD: frozenset[Mode] = frozenset({"ocean", "air"})
_TRUNK = frozenset(
    {"arrived_at_terminal", "departed_terminal", "vessel_arrived", "vessel_departed", "out_for_delivery"}
)
_DOOR = frozenset({"delivered"})


class Trouble(msgspec.Struct, frozen=True):
    """An exception that can strike: how often against the others, to which modes, before which steps, for how long."""

    code: str
    weight: int
    modes: frozenset[Mode]
    before: frozenset[str]
    hours: tuple[float, float]
    notes: tuple[str, ...] = ()
    attempted: bool = False


TROUBLES: tuple[Trouble, ...] = (
    Trouble("weather", 16, _ALL, _TRUNK, (4, 30), ("Snow on the pass", "Storm warning", "Black ice", "Fog")),
    Trouble("traffic", 20, _LAND, _TRUNK | _DOOR, (1, 6), ("Closed motorway", "Border queue", "Accident ahead")),
    Trouble("mechanical", 8, _LAND, _TRUNK, (4, 20), ("Tyre damage", "Tractor swapped", "Engine fault")),
    Trouble("missed_connection", 14, _ALL, _TRUNK, (8, 30), ("Arrived after cut-off",)),
    Trouble(
        "capacity", 9, _ALL, frozenset({"departed_terminal", "vessel_departed"}), (12, 60), ("Rolled to the next",)
    ),
    Trouble("misrouted", 6, _LAND, _TRUNK, (18, 44), ("Sorted to the wrong terminal",)),
    Trouble("address_incorrect", 4, _LAND, _DOOR, (20, 48), ("House number missing",), attempted=True),
    Trouble("consignee_unavailable", 12, _LAND, _DOOR, (18, 40), ("Gate closed", "No forklift"), attempted=True),
    Trouble("appointment_missed", 5, _ALL, _DOOR, (16, 44), ("Arrived after the time window",)),
    Trouble("customs_hold", 14, _ABROAD, frozenset({"customs_cleared"}), (20, 90), ("Physical inspection",)),
    Trouble(
        "customs_papers_missing", 9, _ABROAD, frozenset({"customs_cleared"}), (24, 96), ("Proof of origin missing",)
    ),
    Trouble("strike", 3, _ALL, _TRUNK, (12, 50), ("Port workers' strike", "Drivers' strike")),
    Trouble("held_for_payment", 2, _ALL, frozenset({"out_for_delivery"}), (20, 70)),
    Trouble(
        "late_from_shipper",
        5,
        _ALL,
        frozenset({"departed_terminal", "departed", "vessel_departed"}),
        (2, 10),
        ("Waited at the dock",),
    ),
    Trouble("other", 3, _ALL, _TRUNK, (3, 16)),
)


class Disruption(msgspec.Struct, frozen=True):
    """A trouble that struck."""

    code: str
    raised_at: datetime
    cleared_at: datetime | None
    place: Place
    note: str | None


def disrupted(script: Script, mode: Mode, steps: list[Step]) -> tuple[list[Step], Disruption | None]:
    """The steps with all after a trouble moved back, and the trouble; most journeys have none."""
    if not script.chance(TROUBLED):
        return steps, None
    codes = {step.code for step in steps[1:]}
    possible = [trouble for trouble in TROUBLES if mode in trouble.modes and trouble.before & codes]
    if not possible:
        return steps, None
    trouble = script.random.choices(possible, [one.weight for one in possible])[0]
    where = script.random.choice([n for n, step in enumerate(steps) if n and step.code in trouble.before])
    return _struck(script, steps, where, trouble)


def _struck(script: Script, steps: list[Step], where: int, trouble: Trouble) -> tuple[list[Step], Disruption]:
    before, step = steps[where - 1], steps[where]
    raised_at = before.at + (step.at - before.at) * (0.2 + 0.7 * script.random.random())
    raised_at = raised_at.replace(microsecond=0)
    delay = timedelta(seconds=int(3600 * script.random.uniform(*trouble.hours)))
    late = [msgspec.structs.replace(one, at=one.at + delay) for one in steps[where:]]
    again: list[Step] = []
    if trouble.attempted:
        raised_at = step.at
        again.append(Step(step.at, "delivery_attempted", step.place))
        again.append(Step(late[0].at - timedelta(hours=2), "out_for_delivery", before.place))
    # Most are cleared just before the goods go on; some are forgotten and stand until the delivery.
    clears_at = late[0].at - (late[0].at - raised_at) * (0.05 + 0.2 * script.random.random())
    cleared_at = clears_at.replace(microsecond=0) if script.chance(CLEARS) else None
    place = step.place if trouble.attempted else before.place
    struck = Disruption(trouble.code, raised_at, cleared_at, place, _note(script.random, trouble))
    return [*steps[:where], *again, *late], struck


def _note(random: Random, trouble: Trouble) -> str | None:
    return random.choice(trouble.notes) if trouble.notes and random.random() < NOTED else None
