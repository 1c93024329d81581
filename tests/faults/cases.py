"""What a read is served when rungs are missing, as data; the table in docs/fallback.md is made from it."""

from itertools import product
from typing import NamedTuple

REFUSED = "503"


class Case(NamedTuple):
    """Which rungs there are; the others are down, or hang."""

    memory: bool
    redis: bool
    postgres: bool
    upstream: bool


class Outcome(NamedTuple):
    """`served_from` and `freshness.state`, while what we have is fresh, and when it has become stale."""

    fresh: str
    stale: str


def outcome(case: Case) -> Outcome:
    return Outcome(_fresh(case), _stale(case))


def _fresh(case: Case) -> str:
    """Of rungs that can be believed the first; memory only while Redis tells it what changed."""
    if case.redis:
        return "memory, live" if case.memory else "redis, live"
    if case.postgres:
        return "postgres, live"
    return "memory, stale" if case.memory else REFUSED


def _stale(case: Case) -> str:
    """The owner, where its answer can be folded and taken in; else what there is, said to be stale."""
    if case.postgres and case.upstream:
        return "upstream, live"
    if case.memory and (case.redis or not case.postgres):
        return "memory, stale"
    if case.redis:
        return "redis, stale"
    return "postgres, stale" if case.postgres else REFUSED


CASES = [Case(*there) for there in product((True, False), repeat=4)]


def table() -> str:
    """The sixteen cases as Markdown."""
    lines = [
        "| memory | Redis | Postgres | owner | while fresh | when stale |",
        "|---|---|---|---|---|---|",
    ]
    for case in CASES:
        marks = " | ".join("up" if there else "away" for there in case)
        said = outcome(case)
        lines.append(f"| {marks} | {said.fresh} | {said.stale} |")
    return "\n".join(lines)
