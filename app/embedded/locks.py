"""File locks that die with their holders, so that a crash leaves nothing to clean up."""

import os
import sys
import time
from pathlib import Path

from app.embedded.account import open_private
from app.embedded.errors import EmbeddedUnavailable

if sys.platform != "win32":
    import fcntl

POLL_SECONDS = 0.02


def lock(path: Path, busy: str, *, wait_seconds: float = 0.0) -> int:
    """Take an exclusive lock on a file and return the descriptor that holds it.

    The lock belongs to the open file (flock(2)): every process that inherits the descriptor keeps it locked, and it
    is free once the last of them has closed it or died. Raises `EmbeddedUnavailable` with the words of `busy` when it
    is still held after `wait_seconds`.
    """
    descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
    deadline = time.monotonic() + wait_seconds
    while not _taken(descriptor):
        if time.monotonic() >= deadline:
            os.close(descriptor)
            raise EmbeddedUnavailable(busy)
        time.sleep(POLL_SECONDS)
    return descriptor


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
