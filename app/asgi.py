"""The ASGI application a server runs: `app.asgi:create_app` is its factory."""

from contextlib import AsyncExitStack

import structlog

from app import cycles, settings, telemetry
from app.composition import open_services, served
from app.edge import AsgiApp, Receive, Scope, Send
from app.settings import Settings

log = structlog.get_logger()


class Portal:
    """Opens its services when the server starts it and closes them when the server stops it."""

    def __init__(self, configured: Settings) -> None:
        self._settings = configured
        self._stack = AsyncExitStack()
        self._app: AsgiApp | None = None

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
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def open(self) -> None:
        services = await self._stack.enter_async_context(open_services(self._settings))
        self._app = served(services)
        cycles.look_seldom()

    async def close(self) -> None:
        await self._stack.aclose()


def create_app() -> Portal:
    """For an ASGI server: settings from the environment."""
    configured = settings.load()
    telemetry.configure(configured.log_level, configured.log_format)
    return Portal(configured)
