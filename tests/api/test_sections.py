"""Who sees documents, charges and invoices: a scope decides, and who pays."""

import pytest

from auth.issuer.users import User
from tests.api import ladder, people
from tests.fixtures_service import READ, Service
from tests.messages import (
    charge_posted,
    document_added,
    invoice_posted,
    order_released,
    payment_changed,
    shipment_planned,
)

SHIPMENT, ORDER = f"/v1/shipments/{ladder.SHIPMENT}", f"/v1/orders/{ladder.ORDER}"
ALL = (*READ, "documents:read", "charges:read", "invoices:read")


@pytest.fixture
async def told(service: Service) -> Service:
    """A service that knows of a proof of delivery, a charge and a paid invoice."""
    await service.take(order_released(), shipment_planned(), document_added(), charge_posted())
    await service.take(invoice_posted(), payment_changed())
    return service


async def test_all_scopes_see_all_sections(told: Service):
    shipment = (await told.get(SHIPMENT, scopes=ALL)).json()
    assert [(one["document"], one["kind"]) for one in shipment["documents"]] == [("POD-1", "pod")]
    assert [(one["charge"], one["money"]["amount"]) for one in shipment["charges"]] == [("C-1", "120.50")]
    order = (await told.get(ORDER, scopes=ALL)).json()
    assert [(one["invoice"], one["status"]) for one in order["invoices"]] == [("INV-1", "paid")]


@pytest.mark.parametrize(
    ("scope", "path", "section"),
    [
        ("documents:read", SHIPMENT, "documents"),
        ("charges:read", SHIPMENT, "charges"),
        ("charges:read", ORDER, "charges"),
        ("invoices:read", ORDER, "invoices"),
    ],
)
async def test_a_section_is_shown_to_those_with_its_scope_and_missing_for_others(told: Service, scope, path, section):
    assert section in (await told.get(path, scopes=(*READ, scope))).json()
    assert section not in (await told.get(path, scopes=tuple(one for one in ALL if one != scope))).json()


async def test_without_a_section_the_rest_is_the_same(told: Service):
    whole, cut = (await told.get(SHIPMENT, scopes=ALL)).json(), (await told.get(SHIPMENT)).json()
    hidden = {"documents", "charges", "freshness"}
    assert {name: cut[name] for name in cut if name != "freshness"} == {
        name: whole[name] for name in whole if name not in hidden
    }


async def test_an_etag_does_not_tell_of_a_hidden_charge(told: Service):
    before, before_all = await told.get(SHIPMENT), await told.get(SHIPMENT, scopes=ALL)
    await told.take(charge_posted("C-2", source="/tms/main"))
    after, after_all = await told.get(SHIPMENT), await told.get(SHIPMENT, scopes=ALL)
    assert after.headers["etag"] == before.headers["etag"]
    assert after.json()["last_event_at"] == before.json()["last_event_at"]
    assert after_all.headers["etag"] != before_all.headers["etag"]
    condition = {"If-None-Match": before.headers["etag"]}
    assert (await told.get(SHIPMENT, headers=condition)).status_code == 304


async def test_a_section_is_empty_not_missing_when_there_is_nothing_in_it(world: Service):
    order = (await world.get(ORDER, scopes=ALL)).json()
    assert (order["documents"], order["charges"]) == ([], [])


async def test_who_only_receives_sees_documents_and_nothing_of_money_whatever_its_scopes(told: Service):
    dock = await told.headers(scopes=ALL, party_role="ship_to")
    shipment = (await told.http.get(SHIPMENT, headers=dock)).json()
    assert [one["document"] for one in shipment["documents"]] == ["POD-1"]
    assert "charges" not in shipment
    assert not {"charges", "invoices"} & (await told.http.get(ORDER, headers=dock)).json().keys()
    for path in (SHIPMENT, ORDER, "/v1/shipments", "/v1/orders", "/v1/lookup?reference=S-1"):
        assert "120.5" not in (await told.http.get(path, headers=dock)).text


async def test_who_only_receives_cannot_tell_a_hidden_charge_from_an_etag(told: Service):
    dock = await told.headers(scopes=ALL, party_role="ship_to")
    before, before_all = await told.http.get(SHIPMENT, headers=dock), await told.get(SHIPMENT, scopes=ALL)
    await told.take(charge_posted("C-2", source="/tms/main"))
    after, after_all = await told.http.get(SHIPMENT, headers=dock), await told.get(SHIPMENT, scopes=ALL)
    assert after.headers["etag"] == before.headers["etag"]
    assert after_all.headers["etag"] != before_all.headers["etag"]
    condition = {"If-None-Match": before.headers["etag"]}
    assert (await told.http.get(SHIPMENT, headers=dock | condition)).status_code == 304


async def test_a_person_who_only_receives_sees_nothing_of_money_also_after_refreshing(told: Service):
    tokens = await people.tokens_of(told, User("dora", "nordwind", scopes=ALL, party_role="ship_to"))
    for _ in range(2):
        shown = (await told.http.get(SHIPMENT, headers=people.bearer(tokens))).json()
        assert ("documents" in shown, "charges" in shown) == (True, False)
        order = (await told.http.get(ORDER, headers=people.bearer(tokens))).json()
        assert not {"charges", "invoices"} & order.keys()
        tokens = await people.refreshed(told, tokens)
