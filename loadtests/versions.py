"""Which versions of what were shown, and whether one was shown again after a newer one. Knows versions by their ETags."""

from collections import defaultdict
from typing import NamedTuple


class Asked(NamedTuple):
    """A question, and the newest version that was known to its reader when it was asked."""

    key: str
    rank: int


class _History:
    def __init__(self) -> None:
        self.ranks: dict[str, int] = {}
        self.newest = 0


class Versions:
    """What a reader was shown."""

    def __init__(self) -> None:
        self._histories: defaultdict[str, _History] = defaultdict(_History)

    @property
    def count(self) -> int:
        return sum(len(history.ranks) for history in self._histories.values())

    def asked(self, key: str) -> Asked:
        return Asked(key, self._histories[key].newest)

    def answered(self, asked: Asked, etag: str) -> bool:
        """Note an answer; False when it is older than what was known when it was asked for."""
        history = self._histories[asked.key]
        rank = history.ranks.get(etag)
        if rank is None:
            # Two that were under way at once may have been answered in either order: they share a rank.
            rank = history.newest if history.newest > asked.rank else history.newest + 1
            history.ranks[etag] = rank
            history.newest = rank
        return rank >= asked.rank
