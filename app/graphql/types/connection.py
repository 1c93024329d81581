"""Relay connections, forward, by keyset: a page costs the same however deep it lies."""

from typing import Generic, TypeVar

import strawberry

from app.graphql.listing import COUNT_MAX, Listing
from app.graphql.types.common import Freshness
from app.graphql.types.fields import plain

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = plain("Whether more follow.")
    has_previous_page: bool = plain("Whether it began after a cursor.")
    start_cursor: str | None = plain("The cursor of its first item.")
    end_cursor: str | None = plain("The cursor of its last item: give it as `after` for the next page.")


@strawberry.type(description="An item with its place in the list.")
class Edge(Generic[T]):
    cursor: str = plain("Its place: what follows it is asked for with `after`.")
    node: T = plain("The item.")


async def _total_count(root: Listing) -> int:
    return await root.total_count()


@strawberry.type(name="Connection", description="A page of a list.")
class Page(Generic[T]):
    nodes: list[T] = plain("The items.")
    edges: list[Edge[T]] = plain("The items with their cursors.")
    page_info: PageInfo = plain("Where the page stands in the list.")
    freshness: Freshness = plain("How fresh the page is.")


@strawberry.type(description="A page of a list that can be counted.")
class Connection(Page[T]):
    total_count: int = strawberry.field(
        resolver=_total_count,
        description=f"How many there are in all; {COUNT_MAX} stands for as many or more. Counted only when asked for.",
    )
