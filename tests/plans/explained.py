"""What a statement touches, as auto_explain tells it: of the real function, with the plans of its inner statements."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import asyncpg
import msgspec

from app.reads.database import SQL
from projections.database import Connection, DatabaseRole

# Told of every statement, however quick, and told to us instead of to a log (PostgreSQL 18, F.3).
_TELLING = {
    "log_min_duration": "0",
    "log_analyze": "on",
    "log_buffers": "on",
    "log_nested_statements": "on",
    "log_timing": "off",
    "log_format": "json",
    "log_level": "info",
}
_FUNCTION = re.compile(r"select [\w*, ]+ from (\w+)\(")
_PARAMETERS = """
select proargnames[:pronargs] from pg_proc where proname = $1 and pronamespace = 'portal'::regnamespace
"""


class Touched(NamedTuple):
    """Rows that scans came across, kept or not; buffers they came from, those of indexes too; which scans."""

    returned: int
    rows: int
    buffers: int
    scans: str


class Explainer:
    """A connection that hears what each of its statements did."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._plans: list[Mapping[str, Any]] = []
        connection.add_log_listener(lambda _, message: self._hear(message.message))

    def _hear(self, message: str) -> None:
        _, _, plan = message.partition("plan:\n")
        if plan:
            self._plans.append(msgspec.json.decode(plan)["Plan"])

    async def ask(self, statement: str, values: Mapping[str, object], plan_cache_mode: str) -> Touched:
        """Ask a statement of `app/reads/queries.sql`, by its function's parameters; null where not given."""
        await self._connection.execute(f"set plan_cache_mode = {plan_cache_mode}")
        text = SQL[statement]
        arguments = await self._arguments(text, values)
        # The first time also reads about tables, from catalogues.
        await self._connection.fetch(text, *arguments)
        self._plans.clear()
        returned = await self._connection.fetch(text, *arguments)
        scans = [node for plan in self._plans for node in _nodes(plan) if "Relation Name" in node]
        # The last to end is the outermost statement, whose buffers are those of all within it.
        whole = self._plans[-1]
        return Touched(
            returned=len(returned),
            rows=round(sum(map(_rows, scans))),
            buffers=whole["Shared Hit Blocks"] + whole["Shared Read Blocks"],
            scans=", ".join(f"{node['Node Type']} {node.get('Index Name', node['Relation Name'])}" for node in scans),
        )

    async def _arguments(self, text: str, values: Mapping[str, object]) -> list[object]:
        function = _FUNCTION.match(text)
        assert function, text
        names: list[str] = await self._connection.fetchval(_PARAMETERS, function[1])
        assert values.keys() <= set(names), f"{function[1]} has no {values.keys() - set(names)}"
        return [values.get(name) for name in names]


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _rows(scan: Mapping[str, Any]) -> float:
    dropped = scan.get("Rows Removed by Filter", 0) + scan.get("Rows Removed by Index Recheck", 0)
    return float((scan["Actual Rows"] + dropped) * scan["Actual Loops"])


@asynccontextmanager
async def explaining(database_url: str) -> AsyncIterator[Explainer]:
    """A connection that acts in the role of reads, and so behind row-level security."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("load 'auto_explain'")
        for name, value in _TELLING.items():
            await connection.execute(f"set auto_explain.{name} = {value}")
        await connection.execute(f"set search_path = portal, log; set role {DatabaseRole.APP}")
        yield Explainer(connection)
    finally:
        await connection.close()
