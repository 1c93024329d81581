"""The records an upstream has, and the pages it gives them in."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

MOST = 1_000
# Shipments that are no longer on their way.
ENDED = frozenset({"delivered", "closed"})


class Records:
    """Whatever JSON it was given, in that order: nothing here minds whether a record makes sense."""

    def __init__(self) -> None:
        self._records: dict[str, list[Any]] = {"invoices": [], "shipments": []}

    def replace(self, kind: str, records: list[Any]) -> None:
        self._records[kind] = records

    def one(self, kind: str, number: str) -> Any | None:  # noqa: ANN401 - any JSON
        return next((one for one in self._records[kind] if _member(one, "number") == number), None)

    def page(self, kind: str, asked: Mapping[str, str]) -> bytes:
        """The page asked for. Raises ValueError when the query makes no sense."""
        limit, start = min(int(asked.get("limit", "100")), MOST), int(asked.get("cursor", "0"))
        since = datetime.fromisoformat(asked["updated_since"]) if "updated_since" in asked else None
        found = [one for one in self._records[kind] if _changed(one, since) and _active(one, asked.get("state"))]
        following = start + limit
        items = found[start:following]
        return msgspec.json.encode({"items": items, "next_cursor": str(following) if following < len(found) else None})


def etag_of(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def _member(record: object, name: str) -> object:
    return record.get(name) if isinstance(record, dict) else None


def _changed(record: object, since: datetime | None) -> bool:
    """Records whose time makes no sense have always just changed."""
    if since is None:
        return True
    try:
        return datetime.fromisoformat(str(_member(record, "updated_at"))) >= since
    except (ValueError, TypeError):
        return True


def _active(record: object, state: str | None) -> bool:
    return state != "active" or _member(record, "state") not in ENDED
