"""A demo to put load on: one that runs, or one of our own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from app.demo.accounts import Demo
from app.settings import PREFIX

RUNNING = Path(".portal/demo.json")
OWN_FOLDER = Path(".portal/load")
# Its first start feeds it a month of a network.
START_SECONDS = 400.0
STOP_SECONDS = 60.0
_LOOK_SECONDS = 0.2


class NoDemoError(Exception):
    """There is no demo to ask; says why."""


def recall(file: Path) -> Demo | None:
    """The demo of this file, if it answers."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Demo)
        httpx.get(f"{found.base_url}/readyz", timeout=2, trust_env=False).raise_for_status()
    except (OSError, msgspec.MsgspecError, httpx.HTTPError):
        return None
    return found


@contextmanager
def own_demo(folder: Path = OWN_FOLDER) -> Iterator[Path]:
    """Run a demo of our own until the block ends; gives its file. Its data stay for the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    file, log = folder / "demo.json", folder / "demo.log"
    written_before = file.stat().st_mtime_ns if file.exists() else None
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {"PORTAL_DATA_DIR": str(folder.absolute()), "PORTAL_PORT": str(_free_port())}
    with log.open("wb") as said:
        child = subprocess.Popen((sys.executable, "-m", "app.cli", "demo"), env=environment, stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + START_SECONDS
        # It writes the file when everything runs and its network has a past.
        while not file.exists() or file.stat().st_mtime_ns == written_before:
            if child.poll() is not None or time.monotonic() > deadline:
                raise NoDemoError(f"the demo did not start; it said: {log.read_text(errors='replace')[-800:]}")
            time.sleep(_LOOK_SECONDS)
        yield file
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
