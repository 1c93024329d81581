"""How patient we are with an upstream, and how long to wait before asking again."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """`timeout_seconds` bounds one try, `deadline_seconds` all tries of one question with the waits between them.

    An upstream that asks for a longer wait than `most_wait_seconds` is left alone: whoever asks comes back later.
    """

    attempts: int = 5
    timeout_seconds: float = 10.0
    deadline_seconds: float = 120.0
    backoff_seconds: float = 0.5
    most_wait_seconds: float = 30.0
    most_bytes: int = 16_777_216

    def backoff(self, attempt: int) -> float:
        """How long to wait after the attempt of this number, 1 being the first: exponential, with full jitter."""
        return random.uniform(0, min(self.most_wait_seconds, self.backoff_seconds * 2 ** (attempt - 1)))  # noqa: S311


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds a Retry-After header asks for, as seconds or as a date (RFC 9110, 10.2.3); None when it says nothing."""
    if value is None:
        return None
    if value.strip().isdecimal() and value.isascii():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
