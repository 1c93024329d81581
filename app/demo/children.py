"""The demo's processes: started in order, watched, and stopped in the opposite order, however we end."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

STOP_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ChildEndedError(Exception):
    """A process the demo needs has ended by itself."""


class Child(msgspec.Struct, frozen=True):
    name: str
    process: subprocess.Popen[bytes]


class Children:
    """A context manager: on the way out every child is gone."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = dict(environment)
        self._children: list[Child] = []
        self._logs = logs
        logs.mkdir(exist_ok=True)

    def start(self, role: str, *arguments: str) -> None:
        """Start `portal ROLE …` with the demo's settings; what it says goes to its log."""
        with (self._logs / f"{role}.log").open("ab") as log:
            process = self._spawn([sys.executable, "-m", "app.cli", role, *arguments], log)
        self._children.append(Child(role, process))

    def _spawn(self, command: Sequence[str], log: BinaryIO) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches us, and we stop them in order.
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - the kernel offers no other moment
        )

    def pid(self, role: str) -> int:
        """The process id of the first that was started for a role."""
        return next(child.process.pid for child in self._children if child.name == role)

    def check(self) -> None:
        """Raise ChildEndedError when one has ended that should run."""
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise ChildEndedError(f"{child.name} ended with exit code {code}")

    def stop(self) -> None:
        """End all of them, the last started first."""
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.terminate()
        for child in reversed(self._children):
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(STOP_SECONDS)
            with suppress(ProcessLookupError):
                # Its own session: workers it may have left behind go with it.
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _die_with(parent: int) -> Callable[[], None]:
    """Have the kernel end a child when we are gone, however we went."""

    def prepare() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above: no signal would ever come
            os._exit(1)

    return prepare
