"""A page of a list, as the types of `types.connection` show it."""

import asyncio
import inspect
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import msgspec

from app.graphql.reading import Reading, Source
from app.reads.lists import Filters, Kind, Page, Row
from app.reads.path import is_at_risk
from projections.order_view.shapes import OrderSummary
from projections.shipment_view.shapes import ShipmentSummary
from projections.subjects import partition_of
from projections.words.translation import translate

# What a list's own lines hold; whoever asks for more is given whole documents.
SUMMARY: Final[dict[Kind, frozenset[str]]] = {
    "shipment": frozenset({*ShipmentSummary.__struct_fields__, "at_risk", "freshness"}),
    "order": frozenset({*OrderSummary.__struct_fields__, "freshness"}),
}
COUNT_MAX: Final = 10_000


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
        self.nodes: list[Source] = []

    async def read(self, *, whole: bool) -> "Listing":
        """Make the nodes: from the lines of the list, or from the documents, all read at once."""
        if not whole:
            self.nodes = self._summaries()
            return self
        found = [self._reading.document(self._kind, row.id) for row in self._page.rows]
        waiting = [one for one in found if inspect.isawaitable(one)]
        answers = iter(await asyncio.gather(*waiting))
        documents: list[Any] = [next(answers) if inspect.isawaitable(one) else one for one in found]
        # What was withdrawn since the list was read is not shown any more.
        shown = [(row, one) for row, one in zip(self._page.rows, documents, strict=True) if one is not None]
        self._rows, self.nodes = [row for row, _ in shown], [one for _, one in shown]
        return self

    def _summaries(self) -> list[Source]:
        words = {
            key: self._reading.words(partition_of(key[0]), key[1])
            for key in {(row.tenant, row.sources) for row in self._rows}
        }
        nodes = []
        for row in self._rows:
            self._reading.note(row.tenant, row.id)
            node: Source = msgspec.json.decode(translate(row.summary, self._reading.language))
            node["at_risk"] = is_at_risk(row.at_risk_from)
            node["freshness"] = words[row.tenant, row.sources]
            nodes.append(node)
        return nodes

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

    async def total_count(self) -> int:
        accounts = self._reading.principal.accounts
        return await self._reading.reads.lists.count(self._kind, accounts, self._filters, at_most=COUNT_MAX)
