"""Servers of a test's own that are really cut: ended, or stopped in the middle of what they do."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from app.embedded import Servers, start
from tests.fixtures_upstream import START_SECONDS, SimulatedUpstream, _free_port, _wait_for

Way = Literal["down", "hung"]


class Store:
    """One Postgres or Valkey; it comes back at the same address with what it had."""

    def __init__(self, folder: Path, name: Literal["postgres", "valkey"]) -> None:
        self._folder, self._name = folder, name
        self._server = self._start()
        self._cut: Way | None = None

    @property
    def url(self) -> str:
        return self._server.database_url if self._name == "postgres" else self._server.redis_url

    def cut(self, way: Way) -> None:
        self._cut = way
        if way == "down":
            self._server.stop()
        else:
            _signal(self._processes(), signal.SIGSTOP)

    def mend(self) -> None:
        if self._cut == "down":
            self._server = self._start()
        elif self._cut == "hung":
            _signal(self._processes(), signal.SIGCONT)
        self._cut = None

    def close(self) -> None:
        if self._cut == "hung":
            self.mend()
        self._server.stop()

    def _start(self) -> Servers:
        return start(self._folder, postgres=self._name == "postgres", valkey=self._name == "valkey")

    def _processes(self) -> list[int]:
        return _family(self._server.pids[self._name])


class Owner:
    """A simulated TMS in processes of its own."""

    def __init__(self) -> None:
        self._port = _free_port()
        self.upstream = SimulatedUpstream(f"http://127.0.0.1:{self._port}")
        self._cut: Way | None = None
        self._records: tuple[object, ...] = ()
        self._start()

    def has(self, *records: object) -> None:
        self._records = records
        self.upstream.has("shipments", *records)

    def cut(self, way: Way) -> None:
        self._cut = way
        self._signal(signal.SIGKILL if way == "down" else signal.SIGSTOP)
        if way == "down":
            self._process.wait(START_SECONDS)

    def mend(self) -> None:
        if self._cut == "down":
            self._start()
        elif self._cut == "hung":
            self._signal(signal.SIGCONT)
        self._cut = None

    def close(self) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait(START_SECONDS)
        self.upstream.http.close()

    def _start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        command = [sys.executable, "-m", "app.simulator.upstream", "--port", str(self._port)]
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
        _wait_for(self.upstream, self._process)
        self.upstream.has("shipments", *self._records)

    def _signal(self, number: signal.Signals) -> None:
        # A group of their own: the server and its worker.
        os.killpg(self._process.pid, number)


class Rungs:
    def __init__(self, postgres: Store, redis: Store, owner: Owner) -> None:
        self.postgres, self.redis, self.owner = postgres, redis, owner


@contextmanager
def standing(folder: Path) -> Iterator[Rungs]:
    with ExitStack() as stack:
        postgres = Store(folder / "postgres", "postgres")
        stack.callback(postgres.close)
        redis = Store(folder / "redis", "valkey")
        stack.callback(redis.close)
        owner = Owner()
        stack.callback(owner.close)
        yield Rungs(postgres, redis, owner)


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    family = [pid]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]
    return family


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)
