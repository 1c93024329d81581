"""GraphQL: the ladder for each operation, and that it shows what REST shows."""

import pytest

from tests.api import ladder
from tests.api.graphql_asking import ALL, GRAPHQL, ask, codes, posted, shown
from tests.api.ladder import NO_ORDER, NO_SHIPMENT, ORDER, OTHER_ORDER, OTHER_SHIPMENT, SHIPMENT
from tests.fixtures_service import Service
from tests.messages import charge_posted, document_added, invoice_posted, order_released, shipment_planned
from tests.papers import document_id, invoice_id

OTHER_DOCUMENT = document_id("POD-9", "suedwind", OTHER_SHIPMENT)
OTHER_INVOICE = invoice_id("INV-9", "suedwind", OTHER_ORDER)

# For each operation that reads: a question that is answered, and the scope it takes.
OPERATIONS = {
    "node": ("{ node(id: $id) { id } }", "shipments:read"),
    "shipment": ("{ shipment(id: $id) { id } }", "shipments:read"),
    "order": ("{ order(id: $id) { id } }", "orders:read"),
    "shipments": ("{ shipments { nodes { id } } }", "shipments:read"),
    "orders": ("{ orders { nodes { id } } }", "orders:read"),
    "exceptions": ("{ exceptions { nodes { shipmentId } } }", "shipments:read"),
    "document": ("{ document(id: $document) { id } }", "documents:read"),
    "invoice": ("{ invoice(id: $invoice) { id } }", "invoices:read"),
    "invoices": ("{ invoices { nodes { id } } }", "invoices:read"),
    "lookup": ('{ lookup(reference: "S-1") { shipment { id } } }', "shipments:read"),
}


def query(name: str) -> tuple[str, dict[str, str]]:
    text, scope = OPERATIONS[name]
    ids = {"$document": document_id(), "$invoice": invoice_id(), "$id": ORDER if scope == "orders:read" else SHIPMENT}
    for variable, value in ids.items():
        text = text.replace(variable, f'"{value}"')
    return text, {}


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    answer = await world.http.post(GRAPHQL, json={"query": "{ viewer { tenant } }"})
    ladder.refused(answer, 401, "missing_token")
    assert answer.headers["www-authenticate"] == 'Bearer realm="portal"'


async def test_a_token_nobody_gave_is_refused(world: Service):
    answer = await world.http.post(GRAPHQL, json={}, headers={"Authorization": "Bearer x"})
    ladder.refused(answer, 401, "invalid_token")


async def test_a_token_without_an_account_is_refused(world: Service):
    answer = await posted(world, {"query": "{ viewer { tenant } }"}, tenant=None, scopes=("ops:read",))
    ladder.refused(answer, 403, "no_account")


# Nothing is wrong with what the world's customers have; what is found of that is in test_graphql_papers.py.
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "exceptions"])
async def test_what_is_there_is_found(world: Service, name):
    text, _ = query(name)
    found = str((await shown(world, text, scopes=ALL))[name])
    assert any(one in found for one in (SHIPMENT, ORDER, document_id(), invoice_id()))


@pytest.mark.parametrize("name", OPERATIONS)
async def test_without_the_scope_the_field_is_null_and_the_error_names_it(world: Service, name):
    text, _ = query(name)
    scope = OPERATIONS[name][1]
    others = tuple(one for one in ALL if one != scope)
    told = await ask(world, "{ viewer { tenant } " + text[1:], scopes=others)
    assert told["data"] == {"viewer": {"tenant": "nordwind"}, name: None}
    assert codes(told) == ["FORBIDDEN"]
    assert told["errors"][0]["extensions"]["scope"] == scope
    assert told["errors"][0]["path"] == [name]


@pytest.mark.parametrize(
    ("field", "others", "missing"),
    [
        ("node", OTHER_SHIPMENT, NO_SHIPMENT),
        ("node", OTHER_ORDER, NO_ORDER),
        ("shipment", OTHER_SHIPMENT, NO_SHIPMENT),
        ("order", OTHER_ORDER, NO_ORDER),
        ("node", OTHER_DOCUMENT, "doc_" + "a" * 24),
        ("node", OTHER_INVOICE, "inv_" + "a" * 24),
        ("document", OTHER_DOCUMENT, "doc_" + "a" * 24),
        ("document", OTHER_DOCUMENT, SHIPMENT),
        ("invoice", OTHER_INVOICE, "inv_" + "a" * 24),
        ("invoice", OTHER_INVOICE, ORDER),
    ],
)
async def test_anothers_is_answered_as_nobodys(world: Service, field, others, missing):
    asked = f"query Q($id: ID!) {{ {field}(id: $id) {{ id }} }}"
    for one in (others, missing):
        assert await ask(world, asked, scopes=ALL, id=one) == {"data": {field: None}}
    assert (await shown(world, asked, tenant="suedwind", scopes=ALL, id=others))[field] == {"id": others}


