"""A circuit breaker: who has failed so often is left in peace for a while (Nygard, Release It!, 2007)."""

import math
import time
from collections.abc import Callable


class Breaker:
    """Closed, open, or half open.

    After `failures` in a row it opens: `allows` is False for `cooldown_seconds`, then True once per cool-down, until a
    try succeeds. A try that is given up without a word so blocks nothing for longer than a cool-down.
    """

    def __init__(
        self, failures: int = 5, cooldown_seconds: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._cooldown_seconds = cooldown_seconds
        self._clock = clock
        self._failed = 0
        self._shut_until = -math.inf

    @property
    def wait_seconds(self) -> float:
        """How long until a try is allowed."""
        return max(0.0, self._shut_until - self._clock())

    def allows(self) -> bool:
        """Whether to ask now; while half open, True is one try's leave."""
        if self._failed < self._most:
            return True
        if self.wait_seconds:
            return False
        self._shut_until = self._clock() + self._cooldown_seconds
        return True

    def succeeded(self) -> None:
        self._failed = 0

    def failed(self) -> None:
        self._failed += 1
        if self._failed >= self._most:
            self._shut_until = self._clock() + self._cooldown_seconds
