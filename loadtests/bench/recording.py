"""The rows our writers write, recorded batch by batch, and the same rows written raw: the limit of writing.

Raw means: the rows are in memory, one connection as superuser (so without row-level security), one
transaction a batch as ours has it, upserts by unnest into the same tables with the same indexes, COPY
where rows are only added. Checkpoints, sequences, duplicates' and states' look-ups are left out: they
are our business, not the rows'.
"""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec

from loadtests.bench.results import Round
from projections import checkpoint
from projections.database import DatabaseRole, Pool
from projections.intake import store as intake_store
from projections.store import ORDERS, SHIPMENTS

# The first statement of each of our transactions.
_BEGINNINGS = frozenset({checkpoint.SQL["move"], intake_store.SQL["lock"]})
_AS_IT_IS = frozenset(
    {
        *(sql[name] for sql in (SHIPMENTS, ORDERS) for name in ("save_states", "save_views", "remove_views")),
        checkpoint.SQL["forget_references"],
    }
)


class Copy(msgspec.Struct, frozen=True):
    """Rows that are only added to a table."""

    schema: str
    table: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]] = ()


class Statement(msgspec.Struct, frozen=True):
    sql: str
    arguments: tuple[Any, ...]


_COPIED = {
    checkpoint.SQL["show_references"]: Copy(
        "portal", "reference", ("tenant", "value", "type", "carrier", "subject_id")
    ),
    checkpoint.SQL["record_changes"]: Copy(
        "portal", "change", ("tenant", "sequence", "subject_id", "version", "status", "changed_at", "raised")
    ),
    intake_store.SQL["remember_keys"]: Copy("log", "event_key", ("key", "fingerprint")),
    intake_store.SQL["register"]: Copy("log", "correlation", ("scope", "type", "value", "subject_id", "tenant")),
}

Batch = list[Statement | Copy]


class Recording:
    """What was written, one entry a transaction."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def begin(self, sql: str) -> None:
        if sql in _BEGINNINGS:
            self.batches.append([])

    def execute(self, sql: str, arguments: tuple[Any, ...]) -> None:
        if sql in _AS_IT_IS:
            self.batches[-1].append(Statement(sql, tuple(list(column) for column in arguments)))
        elif known := _COPIED.get(sql):
            rows = list(zip(*arguments, strict=True))
            self.batches[-1].append(Copy(known.schema, known.table, known.columns, rows))

    def copy(self, schema: str, table: str, columns: Iterable[str], rows: Sequence[Sequence[Any]]) -> None:
        self.batches[-1].append(Copy(schema, table, tuple(columns), rows))

    @asynccontextmanager
    async def pool(self, url: str) -> AsyncIterator[Pool]:
        """A pool like our writers' whose connections record what goes through them."""
        settings = {"role": DatabaseRole.PROJECTOR.value, "search_path": "portal, log"}
        async with asyncpg.create_pool(
            url, min_size=1, max_size=4, server_settings=settings, connection_class=_connections_into(self)
        ) as pool:
            yield pool


def _connections_into(recording: Recording) -> type["asyncpg.Connection[asyncpg.Record]"]:
    class RecordingConnection(asyncpg.Connection):
        async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ANN401, ASYNC109
            recording.execute(query, args)
            return await super().execute(query, *args, timeout=timeout)

        async def fetch(self, query: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401
            recording.begin(query)
            return await super().fetch(query, *args, **options)

        async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401
            recording.begin(query)
            return await super().fetchval(query, *args, **options)

        async def copy_records_to_table(self, table_name: str, **options: Any) -> str:  # noqa: ANN401
            recording.copy(options["schema_name"], table_name, options["columns"], options["records"])
            return await super().copy_records_to_table(table_name, **options)

    return RecordingConnection


async def write_raw(url: str, batches: Sequence[Batch], events: int) -> Round:
    """Write recorded batches, as fast as that goes, and say how long it took."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "portal, log"})
    try:
        started, cpu = time.perf_counter(), time.process_time()
        for batch in batches:
            async with connection.transaction():
                for write in batch:
                    await _write(connection, write)
        return Round(events, time.perf_counter() - started, time.process_time() - cpu)
    finally:
        await connection.close()


async def _write(connection: "asyncpg.Connection[asyncpg.Record]", write: Statement | Copy) -> None:
    if isinstance(write, Statement):
        await connection.execute(write.sql, *write.arguments)
    else:
        await connection.copy_records_to_table(
            write.table, schema_name=write.schema, columns=write.columns, records=write.rows
        )
