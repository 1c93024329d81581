"""Not asking again at once what has just failed to answer. Pure but for the clock."""

import time
from collections.abc import Callable
from typing import Final

REST_SECONDS: Final = 1.0


class Breaker:
    """Lets one call at a time find out, at most once a second, whether a server that failed is back."""

    def __init__(self, *, rest_seconds: float = REST_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._failed_at: float | None = None

    def allows(self) -> bool:
        """Whether to call now. A call that is allowed after a failure holds the others back until it has ended."""
        if self._failed_at is None:
            return True
        if self._clock() - self._failed_at < self._rest_seconds:
            return False
        self._failed_at = self._clock()
        return True

    def failed(self) -> bool:
        """Take note of a failure; whether it is the first."""
        first = self._failed_at is None
        self._failed_at = self._clock()
        return first

    def worked(self) -> None:
        self._failed_at = None