@pytest.mark.parametrize("reference", ["S-9", "SO-9", OTHER_SHIPMENT, "nobody's"])
async def test_what_another_calls_its_own_leads_nowhere(world: Service, reference):
    asked = "query Q($r: String!) { lookup(reference: $r) { shipment { id } order { id } } }"
    assert await shown(world, asked, r=reference) == {"lookup": []}


async def test_lists_hold_what_is_the_tenants_own(world: Service):
    asked = "{ shipments { nodes { id } totalCount } orders { nodes { id } totalCount } }"
    assert await shown(world, asked) == {
        "shipments": {"nodes": [{"id": SHIPMENT}], "totalCount": 1},
        "orders": {"nodes": [{"id": ORDER}], "totalCount": 1},
    }


async def test_several_nodes_come_in_the_order_of_their_ids(world: Service):
    asked = "query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    found = await shown(world, asked, ids=[ORDER, OTHER_SHIPMENT, "x", SHIPMENT])
    assert found["nodes"] == [
        {"__typename": "Order", "id": ORDER},
        None,
        None,
        {"__typename": "Shipment", "id": SHIPMENT},
    ]


async def test_a_shipment_says_what_rest_says(world: Service):
    asked = """query Q($id: ID!) { shipment(id: $id) {
      number status phase reason { code text responsibleParty } carrier { scac name } shipTo { city }
      promisedAt createdAt milestones { code text occurredAt } orders { orderId lines { quantityPlanned } }
      references { type value carrier } freshness { state sources { source } } } }"""
    told, rest = (
        (await shown(world, asked, id=SHIPMENT))["shipment"],
        (await world.get(f"/v1/shipments/{SHIPMENT}")).json(),
    )
    assert told["status"] == rest["status"].upper()
    assert told["reason"]["text"] == rest["reason"]["text"]
    assert told["carrier"] == rest["carrier"]
    assert (told["promisedAt"], told["createdAt"]) == (rest["promised_at"], rest["created_at"])
    assert [one["occurredAt"] for one in told["milestones"]] == [one["occurred_at"] for one in rest["milestones"]]
    assert [one["value"] for one in told["references"]] == [one["value"] for one in rest["references"]]
    assert [one["source"] for one in told["freshness"]["sources"]] == [
        one["source"] for one in rest["freshness"]["sources"]
    ]


async def test_orders_lead_to_their_shipments_and_back(world: Service):
    asked = "query Q($id: ID!) { order(id: $id) { shipments { shipment { number orders { order { number } } } } } }"
    (part,) = (await shown(world, asked, id=ORDER))["order"]["shipments"]
    assert part["shipment"] == {"number": "S-1", "orders": [{"order": {"number": "SO-1"}}]}


async def test_without_the_orders_scope_a_shipments_orders_are_null_and_the_rest_stands(world: Service):
    asked = "query Q($id: ID!) { shipment(id: $id) { number orders { erpOrder order { number } } } }"
    told = await ask(world, asked, scopes=("shipments:read",), id=SHIPMENT)
    assert told["data"]["shipment"] == {"number": "S-1", "orders": [{"erpOrder": "SO-1", "order": None}]}
    assert codes(told) == ["FORBIDDEN"]


async def test_guarded_sections_are_shown_to_those_with_their_scopes(service: Service):
    await service.take(
        order_released(),
        shipment_planned(),
        document_added(),
        charge_posted("C-1", source="/tms/main"),
        invoice_posted(),
    )
    asked = f"""{{ shipment(id: "{SHIPMENT}") {{ documents {{ document kind }} charges {{ charge money {{ amount currency }} }} }}
      order(id: "{ORDER}") {{ invoices {{ invoice status }} }} }}"""
    whole = await shown(service, asked, scopes=ALL)
    assert [one["kind"] for one in whole["shipment"]["documents"]] == ["pod"]
    assert [one["charge"] for one in whole["shipment"]["charges"]] == ["C-1"]
    assert [one["invoice"] for one in whole["order"]["invoices"]] == ["INV-1"]
    cut = await ask(service, asked)
    assert cut["data"] == {"shipment": {"documents": None, "charges": None}, "order": {"invoices": None}}
    named = sorted(error["extensions"]["scope"] for error in cut["errors"])
    assert named == ["charges:read", "documents:read", "invoices:read"]
    dock = {"Authorization": (await service.headers(scopes=ALL, party_role="ship_to"))["Authorization"]}
    received = (await posted(service, {"query": asked}, headers=dock)).json()
    assert received["data"]["shipment"]["charges"] is None
    assert received["data"]["shipment"]["documents"]
    assert codes(received) == ["FORBIDDEN", "FORBIDDEN"]
