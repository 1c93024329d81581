"""How often an address has failed to prove who it is."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from auth.addresses import network_of
from auth.limits.grammar import one_limit

ADDRESSES_MAX: Final = 10_000


class Failures:
    """Failed attempts by address, counted in this process, in windows that begin with the first.

    Not shared: to try a token costs a guesser a request either way, and a worker's memory cannot be away. Of more
    than `ADDRESSES_MAX` addresses, those first seen longest ago are forgotten.
    """

    def __init__(self, limit: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        item = one_limit(limit)
        self._amount = item.amount
        self._window_seconds = item.get_expiry()
        self._clock = clock
        self._counted: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_seconds(self, address: str) -> int:
        """How long this address has to wait before it may try again; 0 when it need not."""
        count, ends_at = self._counted.get(network_of(address), (0, 0.0))
        left = ends_at - self._clock()
        return int(left) + 1 if count >= self._amount and left > 0 else 0

    def count(self, address: str) -> None:
        """Take note of a failure."""
        network, now = network_of(address), self._clock()
        count, ends_at = self._counted.get(network, (0, 0.0))
        if ends_at <= now:
            count, ends_at = 0, now + self._window_seconds
            self._counted.pop(network, None)
        self._counted[network] = count + 1, ends_at
        if len(self._counted) > ADDRESSES_MAX:
            self._counted.popitem(last=False)
