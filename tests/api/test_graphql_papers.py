"""Documents, invoices and exceptions over GraphQL: what REST says of them, read at once."""

import pytest

from app.reads import documents, invoices
from tests.api.graphql_asking import ALL, ask, codes, posted, shown
from tests.api.ladder import ORDER, SHIPMENT
from tests.fixtures_service import Service
from tests.messages import exception_raised, invoice_posted, message, order_released, payment_changed, shipment_planned
from tests.papers import document_id, invoice_id, read

DOCUMENT = """fragment D on Document { id tenant document kind title signedBy addedAt source shipmentId orderId
  content { mediaType sizeBytes sha256 storedAt url } freshness { position sources { source watermark } } }"""
INVOICE = """fragment I on Invoice { id tenant invoice total { amount currency } postedAt dueAt status
  paymentChangedAt source orderId orderNumber freshness { asOf } }"""


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def agrees(told, rest, left_out: tuple[str, ...] = ("freshness",)) -> None:
    """Hold that each member of REST's is told, but these."""
    for name, value in rest.items():
        if name in left_out:
            continue
        if isinstance(value, dict):
            agrees(told[camel(name)], value, left_out)
        else:
            assert told[camel(name)] == (value.upper() if name == "status" else value), name


async def test_a_document_says_what_rest_says_wherever_it_is_asked_for(world: Service):
    rest = (await read(world, f"/v1/documents/{document_id()}")).json()
    asked = "query Q($d: ID!, $s: ID!) { document(id: $d) { ...D } node(id: $d) { ...D } shipment(id: $s) { documents { ...D } } }"
    told = await shown(world, asked + DOCUMENT, scopes=ALL, d=document_id(), s=SHIPMENT)
    for one in (told["document"], told["node"], *told["shipment"]["documents"]):
        agrees(one, rest)
        assert one["content"]["url"].endswith(f"/v1/documents/{document_id()}/content")
        assert (await read(world, one["content"]["url"])).status_code == 200
        assert one["freshness"]["position"]
        assert one["freshness"]["sources"][0]["watermark"]


async def test_an_invoice_says_what_rest_says_wherever_it_is_asked_for(world: Service):
    rest = (await read(world, f"/v1/invoices/{invoice_id()}")).json()
    asked = """query Q($i: ID!, $o: ID!) { invoice(id: $i) { ...I } node(id: $i) { ...I } order(id: $o) { invoices { ...I } }
      invoices { nodes { ...I } } }"""
    told = await shown(world, asked + INVOICE, scopes=ALL, i=invoice_id(), o=ORDER)
    for one in (told["invoice"], told["node"], *told["order"]["invoices"], *told["invoices"]["nodes"]):
        agrees(one, rest)


async def test_papers_lead_back_to_what_they_hang_on(world: Service):
    asked = """query Q($i: ID!, $d: ID!) { invoice(id: $i) { order { number } }
      document(id: $d) { shipment { number orders { order { number } } } order { number } } }"""
    told = await shown(world, asked, scopes=ALL, i=invoice_id(), d=document_id())
    assert told["invoice"] == {"order": {"number": "SO-1"}}
    assert told["document"] == {"shipment": {"number": "S-1", "orders": [{"order": {"number": "SO-1"}}]}, "order": None}


async def test_who_may_read_papers_alone_is_shown_them_and_not_what_they_hang_on(world: Service):
    asked = "query Q($d: ID!) { document(id: $d) { id shipment { number } } }"
    told = await ask(world, asked, scopes=("documents:read",), d=document_id())
    assert told["data"]["document"] == {"id": document_id(), "shipment": None}
    assert [error["extensions"]["scope"] for error in told["errors"]] == ["shipments:read"]


async def test_who_only_receives_the_goods_is_shown_no_invoice(world: Service):
    headers = await world.headers(scopes=ALL, party_role="ship_to")
    asked = f'{{ invoices {{ nodes {{ id }} }} invoice(id: "{invoice_id()}") {{ id }} node(id: "{invoice_id()}") {{ id }} }}'
    told = (await posted(world, {"query": asked}, headers=headers)).json()
    assert told["data"] == {"invoices": None, "invoice": None, "node": None}
    assert codes(told) == ["FORBIDDEN"] * 3


async def test_many_papers_are_read_at_once(world: Service, monkeypatch):
    asked_of = []
    for module in (documents, invoices):
        fetch = module.fetch

        async def counted(pool, statement, *args, fetch=fetch):
            asked_of.append(statement)
            return await fetch(pool, statement, *args)

        monkeypatch.setattr(module, "fetch", counted)
    ids = [document_id(), "doc_" + "a" * 24, invoice_id(), "inv_" + "a" * 24, document_id()]
    asked = "query Q($ids: [ID!]!) { nodes(ids: $ids) { id ... on Document { content { sha256 } } } }"
    found = (await shown(world, asked, scopes=ALL, ids=ids))["nodes"]
    assert [one and one["id"] for one in found] == [document_id(), None, invoice_id(), None, document_id()]
    assert sorted(asked_of) == ["documents", "invoices"]


@pytest.fixture
async def owing(service: Service) -> Service:
    """Three invoices, the first of which is paid, and two problems."""
    await service.take(order_released(), shipment_planned(), order_released("SO-2"), shipment_planned("S-2", "SO-2"))
    await service.take(
        invoice_posted(hours=1), invoice_posted("INV-2", hours=2), invoice_posted("INV-3", "SO-2", hours=3)
    )
    await service.take(payment_changed(hours=4))
    await service.take(exception_raised(hours=1), exception_raised("S-2", "damaged", hours=2))
    return service


