"""`GET /v1/shipments/{id}/charges` and `GET /v1/orders/{id}/charges`: what the freight costs, for who pays it."""

import pytest

from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import charge_posted, order_released, shipment_planned
from tests.papers import PAPER_SCOPES, read

OF_SHIPMENT, OF_ORDER = f"/v1/shipments/{ladder.SHIPMENT}/charges", f"/v1/orders/{ladder.ORDER}/charges"
EACH = pytest.mark.parametrize("path", [OF_SHIPMENT, OF_ORDER])


@EACH
async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service, path: str):
    await ladder.refuses_the_anonymous(world, path)


@EACH
async def test_a_token_without_the_scope_is_told_which(world: Service, path: str):
    await ladder.refuses_without_scope(world, path, "charges:read")


@EACH
async def test_a_token_without_an_account_is_refused(world: Service, path: str):
    ladder.refused(await read(world, path, tenant=None), 403, "no_account")


@EACH
async def test_who_only_receives_is_shown_no_money_whatever_its_scopes(world: Service, path: str):
    dock = await world.headers(scopes=PAPER_SCOPES, party_role="ship_to")
    ladder.refused(await world.http.get(path, headers=dock), 403, "wrong_party")


@EACH
async def test_an_unknown_parameter_is_named(world: Service, path: str):
    answer = await read(world, path, params={"colour": "red"})
    assert "colour" in ladder.refused(answer, 400, "unknown_parameter")["detail"]


@pytest.mark.parametrize(
    ("others", "missing"),
    [
        (f"/v1/shipments/{ladder.OTHER_SHIPMENT}/charges", f"/v1/shipments/{ladder.NO_SHIPMENT}/charges"),
        (f"/v1/orders/{ladder.OTHER_ORDER}/charges", f"/v1/orders/{ladder.NO_ORDER}/charges"),
    ],
)
async def test_another_tenants_looks_like_a_missing_one(world: Service, others: str, missing: str):
    await ladder.hides_others(world, others, missing, PAPER_SCOPES)


async def test_charges_are_listed_with_their_freshness(service: Service):
    order = {"type": "erp_order", "value": "SO-1"}
    await service.take(order_released(), shipment_planned(), charge_posted(), charge_posted("C-2", about=order))
    for path, charge in ((OF_SHIPMENT, "C-1"), (OF_ORDER, "C-2")):
        answer = await read(service, path)
        assert [(one["charge"], one["money"]["amount"]) for one in answer.json()["items"]] == [(charge, "120.50")]
        assert answer.json()["freshness"]["as_of"]
        again = await read(service, path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
