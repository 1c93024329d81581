"""The change feed as GraphQL shows it: what each change looks like, and pages of them."""

from typing import Annotated, Any

import msgspec
import strawberry

from app.graphql.reading import Reading, Source
from app.graphql.refusals import refuse
from app.graphql.types.fields import Info
from app.reads.changes import Change, ChangePage, Position, cursor_of, position_of
from app.reads.cursors import BrokenCursorError
from auth.errors import Forbidden
from projections.subjects import is_shipment

PAGE_MAX = 200


def source_of(change: Change, position: Position) -> Source:
    """A change as the types of `types.change` show it, the position being the one after it."""
    return {
        "cursor": cursor_of(position),
        "tenant": change.tenant,
        "sequence": change.sequence,
        "id": change.subject_id,
        "shipment_id": change.subject_id,
        "order_id": change.subject_id,
        "status": change.status,
        "exceptions_raised": change.raised,
        "codes": change.raised,
        "changed_at": msgspec.to_builtins(change.changed_at),
    }


def position_in(reading: Reading, after: str | None) -> dict[str, int] | None:
    """The position a cursor means to this reader; None without one."""
    if after is None:
        return None
    try:
        return position_of(after, reading.principal.accounts)
    except BrokenCursorError as error:
        raise refuse("BROKEN_CURSOR", str(error)) from None


class ChangeListing:
    """The source of a ChangeConnection."""

    def __init__(self, reading: Reading, page: ChangePage, *, began_after_cursor: bool) -> None:
        self._reading = reading
        self._page = page
        self._began_after_cursor = began_after_cursor

    @property
    def nodes(self) -> list[Source]:
        scopes = self._reading.principal.scopes
        return [
            source_of(change, position)
            for change, position in self._page.changes
            if ("shipments:read" if is_shipment(change.subject_id) else "orders:read") in scopes
        ]

    @property
    def page_info(self) -> Source:
        nodes = self.nodes
        return {
            "has_next_page": not self._page.is_last,
            "has_previous_page": self._began_after_cursor,
            "start_cursor": nodes[0]["cursor"] if nodes else None,
            "end_cursor": cursor_of(self._page.position),
        }

    async def head_cursor(self) -> str:
        reading = self._reading
        return cursor_of(await reading.reads.changes.heads(reading.principal.accounts))


async def changes(
    info: Info,
    first: Annotated[int, strawberry.argument(description=f"How many, up to {PAGE_MAX}.")] = 50,
    after: Annotated[
        str | None,
        strawberry.argument(
            description="After this change: the cursor of one, an `endCursor`, or a `headCursor`."
            " From the first on when not given."
        ),
    ] = None,
) -> Any:  # noqa: ANN401 - the source of a ChangeConnection
    reading = info.context
    if reading.principal.scopes.isdisjoint({"shipments:read", "orders:read"}) or reading.principal.card is not None:
        raise Forbidden("shipments:read")
    if not 1 <= first <= PAGE_MAX:
        raise refuse("BAD_USER_INPUT", f"first: from 1 to {PAGE_MAX}.")
    position = position_in(reading, after) or dict.fromkeys(reading.principal.accounts, 0)
    page = await reading.reads.changes.page(position, first)
    return ChangeListing(reading, page, began_after_cursor=after is not None)
