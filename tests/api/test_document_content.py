"""`PUT /v1/documents/content` and `GET /v1/documents/{id}/content`: bytes in, and the same bytes out."""

import base64
import hashlib
from collections.abc import AsyncIterator

import pytest

from tests.api import ladder
from tests.fixtures_service import Service
from tests.integration.waiting import until
from tests.messages import document_added, message, order_released, retracted, shipment_planned, tms_shipment
from tests.papers import PDF, PUT, bring, document_id, read

CONTENT = f"/v1/documents/{document_id()}/content"
DIGEST = f"sha-256=:{base64.b64encode(hashlib.sha256(PDF).digest()).decode()}:"


@pytest.fixture
async def told(service: Service) -> Service:
    """A service that knows of a proof of delivery without its bytes."""
    await service.take(order_released(), shipment_planned(), document_added())
    return service


@pytest.fixture
async def brought(told: Service) -> Service:
    """And one that has them."""
    answer = await bring(told)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "media_type": "application/pdf",
        "size_bytes": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
    }
    return told


async def test_what_comes_out_is_what_came_in(brought: Service):
    answer = await read(brought, CONTENT)
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == str(len(PDF))
    assert answer.headers["content-digest"] == answer.headers["repr-digest"] == DIGEST
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_browser_saves_it_and_runs_nothing_of_it(brought: Service):
    headers = (await read(brought, CONTENT)).headers
    assert headers["content-disposition"] == "attachment; filename=\"POD-1.pdf\"; filename*=UTF-8''POD-1.pdf"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"


async def test_whoever_has_it_is_not_sent_it_again(brought: Service):
    etag = (await read(brought, CONTENT)).headers["etag"]
    again = await read(brought, CONTENT, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=1000-", 1000, len(PDF)),
        ("bytes=-7", len(PDF) - 7, len(PDF)),
        ("bytes=5-99999", 5, len(PDF)),
        ("Bytes=3-3", 3, 4),
        ("bytes=0-", 0, len(PDF)),
        ("bytes=-99999", 0, len(PDF)),
    ],
)
async def test_a_range_of_it_can_be_asked_for(brought: Service, asked: str, start: int, stop: int):
    answer = await read(brought, CONTENT, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, PDF[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(PDF)}"
    assert answer.headers["content-length"] == str(stop - start)
    assert answer.headers["repr-digest"] == DIGEST
    assert "content-digest" not in answer.headers


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "bytes=9-3", "lines=1-2", "bytes=", "bytes=x-"])
async def test_what_is_no_one_range_is_answered_whole(brought: Service, asked: str):
    answer = await read(brought, CONTENT, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, PDF)


@pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=-0", f"bytes={'9' * 400}-"])
async def test_a_range_past_the_end_is_refused_with_the_size(brought: Service, asked: str):
    answer = await read(brought, CONTENT, headers={"Range": asked})
    ladder.refused(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(PDF)}"


async def test_a_part_is_only_sent_to_go_with_what_it_is_a_part_of(brought: Service):
    etag = (await read(brought, CONTENT)).headers["etag"]
    for if_range, status in ((etag, 206), ('"other"', 200), ("Sat, 01 Jan 2000 00:00:00 GMT", 200)):
        answer = await read(brought, CONTENT, headers={"Range": "bytes=0-9", "If-Range": if_range})
        assert answer.status_code == status


async def test_its_head_says_what_would_be_sent(brought: Service):
    headers = await brought.headers(scopes=("documents:read",))
    answer = await brought.http.head(CONTENT, headers=headers)
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(PDF)))


async def test_the_audit_log_says_who_read_it(brought: Service):
    async def noted() -> bool:
        answer = await brought.get(f"/v1/ops/audit?target={document_id()}", None, ("ops:read",))
        return any(one["detail"]["documents"][document_id()] == 1 for one in answer.json()["items"])

    await read(brought, CONTENT)
    await until(noted)


async def test_the_same_bytes_again_change_nothing(brought: Service):
    stored_at = (await read(brought, f"/v1/documents/{document_id()}")).json()["content"]["stored_at"]
    assert (await bring(brought)).status_code == 200
    assert (await read(brought, f"/v1/documents/{document_id()}")).json()["content"]["stored_at"] == stored_at


