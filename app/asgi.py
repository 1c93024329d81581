"""The ASGI application a server runs: `app.asgi:create_app` is its factory."""

import asyncio
import signal
from contextlib import AsyncExitStack
from types import FrameType

import structlog

from app import cycles, settings, telemetry
from app.composition import served
from app.edge import AsgiApp, Receive, Scope, Send
from app.live.feed import ChangeFeed
from app.services import open_services
from app.settings import Settings

log = structlog.get_logger()


class Portal:
    """Opens its services when the server starts it and closes them when the server stops it."""

    def __init__(self, configured: Settings) -> None:
        self._settings = configured
        self._stack = AsyncExitStack()
        self._app: AsgiApp | None = None
        self._feed: ChangeFeed | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """The lifespan protocol (ASGI lifespan 2.0). A failed start names its reason and stops the server."""
        await receive()
        try:
            await self.open()
        except Exception as error:
            log.exception("service.not_started")
            await self.close()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        self._end_streams_when_told_to_stop()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def open(self) -> None:
        services = await self._stack.enter_async_context(open_services(self._settings))
        self._feed = services.feed
        self._app = served(services)
        cycles.look_seldom()

    def _end_streams_when_told_to_stop(self) -> None:
        """A server that stops waits for connections to end before it says so, and streams end only when told.

        The loop's own handler of the signal, the server's, is called all the same: it hears through the wake-up descriptor.
        """
        loop = asyncio.get_running_loop()

        def told(_number: int, _frame: FrameType | None) -> None:
            if self._feed is not None:
                loop.call_soon_threadsafe(self._feed.close)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, told)

    async def close(self) -> None:
        await self._stack.aclose()


def create_app() -> Portal:
    """For an ASGI server: settings from the environment."""
    configured = settings.load()
    telemetry.configure(configured.log_level, configured.log_format)
    return Portal(configured)
