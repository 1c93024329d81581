"""Subscriptions over graphql-transport-ws: each change once, in order, of one's own accounts alone."""

import pytest

from tests.api import ladder
from tests.fixtures_service import READ, Service
from tests.messages import exception_raised, milestone, order_released, shipment_planned
from tests.streaming import connected, greeted, subscribed

SHIPMENTS = """subscription ($after: String, $ids: [ID!]) {
  shipmentChanged(after: $after, ids: $ids) { cursor tenant sequence shipmentId status shipment { id status phase } } }"""


async def test_a_change_is_told_with_the_document_it_led_to(service: Service):
    async with greeted(service) as socket:
        await subscribed(service, socket, SHIPMENTS)
        await service.take(order_released(), shipment_planned())
        told = (await socket.result())["shipmentChanged"]
        assert (told["tenant"], told["shipmentId"], told["status"]) == ("nordwind", ladder.SHIPMENT, "PLANNED")
        assert told["shipment"] == {"id": ladder.SHIPMENT, "status": "PLANNED", "phase": "PLANNED"}
