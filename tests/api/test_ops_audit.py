"""`/v1/ops/audit`: who did what, and who read what, to operators alone."""

from typing import Any

from app.settings import Settings
from projections.audit.reading import WantedRows, audit_rows
from projections.database import DatabaseRole, Pool, open_pool
from projections.redis import Redis
from tests.api import ladder
from tests.api.test_ops import operator
from tests.fixtures_service import Service, running
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned

AUDIT = "/v1/ops/audit"


async def audited(service: Service, **params: Any) -> list[Any]:
    answer = await service.http.get(AUDIT, headers=await operator(service), params=params)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def read_by(service: Service, document: str, reads: int = 1) -> list[Any]:
    """The rows that say who read a document, once they say so many times."""
    await until(lambda: _read(service, document, reads))
    return await audited(service, target=document)


async def _read(service: Service, document: str, reads: int) -> bool:
    rows = await audited(service, target=document)
    return sum(row["detail"]["documents"][document] for row in rows) >= reads


async def test_whoever_reads_a_document_is_written_down(service: Service):
    await service.take(order_released(), shipment_planned())
    first = await service.get(f"/v1/shipments/{ladder.SHIPMENT}")
    again = {"If-None-Match": first.headers["etag"]}
    assert (await service.get(f"/v1/shipments/{ladder.SHIPMENT}", headers=again)).status_code == 304
    await service.get(f"/v1/shipments/{ladder.SHIPMENT}/milestones")
    rows = await read_by(service, ladder.SHIPMENT, 3)
    assert {(row["action"], row["tenant"], row["target"]) for row in rows} == {("read", "nordwind", "documents")}
    assert {row["client_id"] for row in rows} == {"nordwind-shipments-read-orders-read"}
    assert sum(row["detail"]["documents"][ladder.SHIPMENT] for row in rows) == 3


async def test_what_a_list_or_a_look_up_shows_is_read_too(service: Service):
    await service.take(order_released(), shipment_planned())
    await service.get("/v1/orders")
    await service.get("/v1/lookup", params={"reference": "PRO-S-1"})
    await read_by(service, ladder.ORDER)
    await read_by(service, ladder.SHIPMENT)


async def test_what_was_not_shown_was_not_read(service: Service):
    await service.take(order_released(), shipment_planned())
    await service.get(f"/v1/shipments/{ladder.SHIPMENT}", tenant="suedwind")
    await service.get(f"/v1/shipments/{ladder.SHIPMENT}", scopes=("orders:read",))
    # Orders are not mentioned without their scope.
    await service.get("/v1/lookup", params={"reference": "PO-SO-1"}, scopes=("shipments:read",))
    await service.get(f"/v1/orders/{ladder.ORDER}")
    await read_by(service, ladder.ORDER)
    assert await audited(service, target=ladder.SHIPMENT) == []
    assert len(await audited(service, action="read")) == 1


async def test_a_service_that_stops_in_order_writes_the_last_reads_down(
    settings: Settings, redis: Redis, projector_pool: Pool, database: str
):
    async with running(settings, redis, projector_pool) as service:
        await service.take(order_released(), shipment_planned())
        await service.get(f"/v1/shipments/{ladder.SHIPMENT}")
    async with await open_pool(database, DatabaseRole.OPS, connections=1) as pool:
        [row] = await audit_rows(pool, WantedRows(action="read"))
    assert row.detail["documents"] == {ladder.SHIPMENT: 1}


async def test_deeds_are_listed_the_newest_first_narrowed_and_paged(service: Service):
    await service.take(b"{", b"[", milestone())
    headers = await operator(service)
    for number in (1, 2):
        path = f"/v1/ops/quarantine/{number}/discard"
        assert (await service.http.post(path, headers=headers, json={"reason": f"noise {number}"})).status_code == 200
    newest, oldest = await audited(service)
    assert (newest["target"], newest["detail"]) == ("quarantine/2", {"because": "noise 2"})
    assert newest["at"] >= oldest["at"]
    narrowed: dict[str, Any]
    for narrowed, count in (
        ({"action": "quarantine."}, 2),
        ({"action": "held."}, 0),
        ({"target": "quarantine/1"}, 1),
        ({"actor": newest["actor"], "client_id": newest["client_id"]}, 2),
        ({"actor": "somebody"}, 0),
        ({"client_id": "x"}, 0),
        ({"tenant": "nordwind"}, 0),
        ({"since": newest["at"]}, 1),
        ({"until": newest["at"]}, 1),
    ):
        assert len(await audited(service, **narrowed)) == count, narrowed
    page = (await service.http.get(AUDIT, headers=headers, params={"limit": 1})).json()
    assert page["items"] == [newest]
    following = {"limit": 1, "cursor": page["next_cursor"]}
    assert (await service.http.get(AUDIT, headers=headers, params=following)).json() == {
        "items": [oldest],
        "next_cursor": None,
    }
    elsewhere = {"cursor": page["next_cursor"], "action": "quarantine."}
    ladder.refused(await service.http.get(AUDIT, headers=headers, params=elsewhere), 400, "broken_cursor")
