"""What an adapter gave, in the form tests compare: kept apart from the adapters, which only give bytes."""

import json
from datetime import UTC, datetime

from projections.envelope import decode
from projections.event import Event
from projections.sources.adapter import CanonicalEvent, Ignored, Rejected

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def in_pieces(body, size=7):
    """The bytes as chunks that fit nothing."""
    return [body[start : start + size] for start in range(0, len(body), size)]


def bodies(taken):
    """The events, each checked to be one that intake takes."""
    found = [json.loads(one.body) for one in taken if isinstance(one, CanonicalEvent)]
    for one in taken:
        if isinstance(one, CanonicalEvent):
            assert isinstance(decode(one.body, NOW), Event)
    return found


def rejections(taken):
    return [one.rejection for one in taken if isinstance(one, Rejected)]


def ignored(taken):
    return [one.words for one in taken if isinstance(one, Ignored)]
