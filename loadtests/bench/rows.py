"""Which rows there are, what each should reach, and running them one after the other."""

import multiprocessing
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import msgspec

from loadtests.bench import parsing, writes
from loadtests.bench.cores import Cores, available, machine, pin
from loadtests.bench.questions import READ_TARGETS
from loadtests.bench.reads import Measured, read_row
from loadtests.bench.results import Results, Round, Row, Unit, failed, measured, peer_ratio
from loadtests.bench.world import TENANTS, World, world

WRITE_ROUNDS_MAX = 3
WRITES = {"projector": writes.projector, "intake": writes.intake, "feed_to_views": writes.feed_to_views}
# These need no network of customers: bytes are all they read.
PARSES = {"214_parse": parsing.x12_214}
RATE_TARGETS = {"214_parse": 5_000.0}
TARGETS: dict[str, float | None] = {
    **READ_TARGETS,
    "projector": 0.40,
    "intake": None,
    "feed_to_views": None,
    "214_parse": None,
}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure and how long."""

    rows: Sequence[str]
    seconds: float
    rounds: int
    events: int

    def rounds_of(self, row: str) -> int:
        """Rounds that write take several times as long, and vary less."""
        return min(self.rounds, WRITE_ROUNDS_MAX) if row in WRITES else self.rounds


class Watcher(Protocol):
    """Whoever shows how far we are."""

    def say(self, words: str) -> None: ...
    def step(self) -> None: ...


async def run(options: Options, folder: Path, watcher: Watcher) -> Results:
    """Measure all rows. One that cannot be measured says why and does not sink the others."""
    cores, facts = available(), machine()
    # We ourselves, and with us the stores and the load, leave the server's core alone.
    pin(0, cores.others)
    made: World | None = None
    found: list[Row] = []
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        async with AsyncExitStack() as stack:
            for row in options.rows:
                if row in PARSES:
                    found.append(await _parse(row, executor, options, watcher))
                    continue
                made = made or await stack.enter_async_context(world(cores, folder, options.events, watcher.say))
                found.append(await _row(row, made, executor, options, watcher))
    return Results(rows=found, machine=facts, settings=_settings(options, made, cores))


async def _parse(row: str, executor: Executor, options: Options, watcher: Watcher) -> Row:
    watcher.say(row)
    try:
        pairs = await PARSES[row](executor, options.rounds_of(row), watcher.step)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's result, and others follow
        return failed(row, TARGETS[row], "transaction", error)
    ours, limit = [mine for mine, _ in pairs], [other for _, other in pairs]
    return measured(row, TARGETS[row], "transaction", ours, limit, rate_target=RATE_TARGETS[row])


async def _row(row: str, made: World, executor: Executor, options: Options, watcher: Watcher) -> Row:
    watcher.say(row)
    unit: Unit = "event" if row in WRITES else "request"
    rounds = options.rounds_of(row)
    try:
        if row in WRITES:
            found = Measured(await _unpinned(WRITES[row], made, rounds, watcher.step), {}, [])
        else:
            found = await read_row(row, made, executor, options.seconds, rounds, watcher.step)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's result, and others follow
        return failed(row, TARGETS[row], unit, error)
    ours, limit = [mine for mine, _ in found.pairs], [other for _, other in found.pairs]
    peers = {name: peer_ratio(rounds_beside) for name, rounds_beside in found.peers.items()}
    figures = measured(row, TARGETS[row], unit, ours, limit)
    return msgspec.structs.replace(figures, peers=peers, remark="; ".join(found.remarks))


async def _unpinned(
    write: Callable[[World, int, Callable[[], None]], Awaitable[list[tuple[Round, Round]]]],
    made: World,
    rounds: int,
    step: Callable[[], None],
) -> list[tuple[Round, Round]]:
    """Writers, ours as well as the raw one in this process, may use what cores there are."""
    pin(0, made.cores.all)
    try:
        return await write(made, rounds, step)
    finally:
        pin(0, made.cores.others)


def _settings(options: Options, made: World | None, cores: Cores) -> dict[str, str | int | float]:
    return {
        "seconds_a_round": options.seconds,
        "rounds": options.rounds,
        "events": len(made.bodies) if made else 0,
        "log_rows": made.log_rows if made else 0,
        "tenants": TENANTS,
        "server_core": min(cores.server),
        "other_cores": " ".join(map(str, sorted(cores.others))),
        "durable": "no: fsync and synchronous_commit off, for both sides",
    }


def known(names: str) -> list[str]:
    """Rows by name, comma between; all when none is named. Raises ValueError naming what is unknown."""
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(TARGETS)
    unknown = [name for name in wanted if name not in TARGETS]
    if unknown:
        raise ValueError(f"no such row: {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    return wanted
