"""What can be followed: the root of the schema's subscriptions.

Each goes over the change feed, from a cursor or from now. What was asked for is checked when it is subscribed to, and by
the connection for as long as it goes on.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Annotated, Any, Final

import strawberry

from app.graphql.changes import position_in, source_of
from app.graphql.reading import Source
from app.graphql.refusals import refuse
from app.graphql.types.change import ExceptionRaised, OrderChange, ShipmentChange
from app.graphql.types.enums import ReasonCode
from app.graphql.types.fields import Info
from app.live.feed import LISTENERS_MAX, TooManyListenersError
from app.reads.changes import Change
from projections.subjects import is_order, is_shipment

IDS_MAX: Final = 200

Ids = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description=f"Only these, up to {IDS_MAX}; all when not given.")
]
Codes = Annotated[list[ReasonCode] | None, strawberry.argument(description="Only where one of these is among them.")]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Go on after this change: a cursor of any subscription or of `changes`. From now on when not given."
    ),
]


async def _followed(
    info: Info, scope: str, ids: list[strawberry.ID] | None, after: str | None, belongs: Callable[[Change], bool]
) -> AsyncGenerator[Source, None]:
    reading = info.context
    reading.require(scope)
    if ids is not None and len(ids) > IDS_MAX:
        raise refuse("BAD_USER_INPUT", f"ids: up to {IDS_MAX} at once.")
    wanted, principal = None if ids is None else frozenset(ids), reading.principal
    position = position_in(reading, after)
    try:
        async with (
            reading.reads.feed.listen(principal.client_id, principal.accounts, position) as listener,
            aclosing(listener.changes()) as changes,
        ):
            async for change in changes:
                if belongs(change) and (wanted is None or change.subject_id in wanted):
                    yield source_of(change, listener.position)
    except TooManyListenersError:
        words = f"This client has {LISTENERS_MAX} subscriptions here, as many as are allowed."
        raise refuse("TOO_MANY_SUBSCRIPTIONS", words) from None


def _shipment_changed(info: Info, ids: Ids = None, after: After = None) -> AsyncGenerator[Any, None]:
    return _followed(info, "shipments:read", ids, after, lambda change: is_shipment(change.subject_id))


def _order_changed(info: Info, ids: Ids = None, after: After = None) -> AsyncGenerator[Any, None]:
    return _followed(info, "orders:read", ids, after, lambda change: is_order(change.subject_id))


def _exception_raised(
    info: Info, codes: Codes = None, ids: Ids = None, after: After = None
) -> AsyncGenerator[Any, None]:
    wanted = None if codes is None else frozenset(codes)

    def belongs(change: Change) -> bool:
        return bool(change.raised) and (wanted is None or not wanted.isdisjoint(change.raised))

    return _followed(info, "shipments:read", ids, after, belongs)


@strawberry.type(
    description="What can be followed as it happens, over graphql-transport-ws or Server-Sent Events. Each change comes"
    " once, an account's in order; after a broken connection go on from the last cursor."
)
class Subscription:
    shipment_changed: AsyncGenerator[ShipmentChange, None] = strawberry.subscription(
        resolver=_shipment_changed, description="Shipments as they change. Takes the scope `shipments:read`."
    )
    order_changed: AsyncGenerator[OrderChange, None] = strawberry.subscription(
        resolver=_order_changed, description="Orders as they change. Takes the scope `orders:read`."
    )
    exception_raised: AsyncGenerator[ExceptionRaised, None] = strawberry.subscription(
        resolver=_exception_raised,
        description="Problems and delays as they arise. Takes the scope `shipments:read`.",
    )
