"""`GET /v1/shipments/{id}/documents` and `GET /v1/documents/{id}`: what there is, and whether its bytes are here."""

import hashlib

import pytest

from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import document_added, message, order_released, shipment_planned
from tests.papers import PAPER_SCOPES, PDF, bring, document_id, read

LISTED = f"/v1/shipments/{ladder.SHIPMENT}/documents"
FOUND = f"/v1/documents/{document_id()}"
CONTENT = f"{FOUND}/content"
OTHERS = document_id("POD-9", "suedwind", ladder.OTHER_SHIPMENT)
NOBODYS = "doc_" + "a" * 24
EACH = pytest.mark.parametrize("path", [LISTED, FOUND, CONTENT])


@EACH
async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service, path: str):
    await ladder.refuses_the_anonymous(world, path)


@EACH
async def test_a_token_without_the_scope_is_told_which(world: Service, path: str):
    await ladder.refuses_without_scope(world, path, "documents:read")


@EACH
async def test_a_token_without_an_account_is_refused(world: Service, path: str):
    ladder.refused(await read(world, path, tenant=None), 403, "no_account")


@EACH
async def test_an_unknown_parameter_is_named(world: Service, path: str):
    answer = await read(world, path, params={"colour": "red"})
    assert "colour" in ladder.refused(answer, 400, "unknown_parameter")["detail"]


@pytest.mark.parametrize(
    ("others", "missing"),
    [
        (f"/v1/shipments/{ladder.OTHER_SHIPMENT}/documents", f"/v1/shipments/{ladder.NO_SHIPMENT}/documents"),
        (f"/v1/documents/{OTHERS}", f"/v1/documents/{NOBODYS}"),
        (f"/v1/documents/{OTHERS}/content", f"/v1/documents/{NOBODYS}/content"),
    ],
)
async def test_another_tenants_looks_like_a_missing_one(world: Service, others: str, missing: str):
    await ladder.hides_others(world, others, missing, PAPER_SCOPES)


async def test_an_order_is_no_shipment_and_no_document(world: Service):
    for path in (f"/v1/shipments/{ladder.ORDER}/documents", f"/v1/documents/{ladder.ORDER}"):
        ladder.refused(await read(world, path), 404, "not_found")


async def test_a_document_says_what_it_is_and_what_it_belongs_to(world: Service):
    document = (await read(world, FOUND)).json()
    assert {name: document[name] for name in ("id", "document", "kind", "tenant", "source")} == {
        "id": document_id(),
        "document": "POD-1",
        "kind": "pod",
        "tenant": "nordwind",
        "source": "/tms/main",
    }
    assert (document["shipment_id"], document["order_id"]) == (ladder.SHIPMENT, None)
    assert document["content"]["size_bytes"] == len(PDF)
    assert document["content"]["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert document["freshness"]["state"] == "live"


async def test_a_shipments_documents_are_listed_with_the_ids_its_view_shows(world: Service):
    items = (await read(world, LISTED)).json()["items"]
    shown = (await read(world, f"/v1/shipments/{ladder.SHIPMENT}")).json()["documents"]
    assert [one["id"] for one in items] == [one["id"] for one in shown] == [document_id()]
    document = (await read(world, FOUND)).json()
    assert items[0] == {name: document[name] for name in document if name != "freshness"}


async def test_whoever_has_it_is_not_sent_it_again_until_its_bytes_come(service: Service):
    await service.take(order_released(), shipment_planned(), document_added())
    for path in (LISTED, FOUND):
        etag = (await read(service, path)).headers["etag"]
        assert (await read(service, path, headers={"If-None-Match": etag})).status_code == 304
    before = await read(service, FOUND)
    assert before.json()["content"] is None
    ladder.refused(await read(service, CONTENT), 404, "not_found")
    await bring(service)
    after = await read(service, FOUND, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["content"]["size_bytes"]) == (200, len(PDF))


async def test_a_document_of_an_order_says_so(service: Service):
    about = {"type": "erp_order", "value": "SO-1"}
    await service.take(
        order_released(), message("document.added.v1", {"about": about, "document": "D", "kind": "other"})
    )
    document = (await read(service, f"/v1/documents/{document_id('D', subject_id=ladder.ORDER)}")).json()
    assert (document["order_id"], document["shipment_id"]) == (ladder.ORDER, None)


async def test_who_only_receives_is_shown_documents_too(world: Service):
    dock = await world.headers(scopes=("documents:read",), party_role="ship_to")
    for path in (LISTED, FOUND, CONTENT):
        assert (await world.http.get(path, headers=dock)).status_code == 200
