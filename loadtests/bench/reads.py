"""The rows about reading: the real service on one core against a bare answer of as many bytes."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from statistics import mean

from loadtests.bench import bare
from loadtests.bench.asking import Read, UnexpectedAnswerError, Visitor, asks, questions
from loadtests.bench.client import Ask, Count, Load, drive
from loadtests.bench.programs import Served, go, server, writer
from loadtests.bench.results import Round
from loadtests.bench.world import EMPTY, SERVED, World

Step = Callable[[], None]
Pairs = list[tuple[Round, Round]]

READS = {
    "memory_hit": Read("memory"),
    "not_modified_304": Read("memory", status=304),
    "redis_hit": Read("redis", memory_documents=0),
    # With a Redis that has nothing, and never will, every read is Postgres'.
    "postgres_hit": Read("postgres", memory_documents=0, redis=EMPTY),
    "list_50_postgres": Read("postgres", listed=True),
}


async def read_row(name: str, world: World, executor: Executor, seconds: float, rounds: int, step: Step) -> Pairs:
    """Alternate between the service and the bare answer. `executor` runs the load, in a process of its own."""
    read, log = READS[name], world.folder / f"{name}.log"
    world.stores_on(world.cores.others)
    async with (
        writer(
            "project-on", world.databases.url("viewed"), world.redis_url(SERVED), world.folder / "project-on.log"
        ) as projector,
        server("app.asgi:create_app", world.cores, log, _service(world, read)) as ours,
    ):
        # A projector with nothing to fold keeps saying so: that is what freshness lives by.
        go(projector)
        visitor = Visitor(ours.port)
        asked = await questions(read, world, visitor)
        load = await asks(read, asked, visitor)
        environ = {**_service(world, read), bare.STATUS: str(read.status), bare.BYTES: str(_even(load))}
        async with server("loadtests.bench.bare:create_app", world.cores, log, environ) as limit:
            pairs = await _alternate(executor, (ours, limit), load, read.status, seconds, rounds, step)
        if not visitor.get(asked[0]).is_from(read.served_from):
            raise UnexpectedAnswerError(f"in the end not served from {read.served_from}")
        return pairs


def _service(world: World, read: Read) -> dict[str, str]:
    environ = {
        "PORTAL_DATABASE_URL": world.databases.url("viewed"),
        "PORTAL_REDIS_URL": world.redis_url(read.redis),
        "PORTAL_DATA_DIR": str(world.folder / "service"),
        "PORTAL_LOG_LEVEL": "warning",
        # Counted as in production, and never reached.
        "PORTAL_RATE_LIMIT": "1000000000/minute",
    }
    if read.memory_documents is not None:
        environ["PORTAL_MEMORY_DOCUMENTS"] = str(read.memory_documents)
    return environ


def _even(load: Sequence[Ask]) -> int:
    """Our answers differ in length; the bare ones are all as long as ours on average."""
    return round(mean(ask.body_bytes for ask in load))


async def _alternate(
    executor: Executor,
    sides: tuple[Served, Served],
    load: Sequence[Ask],
    status: int,
    seconds: float,
    rounds: int,
    step: Step,
) -> Pairs:
    ours, limit = sides
    even = [Ask(ask.request, _even(load)) for ask in load]
    pairs: Pairs = []
    for _ in range(rounds):
        mine = await _drive(executor, Load(ours.port, ours.pids, load, status, seconds))
        step()
        pairs.append((mine, await _drive(executor, Load(limit.port, limit.pids, even, status, seconds))))
        step()
    return pairs


async def _drive(executor: Executor, load: Load) -> Round:
    count: Count = await asyncio.get_running_loop().run_in_executor(executor, drive, load)
    return Round(count.answers, count.seconds, count.cpu_seconds)
