"""The projector's bounded memory of states: the least recently used go first."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from projections.folding import Remembered
from projections.order_view.state import OrderState
from projections.shipment_view.state import ShipmentState

S = TypeVar("S", ShipmentState, OrderState)


class StateMemory(Generic[S]):
    """States by subject id, at most so many bytes of them, as stored, between batches.

    Valid only while the partitions are leased: nobody else writes these states. Those kept last are never
    forgotten, however many: they are still being committed when the next batch asks for them.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._states: dict[str, Remembered[S]] = {}
        self._bytes = 0

    def clear(self) -> None:
        self._states.clear()
        self._bytes = 0

    async def recall(
        self, ids: Iterable[str], load: Callable[[Sequence[str]], Awaitable[Mapping[str, Remembered[S]]]]
    ) -> dict[str, Remembered[S]]:
        """The states of these subjects, loading those not in memory; those never seen are missing."""
        found, missing = {}, []
        for subject_id in ids:
            remembered = self._states.pop(subject_id, None)
            if remembered is None:
                missing.append(subject_id)
            else:
                self._bytes -= remembered.stored_bytes
                found[subject_id] = remembered
        if missing:
            found.update(await load(missing))
        return found

    def keep(self, states: Mapping[str, Remembered[S]]) -> None:
        """Remember these as the most recently used, and forget the oldest others down to the bound."""
        self._states.update(states)
        self._bytes += sum(remembered.stored_bytes for remembered in states.values())
        oldest = iter(list(self._states)[: len(self._states) - len(states)])
        while self._bytes > self._limit_bytes and (subject_id := next(oldest, None)) is not None:
            self._bytes -= self._states.pop(subject_id).stored_bytes

    def __len__(self) -> int:
        return len(self._states)
