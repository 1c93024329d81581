"""Limits in words, as slowapi has them: "600/minute", "10 per 2 seconds"."""

from limits import RateLimitItem, parse_many


def one_limit(words: str) -> RateLimitItem:
    """The limit these words name; ValueError when they name none, or several."""
    items = parse_many(words)
    if len(items) != 1 or items[0].amount < 1:
        raise ValueError(f"{words!r} is not one limit")
    return items[0]
