"""Starting programs that cannot outlive us: without privileges, in their own session, ended by the kernel."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from app.embedded.account import Account, open_private
from app.embedded.errors import EmbeddedUnavailable

Server = subprocess.Popen[bytes]

START_SECONDS = 120.0  # recovery after a crash replays the write-ahead log
STOP_SECONDS = 30.0
POLL_SECONDS = 0.01
LOG_TAIL_BYTES = 2_000
# A clean slate: PG* variables, locale and preloads of whoever starts us are not for the servers.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Ending(NamedTuple):
    """The signals that end a server: `death` when we die, `stop` one after the other, the gentlest first."""

    death: signal.Signals
    stop: tuple[signal.Signals, ...]


class Launcher:
    """Starts programs under one account, each holding `inherited` open as long as it lives.

    On Linux the kernel signals every program started here when this process dies, however it dies. The kernel ties
    that to the *thread* that started the program, so all are started from one thread that lives until `close`:
    callers may come from short-lived threads. Elsewhere (macOS) a killed parent leaves the servers running; the next
    start of the same folder then says so.
    """

    def __init__(self, account: Account | None, inherited: int) -> None:
        self.account = account
        self._inherited = inherited
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded-servers")
        self._undo = ExitStack()
        self._undo.callback(self._thread.shutdown)

    def close(self) -> None:
        """Stop the servers, the last started first, and wait until they are gone."""
        self._undo.close()

    def run(self, argv: Sequence[str | Path], folder: Path, stdin: bytes = b"") -> None:
        """Run a program to its end in `folder`; raises `EmbeddedUnavailable` with its output if it fails."""
        program = self._spawn(argv, folder, stdin, subprocess.PIPE, signal.SIGKILL)
        output, _ = program.communicate()
        if program.returncode != 0:
            said = output.decode(errors="replace").strip()
            raise EmbeddedUnavailable(f"{Path(argv[0]).name} failed with code {program.returncode}: {said}")

    def start(self, argv: Sequence[str | Path], folder: Path, log: Path, ending: Ending, stdin: bytes = b"") -> Server:
        """Start a server in `folder` that appends to `log` and runs until `close`.

        Its working directory is the way in: a program without privileges can use `folder` by relative paths or
        `/proc/self/cwd` even where it could never walk to it, such as below a home of mode 0700.
        """
        output = open_private(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            server = self._spawn(argv, folder, stdin, output, ending.death)
        finally:
            os.close(output)
        self._undo.callback(_end, server, ending.stop)
        return server

    def _spawn(
        self, argv: Sequence[str | Path], folder: Path, stdin: bytes, output: int, death: signal.Signals
    ) -> Server:
        source = self._pipe_with(stdin)
        parent = os.getpid()
        account = self.account

        def popen() -> Server:
            return subprocess.Popen(  # noqa: S603 - programs found in the wheels, arguments our own
                argv,
                cwd=folder,  # entered before privileges are dropped
                stdin=source,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=ENVIRONMENT,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                pass_fds=(self._inherited,),
                start_new_session=True,  # Ctrl-C reaches us, and we stop the servers in order
                # After privileges are dropped, which would clear the signal; it takes no lock and imports nothing.
                preexec_fn=lambda: _die_with(parent, death),  # noqa: PLW1509 - the kernel offers no other moment
            )

        try:
            return self._thread.submit(popen).result()
        finally:
            os.close(source)

    def _pipe_with(self, content: bytes) -> int:
        """A pipe holding a few lines (below the kernel's buffer), which the account may also open by name."""
        reading, writing = os.pipe()
        if self.account:
            os.fchown(reading, self.account.uid, self.account.gid)
        os.write(writing, content)
        os.close(writing)
        return reading


def wait_until_ready(server: Server, name: str, log: Path, ready: Callable[[], bool]) -> None:
    """Wait for `ready` to say yes; raises `EmbeddedUnavailable` with the end of the log if the server dies first."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if server.poll() is not None:
            raise EmbeddedUnavailable(f"{name} ended with code {server.returncode} at its start:\n{_tail(log)}")
        if time.monotonic() >= deadline:
            raise EmbeddedUnavailable(f"{name} is not ready after {START_SECONDS:.0f} s:\n{_tail(log)}")
        time.sleep(POLL_SECONDS)


def _end(server: Server, stop: Sequence[signal.Signals]) -> None:
    for number in (*stop, signal.SIGKILL):
        server.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
            return


def _die_with(parent: int, death: signal.Signals) -> None:
    """In the child, between fork and exec: have the kernel send `death` when the thread that forked us is gone."""
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(death), 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above: no signal would ever come
        os._exit(1)


def _tail(log: Path) -> str:
    return log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()
