"""`POST /v1/documents/{id}/links`, `GET /v1/links/{token}`: a document's bytes for a few minutes, without a token."""

import time
from urllib.parse import urlsplit

import pytest

from auth.links import Link, load_or_create_link_key
from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import document_added, order_released, retracted, shipment_planned, tms_shipment
from tests.papers import PAPER_SCOPES, PDF, bring, document_id

MADE_AT = f"/v1/documents/{document_id()}/links"
OTHERS = document_id("POD-9", "suedwind", ladder.OTHER_SHIPMENT)


async def made(service: Service, path: str = MADE_AT) -> str:
    """The path of a link."""
    answer = await service.http.post(path, headers=await service.headers(scopes=PAPER_SCOPES))
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"].startswith(f"{service.settings.public_url}/v1/links/")
    return urlsplit(answer.json()["url"]).path


async def test_a_link_opens_the_bytes_without_a_token(world: Service):
    path = await made(world)
    answer = await world.http.get(path)
    assert (answer.status_code, answer.content) == (200, PDF)
    assert "sandbox" in answer.headers["content-security-policy"]
    part = await world.http.get(path, headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.content) == (206, b"%PDF-")


async def test_a_link_that_is_over_forged_or_changed_is_the_same_as_none(world: Service):
    key = load_or_create_link_key(world.settings.link_key)
    good = (await made(world)).rpartition("/")[2]
    over = key.sign(Link("nordwind", document_id(), int(time.time()) - 1))
    others = key.sign(Link("nordwind", OTHERS, int(time.time()) + 60))
    missing = await world.http.get("/v1/links/x")
    ladder.refused(missing, 404, "not_found")
    for token in (over, others, good[:-1], good[1:], good + "A", good.swapcase(), "A" * 200, "é", "%00"):
        answer = await world.http.get(f"/v1/links/{token}")
        problem, none = ladder.refused(answer, 404, "not_found"), missing.json()
        assert {**problem, "trace_id": ""} == {**none, "trace_id": ""}


async def test_every_byte_of_a_link_counts(world: Service):
    good = (await made(world)).rpartition("/")[2]
    key = load_or_create_link_key(world.settings.link_key)
    now = time.time()
    assert key.open(good, now)
    for place, letter in enumerate(good[:-1]):
        changed = good[:place] + ("A" if letter != "A" else "B") + good[place + 1 :]
        assert key.open(changed, now) is None, place


async def test_a_link_ends_with_its_document(service: Service):
    await service.take(order_released(), shipment_planned(), document_added(id="e-d"))
    await bring(service)
    path = await made(service)
    assert (await service.http.get(path)).status_code == 200
    await service.take(retracted("e-d", tms_shipment()))
    ladder.refused(await service.http.get(path), 404, "not_found")


async def test_links_are_made_by_those_who_may_read_the_document(world: Service):
    ladder.refused(await world.http.post(MADE_AT), 401, "missing_token")
    ladder.refused(await world.http.post(MADE_AT, headers=await world.headers()), 403, "missing_scope")
    reader = await world.headers(scopes=PAPER_SCOPES)
    for missing in (OTHERS, "doc_" + "a" * 24, ladder.SHIPMENT, "x"):
        answer = await world.http.post(f"/v1/documents/{missing}/links", headers=reader)
        ladder.refused(answer, 404, "not_found")


async def test_there_is_no_link_to_bytes_that_are_not_here(service: Service):
    await service.take(order_released(), shipment_planned(), document_added())
    answer = await service.http.post(MADE_AT, headers=await service.headers(scopes=PAPER_SCOPES))
    ladder.refused(answer, 404, "not_found")


def test_a_key_that_others_may_read_or_that_is_none_is_refused(tmp_path):
    path = tmp_path / "deep" / "key"
    signed = load_or_create_link_key(path).sign(Link("t", "d", 2_000_000_000))
    assert load_or_create_link_key(path).open(signed, 0) == Link("t", "d", 2_000_000_000)
    path.chmod(0o644)
    with pytest.raises(ValueError, match="open to other users"):
        load_or_create_link_key(path)
    path.chmod(0o600)
    path.write_text("abc")
    with pytest.raises(ValueError, match="is none"):
        load_or_create_link_key(path)
