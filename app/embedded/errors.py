"""What can keep the embedded servers from running."""

INSTEAD = "set PORTAL_DATABASE_URL and PORTAL_REDIS_URL"


class EmbeddedUnavailable(RuntimeError):  # noqa: N818 - a state of this machine, named as callers read it
    """The embedded servers cannot run here, or not in this folder.

    The message is meant for the person at the terminal: it says what is missing or in the way and, where real
    servers would do instead, which settings to use.
    """
