"""The numbers systems give to things: readable, and never the same in two runs."""

import hashlib
from base64 import b32encode
from datetime import datetime

import msgspec

# So many numbers a story may draw before it would run into the next one's.
NUMBERS_A_STORY = 200
_SSCC_DIGITS = 17


class Run(msgspec.Struct, frozen=True):
    """One run of the simulator: `code` is part of every number and event id, `digits` where only digits are allowed."""

    code: str
    digits: int


def run_of(seed: int, tenants: int, start: datetime) -> Run:
    """The run's mark: the same for the same seed, tenants and start, another for any other."""
    digest = hashlib.blake2b(f"{seed}:{tenants}:{start.timestamp()}".encode(), digest_size=10).digest()
    return Run(b32encode(digest).decode()[:6], int.from_bytes(digest, "big"))


class Numbers:
    """The numbers of one story."""

    def __init__(self, run: Run, story: int) -> None:
        self.run = run
        self._next = story * NUMBERS_A_STORY

    def serial(self) -> int:
        self._next += 1
        return self._next

    def named(self, prefix: str) -> str:
        """A number such as `SO-K7QF2A-000423`."""
        return f"{prefix}-{self.run.code}-{self.serial():06d}"

    def pro(self) -> str:
        return f"{self.run.digits % 10**7:07d}-{self.serial():07d}"

    def tracking(self, scac: str) -> str:
        return f"{scac[:2]}{self.run.code}{self.serial():08d}"

    def sscc(self) -> str:
        """A serial shipping container code with its check digit (GS1 General Specifications, 7.9.1)."""
        digits = f"04{self.run.digits % 10**6:06d}{self.serial():09d}"
        total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
        return f"{digits}{-total % 10}"
