"""How long a source may be quiet before that is news: the table, and what follows from it. Pure.

A source is well up to `alive_at` (see `projections/intake/store.py`, `hear`): when we last understood an event of
it, or as far as its heartbeats say. docs/decisions/0011 says what is made of it.
"""

import math
from collections.abc import Mapping
from typing import Literal

from projections.ownership import Role, role_of

SourceState = Literal["live", "late", "silent"]

_DAY_SECONDS = 86_400.0
# A weekend is no outage: who speaks daily may be quiet from Friday night to Monday morning and is late, not silent.
SILENT_AFTER = 3
# How often a source of a role speaks at least, unless it was declared with `expected_every_seconds`. None: nothing is
# expected, a service desk speaks when there is a case.
EXPECTED_EVERY_SECONDS: Mapping[Role, float | None] = {
    Role.ERP: _DAY_SECONDS,
    Role.WMS: _DAY_SECONDS,
    Role.TMS: _DAY_SECONDS,
    Role.CARRIER: _DAY_SECONDS,
    Role.THIRD_PARTY: _DAY_SECONDS,
    Role.CRM: None,
}


def expected_every_seconds(source: str, declared: Mapping[str, float]) -> float | None:
    """How often this source speaks at least: as declared under its name, else as its role does."""
    role = role_of(source)
    return declared.get(source, EXPECTED_EVERY_SECONDS[role] if role else None)


def state_of(quiet_seconds: float, expected_every: float | None) -> SourceState:
    """`late` when a word is overdue, `silent` when `SILENT_AFTER` are; never heard at all is infinitely quiet."""
    if math.isinf(quiet_seconds):
        return "silent"
    if expected_every is None or quiet_seconds <= expected_every:
        return "live"
    return "late" if quiet_seconds <= SILENT_AFTER * expected_every else "silent"
