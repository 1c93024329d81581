"""How far a shipment is on its way, and how long the rest takes at least, as data.

Judgement of people who ship goods, not a fit to any history: see docs/risk.md for what comes of it.
"""

from enum import IntEnum
from typing import Literal

Mode = Literal["road", "parcel", "ocean", "air", "rail"]


class Stage(IntEnum):
    """What of the way is behind it; greater is further."""

    NOT_UNDER_WAY = 0
    COLLECTED = 1
    MOVING = 2
    ARRIVING = 3
    AT_THE_DOOR = 4


# Milestones that show more than that it was collected. `arrived_at_terminal` does not: it may be the first one.
STAGES: dict[str, Stage] = {
    "departed": Stage.MOVING,
    "departed_terminal": Stage.MOVING,
    "loaded_on_board": Stage.MOVING,
    "vessel_departed": Stage.MOVING,
    "vessel_arrived": Stage.ARRIVING,
    "discharged": Stage.ARRIVING,
    "arrived_at_customs": Stage.ARRIVING,
    "customs_cleared": Stage.ARRIVING,
    "available_for_delivery": Stage.ARRIVING,
    "out_for_delivery": Stage.AT_THE_DOOR,
    "offered_for_delivery": Stage.AT_THE_DOOR,
    "arrived_at_delivery": Stage.AT_THE_DOOR,
    "partly_delivered": Stage.AT_THE_DOOR,
}

# Hours from a stage, just reached, to the delivery, which one in ten shipments stays below.
REMAINING_HOURS: dict[Mode, tuple[float, float, float, float, float]] = {
    "parcel": (16, 10, 5, 4, 0.5),
    "road": (16, 10, 5, 4, 0.5),
    "rail": (36, 24, 12, 6, 0.5),
    "air": (48, 30, 12, 6, 0.5),
    "ocean": (600, 560, 480, 36, 1),
}
# Hours by which a carrier's estimate is usually missed, the later ones counted only.
ETA_ERROR_HOURS: dict[Mode, float] = {"parcel": 1, "road": 1, "rail": 2, "air": 2, "ocean": 6}
# Most problems cost a working day. An estimate made before one knows nothing of it.
PROBLEM_HOURS = 24.0
