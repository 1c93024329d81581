"""How much of a limit a worker may spend without asking: arithmetic only. Pure."""

from typing import Final

# A worker borrows this part of what is left. Less is left, less is borrowed, so that little lies idle in one worker
# when another runs out; and one window takes some hundred questions of Redis however large the limit is.
PART: Final = 32


class Lease:
    """What one worker has borrowed for one client of one window, out of what all workers share.

    Windows are fixed and follow from the clock: number `n` is [n * w + phase, (n + 1) * w + phase). So a new
    window needs no word from Redis, what was borrowed for an old one is worth nothing, and the sum of what
    workers may spend never exceeds the limit, as each window is counted under a key of its own.

    `left` may be spent until `ends_at` (unix seconds); below `low` it is time to borrow more. `shared` is what nobody
    had borrowed when this worker last asked.
    """

    __slots__ = ("_amount", "_phase", "_seconds", "_window", "ends_at", "left", "low", "shared")

    def __init__(self, amount: int, seconds: int, phase: int) -> None:
        self._amount = amount
        self._seconds = seconds
        self._phase = phase
        self._window = 0
        self.ends_at = 0
        self.left = 0
        self.low = 0
        self.shared = amount

    def window(self, now: float) -> int:
        """The number of the window, a new one begun if the last has ended."""
        if now >= self.ends_at:
            self._window = int((now - self._phase) // self._seconds)
            self.ends_at = (self._window + 1) * self._seconds + self._phase
            self.left = self.low = 0
            self.shared = self._amount
        return self._window

    def take(self, cost: int, now: float) -> bool:
        """Spend from what is borrowed, if it is enough."""
        if now >= self.ends_at or self.left < cost:
            return False
        self.left -= cost
        return True

    def holds(self, cost: int, now: float) -> bool:
        """Whether what is borrowed is enough."""
        return now < self.ends_at and self.left >= cost

    def ask(self, cost: int) -> int:
        """How much to borrow, so that at least `cost` can be paid."""
        return max(self.shared // PART, cost - self.left)

    def grant(self, window: int, asked: int, counted: int) -> None:
        """What was counted for all workers once `asked` was added: the part of it within the limit is borrowed."""
        if window == self._window:
            before = counted - asked
            self.left += max(0, min(asked, self._amount - before))
            self.shared = max(0, self._amount - counted)
            # Half of what the next question would be for; nothing, when there is no more to ask for.
            self.low = -(-self.shared // (2 * PART))
