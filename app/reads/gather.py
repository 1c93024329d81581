"""One call for all that is asked for while others are under way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

# One to be answered while the next is asked. More would be smaller ones, and cost more together.
CALLS_MAX = 2


class Gather(Generic[K, V]):
    """Collects keys until the loop's next turn, or until one of the calls under way is back; fetches them in one call.

    A call holds only what was asked for before it began, so an answer is never older than its question. A failed
    call fails all that wait for it with the same error.
    """

    def __init__(self, fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._fetch = fetch
        self._free = CALLS_MAX
        self._departing = False
        # A future for each who asks: one that hangs up takes nobody along.
        self._waiting: dict[K, list[asyncio.Future[V | None]]] = {}
        self._calls: set[asyncio.Task[None]] = set()

    async def get(self, key: K) -> V | None:
        """The value of a key, or None when there is none."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[V | None] = loop.create_future()
        others = self._waiting.get(key)
        if others is None:
            self._waiting[key] = [mine]
        else:
            others.append(mine)
        if self._free and not self._departing:
            self._departing = True
            loop.call_soon(self._depart)
        return await mine

    def _depart(self) -> None:
        self._departing = False
        self._free -= 1
        aboard, self._waiting = self._waiting, {}
        call = asyncio.ensure_future(self._call(aboard))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, aboard: Mapping[K, Sequence[asyncio.Future[V | None]]]) -> None:
        try:
            found = await self._fetch(list(aboard))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            for future in _patient(aboard.values()):
                future.set_exception(error)
        else:
            for key, futures in aboard.items():
                for future in _patient([futures]):
                    future.set_result(found.get(key))
        finally:
            self._free += 1
            if self._waiting and not self._departing:
                self._depart()


def _patient(groups: Iterable[Sequence[asyncio.Future[V | None]]]) -> Iterator[asyncio.Future[V | None]]:
    """The futures of those who have not hung up."""
    return (future for futures in groups for future in futures if not future.done())
