"""What changed, in each tenant's own gapless order: pages after a position, and positions as cursors.

A position has a sequence for each tenant it is of. As a cursor it is opaque, bound to those tenants, and like those of
`cursors.py` neither a secret nor a permission: it only says where to go on among what the tenants may see anyway.
"""

import base64
import binascii
import heapq
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Annotated

import msgspec

from app.reads.cursors import BrokenCursorError, question_of
from app.reads.database import fetch
from app.reads.memory import Memory
from projections.database import Pool

Position = Mapping[str, int]


class Change(msgspec.Struct, frozen=True):
    """A shipment or order was shown anew; `status` None: it is shown no more. `raised`: problems that are new with it."""

    tenant: str
    sequence: int
    subject_id: str
    version: int
    status: str | None
    changed_at: datetime
    raised: tuple[str, ...]


class ChangePage(msgspec.Struct, frozen=True):
    """Changes, each with the position after it, and where to go on."""

    changes: Sequence[tuple[Change, Position]]
    position: Position
    is_last: bool


class Changes:
    """The feed as it is stored."""

    def __init__(self, pool: Pool, memory: Memory) -> None:
        self._pool = pool
        self._memory = memory

    async def after(self, position: Position, each: int) -> list[Change]:
        """What follows, of each tenant so many at most, each tenant's in order. Raises ReadsUnavailableError."""
        rows = await fetch(self._pool, "changes_after", list(position), list(position.values()), each)
        changes = [msgspec.convert(dict(row) | {"raised": row["raised"].split()}, Change) for row in rows]
        for one in changes:
            # A document read because of the change must not be older than it.
            self._memory.learn((one.tenant, one.subject_id), one.version)
        return changes

    async def heads(self, tenants: Sequence[str]) -> dict[str, int]:
        """How far the tenants' feeds are now. Raises ReadsUnavailableError."""
        return {row["tenant"]: row["sequence"] for row in await fetch(self._pool, "change_heads", list(tenants))}

    async def page(self, position: Position, limit: int) -> ChangePage:
        """So many at most over all tenants. Raises ReadsUnavailableError."""
        found = await self.after(position, limit + 1)
        own = [[one for one in found if one.tenant == tenant] for tenant in position]
        rows = list(islice(heapq.merge(*own, key=lambda one: one.changed_at), limit))
        placed, now = [], dict(position)
        for one in rows:
            now[one.tenant] = one.sequence
            placed.append((one, dict(now)))
        return ChangePage(placed, now, is_last=len(found) == len(rows))


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A sequence for each of these tenants, in the order of their names."""

    tenants: bytes
    sequences: tuple[Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)], ...]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Cursor)
CURSOR_CHARACTERS_MAX = 4_096


def cursor_of(position: Position) -> str:
    """The position as clients are given it."""
    names = sorted(position)
    cursor = _Cursor(_whose(names), tuple(position[name] for name in names))
    return base64.urlsafe_b64encode(_ENCODER.encode(cursor)).decode().rstrip("=")


def position_of(cursor: str, tenants: Sequence[str]) -> dict[str, int]:
    """The position, if it is one of exactly these tenants. Raises BrokenCursorError."""
    try:
        padded = cursor[:CURSOR_CHARACTERS_MAX] + "=" * (-len(cursor) % 4)
        found = _DECODER.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError, msgspec.DecodeError) as error:
        raise BrokenCursorError("This is not a cursor of this service.") from error
    names = sorted(tenants)
    if found.tenants != _whose(names) or len(found.sequences) != len(names):
        raise BrokenCursorError("This cursor belongs to another feed: of other accounts.")
    return dict(zip(names, found.sequences, strict=True))


def _whose(names: Sequence[str]) -> bytes:
    return question_of("changes", names)
