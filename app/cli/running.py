"""Running a long-lived role until a signal says stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import uvloop

from app import cycles, settings, telemetry
from app.settings import Settings

Role = Callable[[Settings, asyncio.Event], Awaitable[None]]


def run_role(role: Role) -> None:
    """Run a role with the settings of the environment; SIGTERM and Ctrl-C end it in order."""
    configured = settings.load()
    telemetry.configure(configured.log_level, configured.log_format)
    uvloop.run(_until_told(role, configured))


async def _until_told(role: Role, configured: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    cycles.look_seldom()
    await role(configured, stop)


def cancelled_by_signals() -> None:
    """From now on SIGTERM and Ctrl-C cancel the task that calls this: for what may end anywhere."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
