"""Passwords and ports of one folder's servers, kept from one start to the next."""

import os
import secrets
import socket
from pathlib import Path

import msgspec

from app.embedded.account import open_private
from app.embedded.errors import EmbeddedUnavailable

LOOPBACK = "127.0.0.1"
FILE = "servers.json"
PASSWORD_BYTES = 24
RESTORE = "restore the file, or remove the folder to begin anew"


class Endpoint(msgspec.Struct):
    """Where one server listens on loopback and what it asks for."""

    password: str
    port: int


def recall(folder: Path, server: str) -> Endpoint:
    """The endpoint of a server as it was last time if its port is still free, else a new one; remembered at once.

    It is written before the server first starts, so that no data exists whose password is lost by a crash. Raises
    `EmbeddedUnavailable` where that happened otherwise, rather than let every login fail later.
    """
    known = _read(folder)
    if server not in known and (folder / server).exists():
        raise EmbeddedUnavailable(f"{folder / FILE} does not hold the password of {folder / server}: {RESTORE}")
    endpoint = known.get(server) or Endpoint(password=secrets.token_urlsafe(PASSWORD_BYTES), port=0)
    if not is_free(endpoint.port):
        endpoint.port = 0
    endpoint.port = endpoint.port or _any_free_port()
    _write(folder, {**known, server: endpoint})
    return endpoint


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now. Port 0 (any) always is."""
    with socket.socket() as probe:
        # As the servers themselves do: connections lingering from the last run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except OSError:
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _read(folder: Path) -> dict[str, Endpoint]:
    try:
        content = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return {}
    try:
        return msgspec.json.decode(content, type=dict[str, Endpoint])
    except msgspec.MsgspecError as error:
        raise EmbeddedUnavailable(f"{folder / FILE} is damaged ({error}): {RESTORE}") from error


def _write(folder: Path, endpoints: dict[str, Endpoint]) -> None:
    """Replace the file whole: a crash leaves the old one or the new one, never half of it."""
    new = folder / f"{FILE}.new"
    with os.fdopen(open_private(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
        file.write(msgspec.json.encode(endpoints))
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / FILE)
