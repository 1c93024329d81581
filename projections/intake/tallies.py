"""What became of a batch, counted per source. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from projections.event import Event, Rejection
from projections.events import ExceptionRaised, LoadMilestone, ShipmentMilestone
from projections.intake.outcomes import Outcome, OutcomeStatus
from projections.ownership import role_of

# Under which messages are counted that name no source, or none there can be: its role is known to nobody.
NOBODY = "/unknown"
# No event has it as its code, so it stands for events that gave none, and for codes past the limit of a source.
OTHER_CODES = "(other)"
QUARANTINED, UNMAPPED = "quarantined", "unmapped"
# What is counted of these comes from messages nobody has vouched for.
FREE_KINDS = frozenset({QUARANTINED, UNMAPPED})
# Who is refused can call itself anything, and codes are free text: neither may grow a table without end.
MAX_SOURCES = 1_000
MAX_CODES = 50

_WITH_CODE = (ShipmentMilestone, LoadMilestone, ExceptionRaised)
_SOURCE = re.compile(r"/?[A-Za-z0-9][A-Za-z0-9_.:/\-]{0,198}")


class Tally(NamedTuple):
    """What is counted: `kind` is what became of a message, or `unmapped`; `what` the reason, or the source's own code."""

    source: str
    kind: str
    what: str


def tallies(
    outcomes: Iterable[Outcome | None], taken: Iterable[Event], put_aside: Iterable[Rejection]
) -> Counter[Tally]:
    """How many of each: the outcomes of a batch, the unknown codes of what was taken of it, and which events held
    until now were put into quarantine by it.
    """
    counted: Counter[Tally] = Counter()
    told = Counter((one.source, one.status, one.reason) for one in outcomes if one is not None)
    for (source, status, reason), count in told.items():
        named = _named(source) if status is OutcomeStatus.QUARANTINED else source or NOBODY
        counted[Tally(named, status.value, reason or "")] += count
    for event in taken:
        code = _unknown_code(event)
        if code is not None:
            counted[Tally(event.source, UNMAPPED, code)] += 1
    for rejection in put_aside:
        counted[Tally(_named(rejection.source), QUARANTINED, rejection.reason.value)] += 1
    return counted


def _unknown_code(event: Event) -> str | None:
    said = event.data
    if isinstance(said, _WITH_CODE) and said.code == UNMAPPED:
        return said.raw_code or OTHER_CODES
    return None


def _named(source: str | None) -> str:
    if source is None or not _SOURCE.fullmatch(source) or role_of(source) is None:
        return NOBODY
    return source
