"""Waiting between two rounds of what goes on until it is told to stop."""

import asyncio


async def pause(wanted: asyncio.Event, seconds: float) -> None:
    """Return once the event is set, at the latest after so many seconds. Cancelled, it always ends so.

    Python 3.11's `asyncio.wait_for` loses a cancellation that arrives in the turn in which the event is set.
    """
    try:
        async with asyncio.timeout(seconds):
            await wanted.wait()
    except TimeoutError:
        return
