"""What is known of each source: its tallies and when it was heard, from Postgres; its state, from both."""

import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from asyncpg import Record

from projections.database import Pool
from projections.intake.tallies import QUARANTINED, UNMAPPED
from projections.ownership import Role, role_of
from projections.silence import SourceState, expected_every_seconds, state_of
from projections.sources.declared import DeclaredSource
from projections.sql import load

SQL = load(__package__)


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One source: how well it is heard, and what became of its messages since counting began.

    `keys` are those it is declared under. `heard_at` is when an event of it was last understood, `occurred_at` the
    latest time it spoke of, `watermark_lag_seconds` how long ago that is. `alive_at` is up to when it is known to be
    well, and what `state` is judged by: with every event when it came, with a heartbeat as far as that says.
    `reasons` counts what was quarantined; `unknown_codes` the codes there is no word for, as the source writes them.
    Messages of which nobody can tell whose they are count under `/unknown`.
    """

    source: str
    role: Role | None
    keys: tuple[str, ...]
    state: SourceState
    expected_every_seconds: float | None
    heard_at: datetime | None
    occurred_at: datetime | None
    alive_at: datetime | None
    watermark_lag_seconds: float | None
    accepted: int
    duplicate: int
    held: int
    quarantined: int
    reasons: dict[str, int]
    unknown_codes: dict[str, int]

    @property
    def quiet_seconds(self) -> float:
        """How long it has not been known to be well; infinite when it never was."""
        return math.inf if self.alive_at is None else max(0.0, time.time() - self.alive_at.timestamp())


class SourceRegister:
    """Every source heard, counted or declared, by name."""

    def __init__(self, pool: Pool, declared: Mapping[str, DeclaredSource], expected_every: Mapping[str, float]) -> None:
        self._pool = pool
        self._expected_every = expected_every
        self._keys: defaultdict[str, list[str]] = defaultdict(list)
        for key, one in declared.items():
            self._keys[one.name].append(key)

    async def after(self, name: str, limit: int) -> list[SourceHealth]:
        """The next sources after this name."""
        rows = await self._pool.fetch(SQL["source_page"], list(self._keys), name, limit)
        counted = await self._pool.fetch(SQL["tallies_of"], [row["source"] for row in rows])
        tallies: defaultdict[str, list[Record]] = defaultdict(list)
        for one in counted:
            tallies[one["source"]].append(one)
        return [self._health(row, tallies[row["source"]]) for row in rows]

    def _health(self, row: Record, tallies: Sequence[Record]) -> SourceHealth:
        source, alive_at, occurred_at = row["source"], row["alive_at"], row["occurred_at"]
        expected_every = expected_every_seconds(source, self._expected_every)
        now = time.time()
        quiet_seconds = math.inf if alive_at is None else now - alive_at.timestamp()
        counts = {one["kind"]: one["count"] for one in tallies}
        reasons = _by_what(tallies, QUARANTINED)
        return SourceHealth(
            source=source,
            role=role_of(source),
            keys=tuple(sorted(self._keys.get(source, ()))),
            state=state_of(quiet_seconds, expected_every),
            expected_every_seconds=expected_every,
            heard_at=row["recorded_at"],
            occurred_at=occurred_at,
            alive_at=alive_at,
            watermark_lag_seconds=None if occurred_at is None else round(max(0.0, now - occurred_at.timestamp()), 1),
            accepted=counts.get("accepted", 0),
            duplicate=counts.get("duplicate", 0),
            held=counts.get("held", 0),
            quarantined=sum(reasons.values()),
            reasons=reasons,
            unknown_codes=_by_what(tallies, UNMAPPED),
        )


def _by_what(tallies: Sequence[Record], kind: str) -> dict[str, int]:
    return {one["what"]: one["count"] for one in tallies if one["kind"] == kind}
