"""`GET /v1/invoices` and `GET /v1/invoices/{id}`: what is owed, and what of it is paid."""

import pytest

from projections.references import SubjectKind, public_id
from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import at, invoice_posted, message, order_released, payment_changed, retracted
from tests.papers import PAPER_SCOPES, invoice_id, read

FOUND = f"/v1/invoices/{invoice_id()}"
EACH = pytest.mark.parametrize("path", ["/v1/invoices", FOUND])


@pytest.fixture
async def told(service: Service) -> Service:
    """Three invoices of two orders: one is paid, one is due soon, one later."""
    await service.take(order_released(), order_released("SO-2"), invoice_posted(hours=1), payment_changed(hours=3))
    await service.take(due("INV-2", "SO-1", 20, hours=2), due("INV-3", "SO-2", 90, hours=4))
    return service


def due(number: str, order: str, due_hours: float, **envelope) -> bytes:
    data = {
        "about": {"type": "erp_order", "value": order},
        "invoice": number,
        "total": {"amount": "7.00", "currency": "EUR"},
        "due_at": at(due_hours),
    }
    return message("invoice.posted.v1", data, source="/erp/main", **envelope)


async def numbers(service: Service, **params: object) -> list[str]:
    answer = await read(service, "/v1/invoices", params=params)
    assert answer.status_code == 200, answer.text
    return [one["invoice"] for one in answer.json()["items"]]


@EACH
async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service, path: str):
    await ladder.refuses_the_anonymous(world, path)


@EACH
async def test_a_token_without_the_scope_is_told_which(world: Service, path: str):
    await ladder.refuses_without_scope(world, path, "invoices:read")


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


async def test_another_tenants_invoice_looks_like_a_missing_one(world: Service):
    theirs = invoice_id("INV-9", "suedwind", ladder.OTHER_ORDER)
    await ladder.hides_others(world, f"/v1/invoices/{theirs}", "/v1/invoices/inv_" + "a" * 24, PAPER_SCOPES)
    ladder.refused(await read(world, f"/v1/invoices/{ladder.ORDER}"), 404, "not_found")


async def test_a_list_has_only_ones_own(world: Service):
    assert await numbers(world) == ["INV-1"]


async def test_an_invoice_says_of_which_order_it_is_and_how_far_it_is_paid(told: Service):
    answer = await read(told, FOUND)
    invoice = answer.json()
    assert invoice.pop("freshness")["served_from"] == "postgres"
    assert invoice == {
        "id": invoice_id(),
        "tenant": "nordwind",
        "invoice": "INV-1",
        "order_id": ladder.ORDER,
        "order_number": "SO-1",
        "total": {"amount": "120.50", "currency": "EUR"},
        "posted_at": "2026-03-02T09:00:00Z",
        "due_at": None,
        "status": "paid",
        "payment_changed_at": "2026-03-02T11:00:00Z",
        "source": "/erp/main",
    }
    again = await read(told, FOUND, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await read(told, f"/v1/orders/{ladder.ORDER}")).json()["invoices"][0]["id"] == invoice_id()


async def test_the_newest_come_first_or_the_oldest(told: Service):
    assert await numbers(told) == ["INV-3", "INV-2", "INV-1"]
    assert await numbers(told, sort="posted_at") == ["INV-1", "INV-2", "INV-3"]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"status": "paid"}, ["INV-1"]),
        ({"status": "paid,open"}, ["INV-3", "INV-2", "INV-1"]),
        ({"status": "overdue"}, []),
        ({"order_id": public_id(SubjectKind.ORDER, "nordwind", "SO-2")}, ["INV-3"]),
        ({"order_id": ladder.OTHER_ORDER}, []),
        ({"reference": "SO-2"}, ["INV-3"]),
        ({"reference": "INV-2"}, ["INV-2", "INV-1"]),
        ({"due_before": at(30).isoformat()}, ["INV-2"]),
    ],
)
async def test_a_list_is_narrowed_to_what_is_asked(told: Service, params: dict[str, str], found: list[str]):
    assert await numbers(told, **params) == found


@pytest.mark.parametrize("sort", ["posted_at", "-posted_at"])
async def test_pages_hold_each_invoice_once(told: Service, sort: str):
    await told.take(*(invoice_posted(f"INV-{number}", "SO-2") for number in range(10, 16)))
    whole, seen, cursor = await numbers(told, sort=sort), [], None
    while cursor or not seen:
        asked = {"limit": 4, "sort": sort} | ({"cursor": cursor} if cursor else {})
        page = (await read(told, "/v1/invoices", params=asked)).json()
        seen += [one["invoice"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == whole
    assert len(whole) == 9


async def test_a_cursor_of_another_question_is_refused(told: Service):
    cursor = (await read(told, "/v1/invoices", params={"limit": 1})).json()["next_cursor"]
    for params in ({"cursor": cursor, "status": "paid"}, {"cursor": "x"}):
        ladder.refused(await read(told, "/v1/invoices", params=params), 400, "broken_cursor")


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 201}, {"status": "odd"}, {"sort": "x"}, {"due_before": "x"}]
)
async def test_what_is_asked_wrongly_is_named(world: Service, params: dict[str, object]):
    ladder.refused(await read(world, "/v1/invoices", params=params), 400, "invalid_parameter")


async def test_several_accounts_are_one_list(told: Service):
    other = {"tenant": "suedwind"}
    await told.take(order_released("SO-9", **other), invoice_posted("INV-9", "SO-9", **other, hours=2.5))
    both = await told.headers(scopes=PAPER_SCOPES, accounts=("nordwind", "suedwind"))
    page = (await told.http.get("/v1/invoices", headers=both)).json()
    assert [one["invoice"] for one in page["items"]] == ["INV-3", "INV-9", "INV-2", "INV-1"]


async def test_an_invoice_taken_back_is_gone_and_a_payment_taken_back_leaves_it_open(told: Service):
    order = {"type": "erp_order", "value": "SO-1"}
    await told.take(
        invoice_posted("INV-4", id="e-i", hours=5),
        message(
            "invoice.payment_changed.v1",
            {"about": order, "invoice": "INV-4", "status": "blocked"},
            source="/erp/main",
            id="e-p",
        ),
    )
    path = f"/v1/invoices/{invoice_id('INV-4')}"
    assert (await read(told, path)).json()["status"] == "blocked"
    await told.take(retracted("e-p", order, source="/erp/main"))
    assert (await read(told, path)).json()["status"] == "open"
    await told.take(retracted("e-i", order, source="/erp/main"))
    ladder.refused(await read(told, path), 404, "not_found")
    assert "INV-4" not in await numbers(told)
