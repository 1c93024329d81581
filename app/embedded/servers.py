"""One folder, its servers, and the order in which they start and stop."""

import os
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from app.embedded import postgres as postgres_server
from app.embedded import valkey as valkey_server
from app.embedded.account import PRIVATE_FOLDER, account_for
from app.embedded.errors import INSTEAD, EmbeddedUnavailable
from app.embedded.launcher import Launcher, Server
from app.embedded.locks import lock
from app.embedded.remembered import Endpoint, is_free, recall
from app.embedded.wheels import Wheel

# The servers of a parent that was killed leave within seconds; a new start waits for them.
ORPHANS_LEAVE_SECONDS = 20.0
START_ATTEMPTS = 3


class _Starter(Protocol):
    def __call__(self, folder: Path, endpoint: Endpoint, launcher: Launcher, *, durable: bool) -> Server: ...


class _Kind(NamedTuple):
    name: str
    wheel: Wheel
    start: _Starter


class _Running(NamedTuple):
    server: Server
    endpoint: Endpoint


POSTGRES = _Kind("postgres", postgres_server.WHEEL, postgres_server.start)
VALKEY = _Kind("valkey", valkey_server.WHEEL, valkey_server.start)


class Servers:
    """The running servers of one folder; a context manager that stops them on the way out.

    Keep it referenced for as long as the servers are wanted: letting go of it ends them too.
    """

    def __init__(self, running: dict[str, _Running], undo: ExitStack) -> None:
        self._running = running
        self._undo = undo

    @property
    def database_url(self) -> str:
        """URL of the database `portal` as superuser, password included. KeyError if Postgres was not asked for."""
        return postgres_server.url(self._running[POSTGRES.name].endpoint)

    @property
    def redis_url(self) -> str:
        """URL of Valkey, password included. KeyError if Valkey was not asked for."""
        return valkey_server.url(self._running[VALKEY.name].endpoint)

    @property
    def pids(self) -> dict[str, int]:
        """Process numbers by server: `postgres`, `valkey`."""
        return {name: running.server.pid for name, running in self._running.items()}

    def stop(self) -> None:
        """Stop the servers in order, wait until they are gone and free the folder. Safe to call again."""
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(folder: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True) -> Servers:
    """Start the servers whose data live in `folder` (made if missing) and return once both take connections.

    Blocks for a second or so the first time, a fraction of one later. They listen on loopback only, ask for a
    random password, go on with the data they had, and stop with this process however it ends (`Launcher` has the
    details and the one exception). As root they run as an unprivileged user (`account_for`).

    `durable=False` is for tests: writes may be lost with the machine, and Valkey keeps nothing at all.
    Raises `EmbeddedUnavailable`, with words for the user, if that cannot be done here.
    """
    kinds = [kind for kind, wanted in ((POSTGRES, postgres), (VALKEY, valkey)) if wanted]
    for kind in kinds:
        kind.wheel.installed_in()  # raises before anything is touched
    folder = folder.resolve()
    with ExitStack() as undo:
        try:
            launcher = _occupy(folder, undo)
            running = {kind.name: _bring_up(kind, folder, launcher, durable=durable) for kind in kinds}
        except OSError as error:
            raise EmbeddedUnavailable(f"cannot run servers in {folder} ({error}): mend that, or {INSTEAD}") from error
        return Servers(running, undo.pop_all())


def _occupy(folder: Path, undo: ExitStack) -> Launcher:
    """Make the folder ours alone, against other starts and against servers that outlived an earlier one."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    busy = f"{folder} is in use: another process runs its servers; stop it or choose another folder"
    undo.callback(os.close, lock(folder / "start.lock", busy))
    lingering = f"{folder} is in use: servers of an earlier start are still alive; end them (`ps` shows their numbers)"
    inherited = lock(folder / "servers.lock", lingering, wait_seconds=ORPHANS_LEAVE_SECONDS)
    undo.callback(os.close, inherited)
    launcher = Launcher(account_for(folder), inherited)
    undo.callback(launcher.close)
    return launcher


def _bring_up(
    kind: _Kind, folder: Path, launcher: Launcher, *, durable: bool, attempts: int = START_ATTEMPTS
) -> _Running:
    """Start one server; again if another program took its port between our choice and its start."""
    endpoint = recall(folder, kind.name)
    try:
        return _Running(kind.start(folder, endpoint, launcher, durable=durable), endpoint)
    except EmbeddedUnavailable:
        if attempts == 1 or is_free(endpoint.port):
            raise
    return _bring_up(kind, folder, launcher, durable=durable, attempts=attempts - 1)
