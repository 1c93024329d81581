"""`GET /v1/shipments/{id}`: the ladder of every endpoint, and what a shipment says."""

from tests.fixtures_service import Service
from tests.messages import milestone, order_released, shipment_planned

MISSING = "/v1/shipments/shp_aaaaaaaaaaaaaaaaaaaaaaaa"


async def planned(service: Service) -> str:
    """Take in a shipment of nordwind and return its path."""
    await service.take(order_released(), shipment_planned(), milestone(hours=5))
    listed = await service.http.get("/v1/shipments", headers=await service.headers())
    return f"/v1/shipments/{listed.json()['items'][0]['id']}"


async def test_an_anonymous_caller_is_told_to_bring_a_token(service: Service):
    answer = await service.http.get(MISSING)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "missing_token"


async def test_a_shipment_is_found_by_its_tenant(service: Service):
    path = await planned(service)
    answer = await service.http.get(path, headers=await service.headers())
    assert answer.status_code == 200
    shipment = answer.json()
    assert (shipment["number"], shipment["status"], shipment["tenant"]) == ("S-1", "in_transit", "nordwind")
    assert shipment["freshness"]["served_from"] in ("memory", "redis", "postgres")
    assert shipment["freshness"]["state"] == "live"
