"""`GET /v1/track/{token}`: whoever has the link sees how far it is and when it comes, and nothing else."""

import json

import asyncpg
import msgspec

from app.settings import Settings
from tests.api import ladder
from tests.api.test_shares import made, revoke, shipped
from tests.fixtures_service import Service, running
from tests.integration.waiting import until
from tests.messages import (
    charge_posted,
    document_added,
    milestone,
    order_released,
    reference_linked,
    shipment_planned,
    tms_shipment,
)

__all__ = ["shipped"]
UNKNOWN = "/v1/track/" + "a" * 43


async def opened(service: Service, share: dict):
    return await service.http.get(f"/v1/track/{share['token']}")


async def test_a_link_shows_how_far_it_is_and_when_it_comes(shipped: Service):
    await shipped.take(milestone(hours=5))
    answer = await opened(shipped, await made(shipped))
    assert answer.status_code == 200
    track = answer.json()
    assert (track["status"], track["phase"]) == ("in_transit", "in_transit")
    assert track["reason"]["text"] == "On its way"
    assert track["ship_to"] == {"city": "Kiel", "country": "DE"}
    assert track["milestones"] == [
        {
            "code": "departed",
            "text": "Departed",
            "phase": "in_transit",
            "occurred_at": "2026-03-02T13:00:00Z",
            "place": {"city": "Hamburg", "country": "DE"},
        }
    ]
    assert track["freshness"]["state"] in ("live", "delayed", "stale")
    assert track["freshness"]["sources"] == []


async def test_it_names_nobody_and_nothing(shipped: Service):
    case = {"type": "crm_case", "value": "CASE-1"}
    await shipped.take(milestone(), document_added(), charge_posted(), reference_linked(tms_shipment(), case))
    share = await made(shipped, note="For the dock")
    text = (await opened(shipped, share)).text
    secret = [
        "nordwind",
        "S-1",
        "SO-1",
        "PRO-",
        "CASE-1",
        "POD-1",
        "C-1",
        "120.50",
        "Depot",
        "ABFS",
        "Arrow",
        "/tms/",
        "For the",
    ]
    assert [one for one in (*secret, ladder.SHIPMENT, share["id"]) if one in text] == []
    # Only these, whatever a document has tomorrow.
    assert json.loads(text).keys() == {
        *("status", "phase", "closed_reason", "reason", "ship_to", "promised_at", "eta_at", "shipped_at"),
        *("delivered_at", "last_place", "milestones", "link_expires_at", "freshness"),
    }


async def test_it_goes_into_no_cache_and_no_index(shipped: Service):
    share = await made(shipped)
    for answer in (await opened(shipped, share), await shipped.http.get(UNKNOWN)):
        assert "no-store" in answer.headers["cache-control"]
        assert answer.headers.get_list("referrer-policy") == ["no-referrer"]
        assert answer.headers["x-robots-tag"] == "noindex"


async def test_it_moves_with_the_shipment(shipped: Service):
    share = await made(shipped)
    assert (await opened(shipped, share)).json()["phase"] == "planned"
    await shipped.take(milestone(code="delivered", hours=9))
    assert (await opened(shipped, share)).json()["delivered_at"] == "2026-03-02T17:00:00Z"


async def test_unknown_expired_and_revoked_links_are_the_same(shipped: Service):
    expired, ended = await made(shipped), await made(shipped)
    await revoke(shipped, ended["id"])
    connection = await asyncpg.connect(shipped.settings.database_url)
    try:
        await connection.execute("update portal.share set expires_at = now() where id = $1", expired["id"])
    finally:
        await connection.close()
    answers = [await shipped.http.get(UNKNOWN), await opened(shipped, expired), await opened(shipped, ended)]
    answers += [await shipped.http.get(f"/v1/track/{odd}") for odd in ("x", "%00", "é", ended["id"], ladder.SHIPMENT)]
    ladder.refused(answers[0], 404, "not_found")
    assert len({str(ladder.without_ids(one)) for one in answers}) == 1


async def test_a_link_to_what_is_shown_no_more_opens_nothing(service: Service):
    planned = shipment_planned()
    await service.take(order_released(), planned)
    share = await made(service)
    about = {"about": tms_shipment(), "retracts": json.loads(planned)["id"]}
    envelope = json.loads(planned) | {"id": "back", "type": "event.retracted.v1", "data": about}
    await service.take(msgspec.json.encode(envelope))
    ladder.refused(await opened(service, share), 404, "not_found")


async def test_an_unknown_parameter_is_named(shipped: Service):
    answer = await shipped.http.get(f"{UNKNOWN}?colour=red")
    ladder.refused(answer, 400, "unknown_parameter")


async def test_a_card_s_or_a_customer_s_token_is_no_link(shipped: Service):
    for token in (await shipped.token("nordwind", ("shares:manage",)), ladder.SHIPMENT):
        ladder.refused(await shipped.http.get(f"/v1/track/{token}"), 404, "not_found")


async def test_an_address_that_opens_too_many_has_to_wait(settings: Settings, redis, projector_pool):
    strict = msgspec.structs.replace(settings, failure_limit="3/minute")
    async with running(strict, redis, projector_pool) as service:
        for _ in range(3):
            ladder.refused(await service.http.get(UNKNOWN), 404, "not_found")
        answer = await service.http.get(UNKNOWN)
        ladder.refused(answer, 429, "rate_limited")
        assert 0 < int(answer.headers["retry-after"]) <= 61
        # Who signs in from there is not kept from it.
        assert (await service.get("/v1/shipments")).status_code == 200


async def test_opening_one_is_in_the_audit_log(shipped: Service):
    share = await made(shipped)
    await opened(shipped, share)
    asked = {"target": ladder.SHIPMENT, "actor": f"share/{share['id']}"}

    async def noted() -> list[dict]:
        return (await shipped.get("/v1/ops/audit", None, ("ops:read",), params=asked)).json()["items"]

    await until(noted)
    assert [(one["action"], one["tenant"]) for one in await noted()] == [("read", "nordwind")]
