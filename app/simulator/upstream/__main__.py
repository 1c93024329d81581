"""`python -m app.simulator.upstream`: the simulated upstreams on loopback, until stopped."""

import granian
import rich_click as click
from granian.constants import Interfaces


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=9_100, show_default=True, help="Where to listen.")
def serve(port: int) -> None:
    """Stand for an ERP, a TMS and carriers, on 127.0.0.1.

    \b
    Examples:
      python -m app.simulator.upstream --port 9100
    """  # noqa: D301 - click takes the backslash-b as its mark for lines not to be wrapped
    granian.Granian(
        "app.simulator.upstream.app:create_app",
        factory=True,
        interface=Interfaces.ASGI,
        address="127.0.0.1",
        port=port,
        # A cut connection is an error to the server, and what we were told to do.
        log_enabled=False,
        workers_kill_timeout=1,
    ).serve()


if __name__ == "__main__":
    serve()
