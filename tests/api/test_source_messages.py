"""`POST /v1/sources/{key}/messages`: native messages of declared sources."""

from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest

from app.settings import Settings
from tests.fixtures_service import Service
from tests.messages import milestone, order_released, shipment_planned
from tests.native_messages import PAIRS, X12_GOOD
from tests.unit.sources.x12_messages import interchange

PATH = "/v1/sources/rdfx/messages"
SOURCES = """
[rdfx]
name = "/carrier/rdfx"
format = "x12"
carrier = "RDFX"

[feed]
name = "/carrier/abfs"
format = "events"
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    file = tmp_path / "sources.toml"
    file.write_text(SOURCES)
    return msgspec.structs.replace(settings, sources_file=str(file), max_batch_bytes=65_536)


async def post(
    service: Service, body: bytes, path: str = PATH, sources: tuple[str, ...] = ("/carrier/rdfx/", "/carrier/")
) -> httpx.Response:
    token = await service.token(None, ("events:write",), sources=sources)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/edi-x12"}
    return await service.http.post(path, content=body, headers=headers)


async def test_an_anonymous_caller_is_told_to_bring_a_token(service: Service):
    for path in (PATH, "/v1/sources/nobody/messages"):
        answer = await service.http.post(path, content=b"x")
        assert (answer.status_code, answer.json()["code"]) == (401, "missing_token")


async def test_a_token_without_the_scope_is_told_which(service: Service):
    answer = await service.http.post(PATH, content=b"x", headers=await service.headers())
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert "events:write" in answer.json()["detail"]


async def test_a_source_the_token_does_not_cover_and_one_not_declared_are_not_found_alike(service: Service):
    uncovered = await post(service, PAIRS["x12"].body, sources=("/erp/",))
    unknown = await post(service, PAIRS["x12"].body, "/v1/sources/nobody/messages")
    assert uncovered.status_code == unknown.status_code == 404
    assert uncovered.json()["code"] == "not_found"
    assert uncovered.json()["detail"] == unknown.json()["detail"]


async def test_messages_are_taken_and_the_same_again_are_duplicates(service: Service):
    body = interchange(X12_GOOD)
    counts = {"messages": 1, "accepted": 0, "duplicate": 0, "held": 1, "quarantined": 0, "ignored": 0, "reasons": {}}
    answer = await post(service, body)
    assert (answer.status_code, answer.json()) == (202, counts)
    again = await post(service, body)
    assert again.json() == counts | {"held": 0, "duplicate": 1}


async def test_what_a_message_says_is_shown(service: Service):
    await service.take(order_released(), shipment_planned("7004512"))
    said = milestone("7004512", "delivered", source="/carrier/abfs")
    answer = await post(service, said, "/v1/sources/feed/messages")
    assert answer.json()["accepted"] == 1
    await service.projector.catch_up()
    listed = await service.http.get("/v1/shipments", headers=await service.headers())
    assert listed.json()["items"][0]["status"] == "delivered"


async def test_a_broken_message_is_quarantined_with_its_bytes_and_the_reason(service: Service, database: str):
    answer = await post(service, PAIRS["x12"].body)
    assert answer.status_code == 202
    assert (answer.json()["held"], answer.json()["reasons"]) == (1, {"time_impossible": 1})
    connection = await asyncpg.connect(database)
    kept = await connection.fetchrow("select * from log.quarantine")
    await connection.close()
    assert kept is not None
    assert b"20260230" in kept["body"]
    assert (kept["reason"], kept["channel"]) == ("time_impossible", "http:x12")


async def test_events_may_not_speak_for_a_source_the_token_does_not_cover(service: Service):
    answer = await post(service, order_released(), "/v1/sources/feed/messages")
    assert answer.json()["reasons"] == {"source_not_allowed": 1}


async def test_bytes_that_are_nothing_are_accounted_for(service: Service):
    answer = await post(service, b"\x00\xff" * 50)
    assert (answer.status_code, answer.json()["reasons"]) == (202, {"malformed": 1})


async def test_a_body_past_the_limit_is_refused_whole(service: Service):
    answer = await post(service, b"x" * 70_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_an_unknown_parameter_is_named(service: Service):
    answer = await post(service, b"x", f"{PATH}?dry=1")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")


async def test_reading_there_is_not_allowed(service: Service):
    assert (await service.http.get(PATH, headers=await service.headers())).status_code == 405
