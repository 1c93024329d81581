"""From rounds to ratios, and the results' file. Pure."""

from collections.abc import Sequence
from statistics import median
from typing import Literal

import msgspec

Unit = Literal["request", "event", "transaction"]
# Below this the limit's core was not its own, or its load was slow, and rates flatter us.
BUSY_ENOUGH = 0.95


class Round(msgspec.Struct, frozen=True):
    """One round of one side: how many requests or events in which time, and the CPU time of who served them."""

    count: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu_seconds / self.count * 1e6

    @property
    def busy(self) -> float:
        return self.cpu_seconds / self.seconds


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of results.json. `ratio` is the median of the rounds' ratios; None: it could not be measured.
    Where the limit of a read was not busy it is `cpu_ratio`, if that is lower.

    `met` is None where there is no target. `rate_target` stands in for a ratio's where so many a second were asked for. `cpu_ratio` is the limit's CPU time by ours: for reads it says the
    same as `ratio` when the server's core is busy, and still holds when others use that core too. `peers` has what a user would pick instead: their rates by that of the same bare answer.
    """

    row: str
    ratio: float | None
    target: float | None
    met: bool | None
    peers: dict[str, float] = {}
    unit: Unit
    ratio_min: float | None = None
    ratio_max: float | None = None
    cpu_us: float | None = None
    limit_cpu_us: float | None = None
    cpu_ratio: float | None = None
    rate: float | None = None
    rate_target: float | None = None
    limit_rate: float | None = None
    limit_busy: float | None = None
    remark: str = ""


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    rows: Sequence[Row]
    machine: dict[str, str | int | float]
    settings: dict[str, str | int | float]


def measured(
    row: str,
    target: float | None,
    unit: Unit,
    ours: Sequence[Round],
    limit: Sequence[Round],
    *,
    rate_target: float | None = None,
) -> Row:
    """The row of alternating rounds: each of ours is compared with the limit's next to it in time."""
    if not ours or len(ours) != len(limit):
        raise ValueError(f"{row}: {len(ours)} rounds of ours and {len(limit)} of the limit cannot be compared")
    ratios = [one.rate / other.rate for one, other in zip(ours, limit, strict=True)]
    busy = median(one.busy for one in limit)
    cpu_us, limit_cpu_us = (median(one.cpu_us for one in side) for side in (ours, limit))
    # What raw writing costs is Postgres', whose time is not counted here.
    cpu_ratio = limit_cpu_us / cpu_us if unit == "request" and cpu_us else None
    ratio = _believed(median(ratios), cpu_ratio, busy)
    rate = median(one.rate for one in ours)
    reached = ratio >= target if target is not None else rate_target is not None and rate >= rate_target
    return Row(
        row=row,
        ratio=round(ratio, 3),
        target=target,
        met=None if target is None and rate_target is None else reached,
        unit=unit,
        ratio_min=round(min(ratios), 3),
        ratio_max=round(max(ratios), 3),
        cpu_us=round(cpu_us, 1),
        limit_cpu_us=round(limit_cpu_us, 1),
        cpu_ratio=None if cpu_ratio is None else round(cpu_ratio, 3),
        rate=round(rate, 1),
        rate_target=rate_target,
        limit_rate=round(median(one.rate for one in limit), 1),
        limit_busy=round(busy, 3),
    )


def peer_ratio(pairs: Sequence[tuple[Round, Round]]) -> float:
    """A peer's requests by those of the same bare answer as ours, believed as far as ours."""
    ratio = median(peer.rate / limit.rate for peer, limit in pairs)
    cpu_us, limit_cpu_us = (median(one.cpu_us for one in side) for side in zip(*pairs, strict=True))
    return round(_believed(ratio, limit_cpu_us / cpu_us, median(limit.busy for _, limit in pairs)), 4)


def _believed(ratio: float, cpu_ratio: float | None, busy: float) -> float:
    """Where the limit was kept from its core, rates flatter whoever needs more time: the lower of the two counts."""
    return ratio if cpu_ratio is None or busy >= BUSY_ENOUGH else min(ratio, cpu_ratio)


def failed(row: str, target: float | None, unit: Unit, error: Exception) -> Row:
    """The row of a measurement that did not work out: shown, and not met."""
    return Row(row=row, ratio=None, target=target, met=False, unit=unit, remark=f"{type(error).__name__}: {error}")


def exit_code(rows: Sequence[Row]) -> int:
    """0 when every row was measured, whether its target was met or not; else 1."""
    return 0 if rows and all(row.ratio is not None for row in rows) else 1


def encode(results: Results) -> bytes:
    return msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n"
