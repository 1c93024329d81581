"""Starting the bench's own programs, and ending them in any case."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from app.settings import PREFIX
from loadtests.bench.cores import Cores, tree

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
END_SECONDS = 15.0
_LOOK_SECONDS = 0.02
_LOG_TAIL = 1_500


class NotStartedError(Exception):
    """A program of the bench did not start; says what it said."""


class Served(msgspec.Struct, frozen=True):
    """A running server: where it listens, and the process numbers of it and its worker."""

    port: int
    pids: tuple[int, ...]


@asynccontextmanager
async def program(*words: str, log: Path, environ: Mapping[str, str], talks: bool = False) -> AsyncIterator[Process]:
    """A module of the bench in a process of its own, which ends when its standard input does.

    What it says goes to the log; one that `talks` says it to us.
    """
    with log.open("ab") as said:
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *words),
            cwd=ROOT,
            env=_environment(environ),
            stdin=PIPE,
            stdout=PIPE if talks else said,
            stderr=said,
        )
    try:
        yield started
    finally:
        await _end(started)


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Ours without the settings of whoever calls: the bench says them all."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | dict(environ)


async def _end(started: Process) -> None:
    if started.stdin is not None:
        started.stdin.close()
    try:
        await asyncio.wait_for(started.wait(), END_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            started.kill()
        await started.wait()


@asynccontextmanager
async def server(target: str, cores: Cores, log: Path, environ: Mapping[str, str]) -> AsyncIterator[Served]:
    """An application on granian, one worker on the server's core, taking connections."""
    port = free_port()
    environ = {**environ, "PORTAL_PORT": str(port), "PORTAL_WORKERS": "1"}
    async with program("loadtests.bench.server", target, str(min(cores.server)), log=log, environ=environ) as started:
        await until_listening(started, port, log)
        yield Served(port, tuple(tree(started.pid)))


async def until_listening(started: Process, port: int, log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while asyncio.get_running_loop().time() < deadline and started.returncode is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            await asyncio.sleep(_LOOK_SECONDS)
        else:
            return
    raise NotStartedError(tail(log))


def tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:].strip() or "it said nothing"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def writer(role: str, database_url: str, redis_url: str, log: Path) -> AsyncIterator[Process]:
    """One of our writers (`loadtests.bench.writers`), ready and waiting for a line."""
    async with program(
        "loadtests.bench.writers", role, database_url, redis_url, log=log, environ={}, talks=True
    ) as started:
        if await line_of(started) != b"ready\n":
            raise NotStartedError(tail(log))
        yield started


def go(started: Process) -> None:
    if started.stdin is not None:
        started.stdin.write(b"go\n")


async def line_of(started: Process) -> bytes:
    return await started.stdout.readline() if started.stdout is not None else b""
