"""Who types a command, for the audit log."""

import getpass
import os
import socket

from projections.audit import Actor


def operator(command: str) -> Actor:
    """Who sits at this terminal, and through which command they act, such as `portal replay`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container's user may have no name.
        user = f"uid-{os.getuid()}"
    return Actor(f"{user}@{socket.gethostname()}", command)