PAGED = {
    "invoices": ("invoice", "/v1/invoices", ["INV-3", "INV-2", "INV-1"]),
    "exceptions": ("code", "/v1/exceptions", ["DAMAGED", "WEATHER"]),
}


@pytest.mark.parametrize("name", PAGED)
async def test_pages_follow_each_other_without_gap_or_double(owing: Service, name):
    field, path, expected = PAGED[name]
    asked = f"""query Q($after: String) {{ {name}(first: 1, after: $after) {{ nodes {{ {field} }} edges {{ cursor node {{ {field} }} }}
      pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} freshness {{ state }} }} }}"""
    found, after = [], None
    while True:
        page = (await shown(owing, asked, scopes=ALL, after=after))[name]
        found += [one[field] for one in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        if after is None:
            rest = (await read(owing, path, params={"limit": 1})).json()
            assert page["pageInfo"]["endCursor"] == rest["next_cursor"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == expected


@pytest.mark.parametrize(
    ("name", "variables", "code"),
    [
        ("invoices", {"after": "x"}, "BROKEN_CURSOR"),
        ("exceptions", {"after": "x"}, "BROKEN_CURSOR"),
        ("invoices", {"first": 0}, "BAD_USER_INPUT"),
        ("exceptions", {"first": 201}, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_not_valid_is_named(world: Service, name, variables, code):
    asked = (
        f"query Q($first: Int!, $after: String) {{ {name}(first: $first, after: $after) {{ nodes {{ __typename }} }} }}"
    )
    assert codes(await ask(world, asked, scopes=ALL, **({"first": 1} | variables))) == [code]


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ("status: [PAID, OVERDUE]", ["INV-1"]),
        ("status: OPEN", ["INV-3", "INV-2"]),
        ('reference: "SO-2"', ["INV-3"]),
        ('dueBefore: "2000-01-01T00:00:00Z"', []),
        (f'orderId: "{ORDER}"', ["INV-2", "INV-1"]),
    ],
)
async def test_invoices_are_narrowed(owing: Service, narrowed, expected):
    told = await shown(owing, f"{{ invoices(filter: {{{narrowed}}}) {{ nodes {{ invoice }} }} }}", scopes=ALL)
    assert [one["invoice"] for one in told["invoices"]["nodes"]] == expected


async def test_invoices_come_the_other_way_round(owing: Service):
    told = await shown(owing, "{ invoices(direction: ASC) { nodes { invoice } } }", scopes=ALL)
    assert [one["invoice"] for one in told["invoices"]["nodes"]] == ["INV-1", "INV-2", "INV-3"]


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ("code: WEATHER", ["WEATHER"]),
        ("responsibleParty: CUSTOMS", []),
        (f'shipmentId: "{SHIPMENT}"', ["WEATHER"]),
        ('raisedSince: "2100-01-01T00:00:00Z"', []),
        ('carrier: "ABFS", status: DELAYED', ["DAMAGED", "WEATHER"]),
    ],
)
async def test_exceptions_are_narrowed(owing: Service, narrowed, expected):
    told = await shown(owing, f"{{ exceptions(filter: {{{narrowed}}}) {{ nodes {{ code }} }} }}")
    assert [one["code"] for one in told["exceptions"]["nodes"]] == expected


async def test_an_exception_says_what_rest_says_and_leads_to_its_shipment(owing: Service):
    rest = (await owing.get("/v1/exceptions")).json()["items"]
    asked = """{ exceptions { nodes { code text actionRequired responsibleParty raisedAt shipmentId
      shipment { id number status } } } }"""
    told = (await shown(owing, asked))["exceptions"]["nodes"]
    for one, other in zip(told, rest, strict=True):
        assert one["text"] == other["text"]
        assert one["actionRequired"] == other["action_required"]
        assert one["raisedAt"] == other["raised_at"]
        assert one["shipmentId"] == one["shipment"]["id"] == other["shipment"]["id"]


@pytest.mark.parametrize("name", PAGED)
async def test_pages_hold_what_is_the_tenants_own(owing: Service, name):
    asked = f"{{ {name} {{ nodes {{ __typename }} }} }}"
    assert await shown(owing, asked, "suedwind", ALL) == {name: {"nodes": []}}


@pytest.mark.parametrize("at_risk", [True, False])
async def test_shipments_say_whether_they_are_at_risk_and_are_narrowed_by_it(service: Service, at_risk):
    data = {"about": {"type": "tms_shipment", "value": "S-1"}, "ship_to": {"city": "Kiel"}, "lines": []}
    promised_at = "2026-03-02T08:00:00Z" if at_risk else None
    await service.take(order_released(), message("shipment.planned.v1", data | {"promised_at": promised_at}))
    line, whole = "number atRisk risk { atRiskFrom reason { code } }", "milestones { code }"
    for fields in (line, f"{line} {whole}"):
        asked = f"query Q($f: ShipmentFilter) {{ shipments(filter: $f) {{ nodes {{ {fields} }} totalCount }} }}"
        (one,) = (await shown(service, asked))["shipments"]["nodes"]
        assert (one["atRisk"], one["risk"] is not None) == (at_risk, at_risk)
        narrowed = (await shown(service, asked, f={"atRisk": at_risk}))["shipments"]
        assert [one["number"] for one in narrowed["nodes"]] == ["S-1"]
        assert (await shown(service, asked, f={"atRisk": not at_risk}))["shipments"]["nodes"] == []
