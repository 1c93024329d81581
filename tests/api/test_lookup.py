"""`GET /v1/lookup`: from any identifier to what it names."""

import pytest

from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import (
    invoice_posted,
    message,
    order_released,
    reference_linked,
    shipment_assigned,
    shipment_planned,
)
from tests.messages import tms_shipment as named

LOOKUP = "/v1/lookup"
# Every type of reference, the value it has below, and what it leads to.
REFERENCES = [
    ("erp_order", "SO-1", {"order"}),
    ("customer_po", "PO-SO-1", {"order"}),
    ("invoice", "INV-1", {"order"}),
    ("tms_shipment", "S-1", {"shipment"}),
    ("wms_shipment", "W-1", {"shipment"}),
    ("pro", "PRO-S-1", {"shipment"}),
    ("bol", "BOL-1", {"shipment"}),
    ("tracking_number", "1Z999", {"shipment"}),
    ("package_sscc", "003456789012345675", {"shipment"}),
    ("crm_case", "CASE-1", {"shipment"}),
]


async def ask(service: Service, reference: str, tenant: str = "nordwind", **options) -> list[dict]:
    answer = await service.get(LOOKUP, tenant, params={"reference": reference, **options.pop("params", {})}, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, f"{LOOKUP}?reference=S-1")


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, f"{LOOKUP}?reference=S-1", "shipments:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, f"{LOOKUP}?reference=S-1")


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, LOOKUP)


@pytest.mark.parametrize(
    ("query", "name"), [("", "reference"), ("reference=", "reference"), ("reference=S-1&type=colour", "type")]
)
async def test_a_missing_or_wrong_parameter_is_named(world: Service, query, name):
    problem = ladder.refused(await world.get(f"{LOOKUP}?{query}"), 400, "invalid_parameter")
    assert [one["pointer"] for one in problem["errors"]] == [f"/query/{name}"]


async def test_every_type_of_reference_leads_to_what_it_names(service: Service):
    carried = {"carrier": "ABFS"}
    await service.take(
        order_released(),
        shipment_planned(),
        invoice_posted(),
        reference_linked(
            named(), {"type": "wms_shipment", "value": "W-1"}, {"type": "bol", "value": "BOL-1", **carried}
        ),
        reference_linked(named(), {"type": "tracking_number", "value": "1Z999", **carried}),
        reference_linked(named(), {"type": "package_sscc", "value": "003456789012345675"}),
        reference_linked(named(), {"type": "crm_case", "value": "CASE-1"}),
    )
    for reference_type, value, kinds in REFERENCES:
        found = await ask(service, value, params={"type": reference_type})
        assert {one["kind"] for one in found} == kinds, (reference_type, found)
        assert all(one["matched"]["type"] == reference_type for one in found)
        assert [one["kind"] for one in await ask(service, value)] == [one["kind"] for one in found]


async def test_what_an_event_calls_a_package_a_load_or_a_case_leads_to_its_shipment(service: Service):
    packed = {"about": named(), "package": "003456789012345675", "tracking_number": "1Z777"}
    case = {"about": named(), "case": "CASE-9"}
    await service.take(
        order_released(),
        shipment_planned(),
        message("package.packed.v1", packed, source="/wms/kassel"),
        shipment_assigned(load="L-9"),
        message("case.linked.v1", case, source="/crm/main"),
    )
    for identifier in ("003456789012345675", "1Z777", "L-9", "CASE-9"):
        assert [item["kind"] for item in await ask(service, identifier)] == ["shipment"], identifier


async def test_a_public_id_is_a_reference_too(world: Service):
    (shipment,) = await ask(world, ladder.SHIPMENT)
    assert shipment["matched"] == {"type": "portal", "value": ladder.SHIPMENT}
    (order,) = await ask(world, ladder.ORDER, params={"type": "portal"})
    assert (order["kind"], order["order"]["id"]) == ("order", ladder.ORDER)


async def test_an_identifier_that_only_begins_like_a_public_id_is_found(service: Service):
    await service.take(order_released("ord_77"), shipment_planned("shp_77", "ord_77"))
    assert [one["kind"] for one in await ask(service, "ord_77")] == ["order"]
    assert [one["kind"] for one in await ask(service, "shp_77")] == ["shipment"]


async def test_a_match_is_a_summary_with_its_freshness(world: Service):
    (match,) = await ask(world, "S-1")
    assert (match["kind"], match["shipment"]["number"]) == ("shipment", "S-1")
    assert match["shipment"]["freshness"]["state"]
    assert "milestones" not in match["shipment"]


@pytest.mark.parametrize("reference", ["S-9", "PRO-S-9", "SO-9", ladder.OTHER_SHIPMENT, ladder.OTHER_ORDER])
async def test_what_another_tenant_calls_its_own_is_found_no_more_than_nothing(world: Service, reference):
    others = (await world.get(LOOKUP, params={"reference": reference})).json()
    nobodys = (await world.get(LOOKUP, params={"reference": "nobody's"})).json()
    assert others["items"] == nobodys["items"] == []
    assert others.keys() == nobodys.keys()
    assert await ask(world, reference, "suedwind")


async def test_the_type_narrows_what_is_found(world: Service):
    assert await ask(world, "PRO-S-1", params={"type": "bol"}) == []
    assert await ask(world, ladder.SHIPMENT, params={"type": "pro"}) == []


async def test_orders_are_not_mentioned_to_a_token_without_their_scope(world: Service):
    assert await ask(world, "SO-1", scopes=("shipments:read",)) == []
    assert await ask(world, ladder.ORDER, scopes=("shipments:read",)) == []
    assert len(await ask(world, "S-1", scopes=("shipments:read",))) == 1
