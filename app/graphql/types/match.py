"""What an identifier leads to."""

import strawberry

from app.graphql.types.common import Reference
from app.graphql.types.fields import plain
from app.graphql.types.order import Order
from app.graphql.types.shipment import Shipment


@strawberry.type(description="A shipment or an order found, and the identifier it was found by.")
class Match:
    matched: Reference = plain("What it was found by.")
    shipment: Shipment | None = plain("The shipment, if it is one.")
    order: Order | None = plain("The order, if it is one.")
