"""A page of a list, as the types of `types.connection` show it."""

import asyncio
import inspect
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import msgspec

from app.graphql.paging import refuse_size
from app.graphql.reading import Reading, Source
from app.graphql.types.connection import COUNT_MAX
from app.graphql.types.inputs import Direction, ListOrder, OrderFilter, ShipmentFilter, filters_of
from app.reads.lists import Filters, Kind, Page, Row
from app.reads.path import is_at_risk
from projections.subjects import partition_of
from projections.words.translation import translate


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What of which list: as its arguments say, and what is asked of it. `line` decodes a line to what is needed of it."""

    kind: Kind
    first: int
    after: str | None
    filter: ShipmentFilter | OrderFilter | None
    order_by: ListOrder | None
    whole: bool
    counted: bool
    line: Callable[[bytes], Any] | None = None


class Listing:
    """The source of a connection: its attributes are the connection's fields."""

    def __init__(
        self, reading: Reading, kind: Kind, filters: Filters, page: Page[Row], *, began_after_cursor: bool
    ) -> None:
        self._reading = reading
        self._kind = kind
        self._filters = filters
        self._page = page
        self._began_after_cursor = began_after_cursor
        self._rows: Sequence[Row] = page.rows
        self.nodes: list[Any] = []
        # None: it was not asked for.
        self.total_count: int | None = None

    @classmethod
    async def read(cls, reading: Reading, wanted: "Wanted") -> "Listing":
        """The page that is wanted. Raises what is refused."""
        reading.require(f"{wanted.kind}s:read")
        refuse_size(wanted.first)
        filters = filters_of(wanted.filter)
        newest_first = wanted.order_by is None or wanted.order_by.direction is Direction.DESC
        page = await reading.page(
            wanted.kind, filters, newest_first=newest_first, limit=wanted.first, cursor=wanted.after
        )
        listing = cls(reading, wanted.kind, filters, page, began_after_cursor=wanted.after is not None)
        if wanted.whole:
            await listing._read_documents()
        else:
            listing._read_lines(wanted.line)
        if wanted.counted:
            await listing._count()
        return listing

    async def _read_documents(self) -> None:
        """Make the nodes from documents, all read at once."""
        found = [self._reading.document(self._kind, row.id) for row in self._page.rows]
        waiting = [one for one in found if inspect.isawaitable(one)]
        answers = iter(await asyncio.gather(*waiting))
        documents: list[Any] = [next(answers) if inspect.isawaitable(one) else one for one in found]
        # What was withdrawn since the list was read is not shown any more.
        shown = [(row, one) for row, one in zip(self._page.rows, documents, strict=True) if one is not None]
        self._rows, self.nodes = [row for row, _ in shown], [one for _, one in shown]

    def _read_lines(self, line: Callable[[bytes], Any] | None) -> None:
        """Make the nodes from the lines of the list."""
        if line is not None:
            for row in self._rows:
                self._reading.note(row.tenant, row.id)
            self.nodes = [line(translate(row.summary, self._reading.language)) for row in self._rows]
            return
        words = {
            key: self._reading.words(partition_of(key[0]), key[1])
            for key in {(row.tenant, row.sources) for row in self._rows}
        }
        for row in self._rows:
            self._reading.note(row.tenant, row.id)
            node: Source = msgspec.json.decode(translate(row.summary, self._reading.language))
            node["at_risk"] = is_at_risk(row.at_risk_from)
            node["freshness"] = words[row.tenant, row.sources]
            self.nodes.append(node)

    @cached_property
    def edges(self) -> list[Source]:
        return [
            {"cursor": self._page.cursor_of(row), "node": node}
            for row, node in zip(self._rows, self.nodes, strict=True)
        ]

    @property
    def page_info(self) -> Source:
        rows = self._page.rows
        return {
            "has_next_page": self._page.next_cursor is not None,
            "has_previous_page": self._began_after_cursor,
            "start_cursor": self._page.cursor_of(rows[0]) if rows else None,
            "end_cursor": self._page.cursor_of(rows[-1]) if rows else None,
        }

    @property
    def freshness(self) -> Source:
        return self._reading.freshness_of_list({(row.tenant, row.sources): None for row in self._page.rows})

    async def _count(self) -> None:
        accounts = self._reading.principal.accounts
        self.total_count = await self._reading.reads.lists.count(self._kind, accounts, self._filters, at_most=COUNT_MAX)
