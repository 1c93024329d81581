"""What the projector and everything that folds anew read from the log."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile

import msgspec
from asyncpg import Record

from projections.checkpoint import SQL
from projections.database import Connection
from projections.envelope import decode_stored
from projections.event import Event
from projections.log.rows import LogRow

# Decoded, an event takes some seven times its bytes: a batch of the largest must fit in memory too.
BATCH_BYTES = 16 * 1_048_576


class LogBatch(msgspec.Struct, frozen=True):
    """The next rows, and what can be claimed of each partition once they are folded.

    `read_at` was taken before the read: a partition read to its end is complete up to then.
    """

    rows: Sequence[LogRow]
    read_at: datetime
    exhausted: bool


async def next_batch(connection: Connection, positions: Mapping[int, int], limit: int) -> LogBatch:
    """The rows after these positions, each partition's in order, at most `limit` in all."""
    read_at = await connection.fetchval(SQL["now"])
    records = await connection.fetch(SQL["next_batch"], list(positions), list(positions.values()), limit, BATCH_BYTES)
    rows = [
        LogRow(partition, position, recorded_at, subject_id, tenant, decode_stored(body, authority))
        for partition, position, recorded_at, subject_id, tenant, authority, body in takewhile(_has_body, records)
    ]
    return LogBatch(rows, read_at, len(rows) == len(records) < limit)


def _has_body(record: Record) -> bool:
    """False for the first row past the budget, and so for all that follow: none is passed over."""
    return record["body"] is not None


async def history(connection: Connection, up_to: Mapping[str, int]) -> dict[str, list[Event]]:
    """All events of each subject up to a position, oldest first."""
    events: defaultdict[str, list[Event]] = defaultdict(list)
    if up_to:
        for subject_id, _, _, authority, body in await connection.fetch(
            SQL["history"], list(up_to), list(up_to.values())
        ):
            events[subject_id].append(decode_stored(body, authority))
    return events
