"""What can be asked: the root of the schema."""

import asyncio
import inspect
from typing import Annotated, Any

import msgspec
import strawberry

from app.graphql import query_papers
from app.graphql.arguments import NODES_MAX, After, First, Id, Ids
from app.graphql.changes import changes
from app.graphql.listing import Listing, Wanted
from app.graphql.reading import Source
from app.graphql.refusals import refuse
from app.graphql.selecting import asked_of_list
from app.graphql.types.change import ChangeConnection
from app.graphql.types.common import Node
from app.graphql.types.connection import Connection, Page
from app.graphql.types.exception import OpenException
from app.graphql.types.fields import Info
from app.graphql.types.inputs import ListOrder, OrderFilter, ShipmentFilter
from app.graphql.types.match import Match
from app.graphql.types.order import Order
from app.graphql.types.papers import Document, Invoice
from app.graphql.types.shipment import Shipment
from app.graphql.types.viewer import Viewer
from app.reads.lists import Kind
from app.rest.query import LookupQuery, as_struct
from projections.references import ReferenceType
from projections.subjects import is_order

OrderBy = Annotated[ListOrder | None, strawberry.argument(description="In which order; the newest first by default.")]


def _viewer(info: Info) -> Any:  # noqa: ANN401 - the source of a Viewer
    source = msgspec.structs.asdict(info.context.principal)
    return source | {"scopes": sorted(info.context.principal.scopes)}


def _node(info: Info, id: Id) -> Any:  # noqa: A002, ANN401 - the argument's name; the source of a Node
    return info.context.node(id)


async def _nodes(info: Info, ids: Ids) -> Any:  # noqa: ANN401 - sources of Nodes
    if len(ids) > NODES_MAX:
        raise refuse("BAD_USER_INPUT", f"ids: up to {NODES_MAX} at once.")
    found = [info.context.node(one) for one in ids]
    return await asyncio.gather(*(one if inspect.isawaitable(one) else _ready(one) for one in found))


async def _ready(source: Source | None) -> Source | None:
    return source


def _shipment(info: Info, id: Id) -> Any:  # noqa: A002, ANN401 - as above
    return info.context.document("shipment", id)


def _order(info: Info, id: Id) -> Any:  # noqa: A002, ANN401 - as above
    return info.context.document("order", id)


async def _shipments(
    info: Info,
    first: First = 50,
    after: After = None,
    filter: Annotated[ShipmentFilter | None, strawberry.argument(description="Which of them.")] = None,  # noqa: A002 - the argument's name
    order_by: OrderBy = None,
) -> Any:  # noqa: ANN401 - the source of a Connection
    return await _listing(info, "shipment", first, after, filter, order_by)


async def _orders(
    info: Info,
    first: First = 50,
    after: After = None,
    filter: Annotated[OrderFilter | None, strawberry.argument(description="Which of them.")] = None,  # noqa: A002 - as above
    order_by: OrderBy = None,
) -> Any:  # noqa: ANN401 - as above
    return await _listing(info, "order", first, after, filter, order_by)


async def _listing(
    info: Info,
    kind: Kind,
    first: int,
    after: str | None,
    narrowed: ShipmentFilter | OrderFilter | None,
    order_by: ListOrder | None,
) -> Listing:
    raw = info._raw_info  # noqa: SLF001 - what Strawberry offers instead follows every fragment anew
    whole, counted = asked_of_list(kind, raw.field_nodes, raw.fragments)
    wanted = Wanted(
        kind=kind, first=first, after=after, filter=narrowed, order_by=order_by, whole=whole, counted=counted
    )
    return await Listing.read(info.context, wanted)


async def _lookup(
    info: Info,
    reference: Annotated[str, strawberry.argument(description="Any identifier, as it is printed on the paper.")],
    type: Annotated[ReferenceType | None, strawberry.argument(description="Only identifiers of this type.")] = None,  # noqa: A002 - the argument's name
) -> Any:  # noqa: ANN401 - sources of Matches
    info.context.require("shipments:read")
    query = as_struct({"reference": reference}, LookupQuery)
    found = await info.context.look_up(query.reference, type.value if type else None)
    return [
        {"matched": msgspec.to_builtins(match.reference), "order" if is_order(match.subject_id) else "shipment": source}
        for match, source in found
    ]


@strawberry.type(description="What can be asked. Everything is what the token's accounts may see, and nothing else.")
class Query:
    viewer: Viewer = strawberry.field(resolver=_viewer, description="Who asks.")
    node: Node | None = strawberry.field(
        resolver=_node, description="What has this id: a shipment, an order, a document or an invoice."
    )
    nodes: list[Node | None] | None = strawberry.field(
        resolver=_nodes, description="Several of them, in the order of their ids."
    )
    shipment: Shipment | None = strawberry.field(
        resolver=_shipment, description="One shipment. Takes the scope `shipments:read`."
    )
    order: Order | None = strawberry.field(resolver=_order, description="One order. Takes the scope `orders:read`.")
    shipments: Connection[Shipment] | None = strawberry.field(
        resolver=_shipments, description="Your shipments, the newest first. Takes the scope `shipments:read`."
    )
    orders: Connection[Order] | None = strawberry.field(
        resolver=_orders, description="Your orders, the newest first. Takes the scope `orders:read`."
    )
    exceptions: Page[OpenException] | None = strawberry.field(
        resolver=query_papers.exceptions,
        description="What is wrong with your shipments now: open problems and delays, the newest first."
        " Takes the scope `shipments:read`.",
    )
    document: Document | None = strawberry.field(
        resolver=query_papers.document, description="One document. Takes the scope `documents:read`."
    )
    invoice: Invoice | None = strawberry.field(
        resolver=query_papers.invoice, description="One invoice. Takes the scope `invoices:read`, and to be who pays."
    )
    invoices: Page[Invoice] | None = strawberry.field(
        resolver=query_papers.invoices,
        description="Your invoices, the newest first. Takes the scope `invoices:read`, and to be who pays.",
    )
    lookup: list[Match] | None = strawberry.field(
        resolver=_lookup,
        description="What any identifier names: an order or PO number, a tracking or PRO number, an SSCC, …"
        " Takes the scope `shipments:read`; orders are found with `orders:read`.",
    )
    changes: ChangeConnection | None = strawberry.field(
        resolver=changes,
        description="What changed, in order and without gaps, the oldest first: read on from where you were."
        " Shows shipments with the scope `shipments:read` and orders with `orders:read`.",
    )
