"""`GET /v1/cards/{shipment_id}`: the ladder of every endpoint, what a card says, and tokens that open just one."""

import pytest

from tests.api import ladder
from tests.api.test_tokens import signed
from tests.fixtures_service import Service
from tests.messages import document_added, milestone, order_released, shipment_planned

FOUND = f"/v1/cards/{ladder.SHIPMENT}"
OTHERS = f"/v1/cards/{ladder.OTHER_SHIPMENT}"
MISSING = f"/v1/cards/{ladder.NO_SHIPMENT}"
SCOPES = ("cards:read",)


async def get(service: Service, path: str = FOUND, tenant: str | None = "nordwind", **options):
    return await service.get(path, tenant, SCOPES, **options)


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, FOUND)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, FOUND, "cards:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    ladder.refused(await get(world, tenant=None), 403, "no_account")


async def test_an_unknown_parameter_is_named(world: Service):
    assert "colour" in ladder.refused(await get(world, f"{FOUND}?colour=red"), 400, "unknown_parameter")["detail"]


async def test_another_tenants_card_looks_like_a_missing_one(world: Service):
    one, other = await get(world, OTHERS), await get(world, MISSING)
    ladder.refused(one, 404, "not_found")
    assert ladder.without_ids(one) == ladder.without_ids(other)


@pytest.mark.parametrize("path", [f"/v1/cards/{ladder.ORDER}", "/v1/cards/x", "/v1/cards/", "/v1/cards", f"{FOUND}/x"])
async def test_what_is_no_shipment_has_no_card(world: Service, path):
    ladder.refused(await get(world, path), 404, "not_found")


async def test_a_card_is_one_line(world: Service):
    answer = await get(world)
    card = answer.json()
    assert (card["id"], card["number"], card["status"], card["phase"]) == (
        *(ladder.SHIPMENT, "S-1"),
        *("in_transit", "in_transit"),
    )
    assert card["reason"].keys() == {"code", "text", "action_required", "responsible_party"}
    assert (card["last_place"]["city"], card["carrier"]["scac"]) == ("Hamburg", "ABFS")
    assert {"eta_at", "promised_at", "delivered_at", "freshness"} <= card.keys()
    assert not {"milestones", "references", "charges", "documents"} & card.keys()
    assert answer.headers["cache-control"].startswith("private")


async def test_a_card_is_only_read(world: Service):
    headers = await world.headers(scopes=SCOPES)
    answer = await world.http.delete(FOUND, headers=headers)
    ladder.refused(answer, 405, "method_not_allowed")
    head = await world.http.head(FOUND, headers=headers)
    assert (head.status_code, head.content) == (200, b"")


async def test_a_card_that_is_up_to_date_is_not_sent_again(world: Service):
    tag = (await get(world)).headers["etag"]
    answer = await get(world, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await get(world, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_the_etag_moves_with_what_a_card_shows_and_with_nothing_else(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(hours=5))
    first, whole = (await get(service)).headers["etag"], (await service.get(f"/v1/shipments/{ladder.SHIPMENT}")).headers
    # A milestone of another hour is in the document and not on the card.
    await service.take(milestone(code="picked_up", hours=3, city="Bremen"))
    second = (await get(service)).headers["etag"]
    assert (await service.get(f"/v1/shipments/{ladder.SHIPMENT}")).headers["etag"] != whole["etag"]
    assert (await get(service)).json()["shipped_at"] == "2026-03-02T11:00:00Z"
    assert second != first
    await service.take(document_added(hours=4))
    assert (await service.get(f"/v1/shipments/{ladder.SHIPMENT}")).json()["has_pod"]
    assert (await get(service)).headers["etag"] == second


async def test_a_token_for_a_card_opens_that_one_and_nothing_else(world: Service):
    headers = {"Authorization": f"Bearer {signed(world, scope='cards:read', card=ladder.SHIPMENT)}"}
    assert (await world.http.get(FOUND, headers=headers)).json()["number"] == "S-1"
    other, missing = [await world.http.get(path, headers=headers) for path in (OTHERS, MISSING)]
    ladder.refused(other, 404, "not_found")
    assert ladder.without_ids(other) == ladder.without_ids(missing)
    ladder.refused(await world.http.get(f"/v1/shipments/{ladder.SHIPMENT}", headers=headers), 403, "missing_scope")


async def test_a_token_for_a_card_does_not_open_its_tenants_other_cards(service: Service):
    await service.take(order_released(), shipment_planned(), shipment_planned("S-2", "SO-1"))
    other = (await service.get("/v1/lookup", params={"reference": "S-2"})).json()["items"][0]["shipment"]["id"]
    headers = {"Authorization": f"Bearer {signed(service, scope='cards:read', card=ladder.SHIPMENT)}"}
    assert (await service.http.get(FOUND, headers=headers)).status_code == 200
    ladder.refused(await service.http.get(f"/v1/cards/{other}", headers=headers), 404, "not_found")


async def test_a_token_for_a_card_of_another_tenants_shipment_opens_nothing(world: Service):
    headers = {"Authorization": f"Bearer {signed(world, scope='cards:read', card=ladder.OTHER_SHIPMENT)}"}
    ladder.refused(await world.http.get(OTHERS, headers=headers), 404, "not_found")


async def test_a_token_for_a_card_without_the_scope_opens_nothing(world: Service):
    headers = {"Authorization": f"Bearer {signed(world, scope='shipments:read', card=ladder.SHIPMENT)}"}
    ladder.refused(await world.http.get(FOUND, headers=headers), 403, "missing_scope")
