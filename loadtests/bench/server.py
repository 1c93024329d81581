"""Granian as `portal serve` runs it, one worker on one core, for either side of a ratio.

Run as `python -m loadtests.bench.server TARGET CORE` with the service's settings in the environment;
ends when its standard input does.
"""

import os
import signal
import sys
import threading

from app import settings
from app.cli.roles import server_of


def serve(target: str, core: int) -> None:
    """Serve an application factory until told to stop."""
    # Whatever the server starts, its worker included, stays on this core with it.
    os.sched_setaffinity(0, {core})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = server_of(settings.load())
    server.target = target
    server.serve()


def _end_with_parent() -> None:
    """The parent holds the other end of our standard input: however it goes, so do we."""
    # Not sys.stdin: the worker is forked while we wait here, and would wait for its lock for ever.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
