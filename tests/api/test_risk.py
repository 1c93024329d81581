"""`at_risk`: what is served compares the stored instant with the time, on every rung and in every list."""

import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from projections.cache import Document, pack, unpack
from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import message, milestone, order_released, tms_shipment

PATH = f"/v1/shipments/{ladder.SHIPMENT}"
SOON, LATER = timedelta(hours=2), timedelta(days=20)


def planned(promised_in: timedelta | None) -> bytes:
    promised_at = datetime.now(UTC) + promised_in if promised_in else None
    data = {"about": tms_shipment(), "ship_to": {"city": "Kiel"}, "promised_at": promised_at, "lines": []}
    references = [{"type": "pro", "value": "PRO-S-1", "carrier": "ABFS"}]
    return message("shipment.planned.v1", data | {"references": references})


async def shown(service: Service, path: str = PATH) -> dict[str, Any]:
    answer = await service.get(path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(("promised_in", "at_risk"), [(SOON, True), (LATER, False), (None, False)])
async def test_a_shipment_says_whether_it_is_at_risk_now(service: Service, promised_in, at_risk):
    await service.take(order_released(), planned(promised_in))
    # From Redis or Postgres, then from memory.
    for _ in range(3):
        assert (await shown(service))["at_risk"] is at_risk
    assert (await shown(service, "/v1/shipments"))["items"][0]["at_risk"] is at_risk
    assert (await shown(service, "/v1/lookup?reference=PRO-S-1"))["items"][0]["shipment"]["at_risk"] is at_risk
    await service.redis.flushall()
    assert (await shown(service))["at_risk"] is at_risk


async def test_a_risk_ahead_is_said_with_its_reason(service: Service):
    await service.take(order_released(), planned(LATER))
    risk = (await shown(service))["risk"]
    assert datetime.fromisoformat(risk["at_risk_from"]) > datetime.now(UTC)
    assert risk["reason"]["code"] == "not_under_way"
    assert risk["reason"]["text"]


async def test_what_becomes_at_risk_as_time_passes_is_sent_to_who_asks_again(service: Service, monkeypatch):
    await service.take(order_released(), planned(LATER))
    first = await service.get(PATH)
    again = {"If-None-Match": first.headers["etag"]}
    assert (await service.get(PATH, headers=again)).status_code == 304
    afterwards = (datetime.now(UTC) + LATER).timestamp()
    monkeypatch.setattr("app.reads.path.time", SimpleNamespace(time=lambda: afterwards))
    second = await service.get(PATH, headers=again)
    assert (second.status_code, second.json()["at_risk"]) == (200, True)
    again = {"If-None-Match": second.headers["etag"]}
    assert (await service.get(PATH, headers=again)).status_code == 304


async def test_what_is_delivered_is_at_no_risk(service: Service):
    await service.take(order_released(), planned(SOON), milestone(code="delivered", hours=5))
    answer = await shown(service)
    assert (answer["at_risk"], answer["risk"]) == (False, None)


async def test_a_list_can_be_narrowed_to_what_is_at_risk(service: Service):
    await service.take(order_released(), planned(LATER))
    assert not (await shown(service, "/v1/shipments?at_risk=true"))["items"]
    assert len((await shown(service, "/v1/shipments?at_risk=false"))["items"]) == 1
    ladder.refused(await service.get("/v1/orders?at_risk=true"), 400, "unknown_parameter")


async def test_orders_have_no_such_member(world: Service):
    assert "at_risk" not in await shown(world, f"/v1/orders/{ladder.ORDER}")


@pytest.mark.parametrize("at_risk_from", [None, math.inf, 1_772_438_400.25])
def test_redis_keeps_from_when_a_document_is_at_risk(at_risk_from):
    document = Document(7, b"digest88", b"/tms/main", b"", b"{}", b"{}", at_risk_from)
    assert unpack(pack(document)) == document