async def test_other_bytes_replace_those_before_and_leave_none_behind(brought: Service):
    etag = (await read(brought, CONTENT)).headers["etag"]
    assert (await bring(brought, PDF + b"more")).status_code == 200
    answer = await read(brought, CONTENT, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (200, PDF + b"more")
    assert await brought.intake._pool.fetchval("select count(distinct key) from blob_piece") == 1


async def test_large_ones_come_in_pieces_and_go_out_in_pieces(told: Service):
    large = b"%PDF-" + bytes(range(251)) * 12_000

    async def slowly() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 100_000):
            yield large[start : start + 100_000]

    assert (await bring(told, slowly())).status_code == 200
    assert (await read(told, CONTENT)).content == large
    middle = await read(told, CONTENT, headers={"Range": "bytes=262000-1600000"})
    assert middle.content == large[262_000:1_600_001]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"<html><script>alert(1)</script>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"<html>", "application/pdf"),
        (b"GIF89a", "image/png"),
        (b"\x00\x01", "text/plain"),
        (b"", "application/pdf"),
        (PDF, ""),
    ],
)
async def test_what_is_not_of_a_kind_that_is_taken_is_refused(told: Service, content: bytes, media_type: str):
    ladder.refused(await bring(told, content, media_type), 415, "unsupported_media_type")
    ladder.refused(await read(told, CONTENT), 404, "not_found")


async def test_text_goes_out_as_text(told: Service):
    assert (await bring(told, "Grüße".encode(), "text/plain; charset=utf-8")).status_code == 200
    assert (await read(told, CONTENT)).headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_digest_that_does_not_fit_keeps_the_bytes_out(told: Service):
    for wrong in (DIGEST.replace("sha-256=:", "sha-256=:AAAA"), "sha-256=:A:", "sha-512=:AA==:, sha-256=:AA==:"):
        ladder.refused(await bring(told, Content_Digest=wrong), 400, "digest_mismatch")
    ladder.refused(await read(told, CONTENT), 404, "not_found")
    assert (await bring(told, Content_Digest=DIGEST)).status_code == 200


async def test_more_than_is_allowed_is_refused(told: Service):
    ladder.refused(await bring(told, b"%PDF-" + bytes(20_971_520)), 413, "too_large")


async def test_bytes_of_what_nobody_is_shown_are_refused(told: Service):
    ladder.refused(await bring(told, document="POD-2"), 404, "not_found")
    ladder.refused(await bring(told, source="/tms/other"), 404, "not_found")


async def test_a_source_brings_bytes_of_its_own_documents_only(told: Service):
    carrier = await told.headers(None, ("events:write",), sources=("/carrier/",))
    asked = {"source": "/tms/main", "document": "POD-1"}
    answer = await told.http.put(PUT, params=asked, content=PDF, headers=carrier | {"Content-Type": "application/pdf"})
    ladder.refused(answer, 404, "not_found")


async def test_a_customers_own_source_brings_bytes_for_that_customer_only(told: Service):
    other = await told.headers("suedwind", ("events:write",), sources=("/tms/",))
    asked = {"source": "/tms/main", "document": "POD-1"}
    answer = await told.http.put(PUT, params=asked, content=PDF, headers=other | {"Content-Type": "application/pdf"})
    ladder.refused(answer, 404, "not_found")


async def test_a_document_of_two_customers_is_stored_for_each(told: Service):
    other = {"tenant": "suedwind"}
    await told.take(
        order_released("SO-9", **other),
        shipment_planned("S-9", "SO-9", **other),
        document_added("POD-1", "S-9", **other),
    )
    await bring(told)
    theirs = document_id("POD-1", "suedwind", ladder.OTHER_SHIPMENT)
    assert (await read(told, f"/v1/documents/{theirs}/content", tenant="suedwind")).content == PDF
    ladder.refused(await read(told, f"/v1/documents/{theirs}/content"), 404, "not_found")


@pytest.mark.parametrize("params", [{}, {"source": "/tms/main"}, {"source": "/tms/main", "document": "x", "y": "z"}])
async def test_what_is_asked_wrongly_is_named(told: Service, params: dict[str, str]):
    own = await told.headers(None, ("events:write",), sources=("/tms/",))
    answer = await told.http.put(PUT, params=params, content=PDF, headers=own | {"Content-Type": "application/pdf"})
    assert answer.status_code == 400


async def test_the_anonymous_and_readers_bring_nothing(told: Service):
    ladder.refused(await told.http.put(PUT, content=PDF), 401, "missing_token")
    answer = await told.http.put(PUT, content=PDF, headers=await told.headers())
    ladder.refused(answer, 403, "missing_scope")


async def test_a_document_taken_back_is_gone_with_its_bytes(told: Service):
    await told.take(message("document.added.v1", {"about": tms_shipment(), "document": "D", "kind": "pod"}, id="e-d"))
    assert (await bring(told, document="D")).status_code == 200
    path = f"/v1/documents/{document_id('D')}/content"
    assert (await read(told, path)).status_code == 200
    await told.take(retracted("e-d", tms_shipment()))
    ladder.refused(await read(told, path), 404, "not_found")
