"""One call for all that is asked for in one turn of the event loop, and one flight for one key."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Gather(Generic[K, V]):
    """Collects keys until the loop's next turn, then fetches them in one call.

    A key that is asked for while its fetch is under way joins that fetch. A failed fetch fails all that
    wait for it with the same error.
    """

    def __init__(self, fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._fetch = fetch
        self._flights: dict[K, asyncio.Future[V | None]] = {}
        self._waiting: list[K] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, key: K) -> V | None:
        """The value of a key, or None when there is none."""
        flight = self._flights.get(key)
        if flight is None:
            loop = asyncio.get_running_loop()
            flight = self._flights[key] = loop.create_future()
            if not self._waiting:
                loop.call_soon(self._depart)
            self._waiting.append(key)
        # Shielded: one caller that hangs up must not cancel what others wait for.
        return await asyncio.shield(flight)

    def _depart(self) -> None:
        keys, self._waiting = self._waiting, []
        task = asyncio.ensure_future(self._fly(keys))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fly(self, keys: Sequence[K]) -> None:
        try:
            found = await self._fetch(keys)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            for key in keys:
                flight = self._flights.pop(key)
                if not flight.done():
                    flight.set_exception(error)
                    # Everyone may have hung up; then nobody retrieves it, and that is fine.
                    flight.exception()
            return
        for key in keys:
            flight = self._flights.pop(key)
            if not flight.done():
                flight.set_result(found.get(key))
