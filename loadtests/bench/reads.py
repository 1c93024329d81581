"""The rows about reading: the real service on one core against a bare answer of as many bytes, and peers beside it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AsyncExitStack
from statistics import mean

import msgspec

from loadtests.bench import bare
from loadtests.bench.asking import UnexpectedAnswerError, Visitor, asks, readers
from loadtests.bench.client import Ask, Count, Load, drive
from loadtests.bench.peers.starting import NoPeerError, environment, started
from loadtests.bench.programs import NotStartedError, Served, go, server, writer
from loadtests.bench.questions import READS, Asked, Read, Reader, questions
from loadtests.bench.results import Round
from loadtests.bench.world import SERVED, World

IDS_A_READER, IDS_A_READER_OF_PEER = 500, 20
# They are far away from the limit, and so is what their rounds vary by.
PEER_ROUNDS_MAX = 3
Step = Callable[[], None]
Pairs = list[tuple[Round, Round]]


class Measured(msgspec.Struct):
    """Alternating rounds of ours and the limit's; each peer's beside the limit's; why a peer is left out."""

    pairs: Pairs
    peers: dict[str, Pairs]
    remarks: list[str]


class Side(msgspec.Struct, frozen=True):
    """A server and what it is asked."""

    served: Served
    load: Sequence[Ask]


async def read_row(name: str, world: World, executor: Executor, seconds: float, rounds: int, step: Step) -> Measured:
    """Alternate between the service, the bare answer and peers. `executor` runs the load, in a process of its own."""
    read, log = READS[name], world.folder / f"{name}.log"
    service = _service(world, read)
    world.stores_on(world.cores.others)
    async with AsyncExitStack() as stack:
        project_on = world.folder / "project-on.log"
        projector = await stack.enter_async_context(
            writer("project-on", world.databases.url("viewed"), world.redis_url(SERVED), project_on)
        )
        # A projector with nothing to fold keeps saying so: that is what freshness lives by.
        go(projector)
        ours = await stack.enter_async_context(server("app.asgi:create_app", world.cores, log, service))
        visitor = Visitor(ours.port)
        customers = await readers(world, visitor, read.milestones)
        asked = questions(read.asked, customers, IDS_A_READER)
        if read.served_from:
            await visitor.until_from(read.served_from, asked[0])
        load = asks(asked, visitor, read.status)
        bytes_each = round(mean(ask.body_bytes for ask in load))
        environ = {**service, bare.STATUS: str(read.status), bare.BYTES: str(bytes_each)}
        limit = await stack.enter_async_context(server("loadtests.bench.bare:create_app", world.cores, log, environ))
        # Our answers differ in length; the bare ones are all as long as ours on average.
        even = Side(limit, [Ask(ask.request, bytes_each) for ask in load])
        peers, remarks = await _peers(stack, read, world, ours, customers)
        run = _Rounds(executor, read.status, seconds, step)
        measured = await run.alternate(Side(ours, load), even, peers, rounds)
        # Over a connection of its own: the first was idle for too long by now, and hung up on.
        if read.served_from and not Visitor(ours.port).ask(asked[0]).is_from(read.served_from):
            raise UnexpectedAnswerError(f"in the end not served from {read.served_from}")
        return msgspec.structs.replace(measured, remarks=remarks)


async def _peers(
    stack: AsyncExitStack, read: Read, world: World, ours: Served, customers: Sequence[Reader]
) -> tuple[dict[str, Side], list[str]]:
    """The row's peers as they run, and a remark on each that does not."""
    found: dict[str, Side] = {}
    remarks = []
    told = await environment(world, ours.port, customers[0].token) if read.peers else {}
    for name, asked in read.peers.items():
        try:
            served = await stack.enter_async_context(started(name, world, _service(world, read), told))
            found[name] = Side(served, _asked_of_peer(served, asked, customers))
        except (NoPeerError, NotStartedError, UnexpectedAnswerError, OSError) as error:
            remarks.append(f"without {name}: {error}")
    return found, remarks


def _asked_of_peer(served: Served, asked: Asked, customers: Sequence[Reader]) -> list[Ask]:
    return asks(questions(asked, customers, IDS_A_READER_OF_PEER), Visitor(served.port), 200)


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


class _Rounds:
    """Rounds of one row: who is asked for how long."""

    def __init__(self, executor: Executor, status: int, seconds: float, step: Step) -> None:
        self._executor = executor
        self._status = status
        self._seconds = seconds
        self._step = step

    async def alternate(self, ours: Side, limit: Side, peers: Mapping[str, Side], rounds: int) -> Measured:
        measured = Measured([], {name: [] for name in peers}, [])
        for number in range(rounds):
            mine = await self._drive(ours, self._status)
            self._step()
            bare_one = await self._drive(limit, self._status)
            self._step()
            measured.pairs.append((mine, bare_one))
            for name, peer in peers.items() if number < PEER_ROUNDS_MAX else ():
                measured.peers[name].append((await self._drive(peer, 200), bare_one))
        return measured

    async def _drive(self, side: Side, status: int) -> Round:
        load = Load(side.served.port, side.served.pids, side.load, status, self._seconds)
        count: Count = await asyncio.get_running_loop().run_in_executor(self._executor, drive, load)
        return Round(count.answers, count.seconds, count.cpu_seconds)
