"""`Idempotency-Key`: the same request sent again is answered as it was first, whoever answers and whenever."""

import asyncio
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest

from app.settings import Settings
from projections.intake.answers import KEPT_FOR
from projections.sources.taking import BATCH as MESSAGES_AT_ONCE
from tests.api import ladder
from tests.fixtures_service import Service, running
from tests.messages import milestone, order_released

EVENTS, MESSAGES = "/v1/events", "/v1/sources/feed/messages"
PATHS = (EVENTS, MESSAGES)
SOURCES = """
[feed]
name = "/erp/main"
format = "events"

[other]
name = "/erp/main"
format = "events"
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    file = tmp_path / "sources.toml"
    file.write_text(SOURCES)
    return msgspec.structs.replace(settings, sources_file=str(file), max_event_bytes=2_048)


async def post(
    service: Service, path: str, body: bytes, key: str | None = "k-1", sources: tuple[str, ...] = ("/erp/", "/carrier/")
) -> httpx.Response:
    headers = await service.headers(None, ("events:write",), sources=sources)
    headers = headers | {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key is not None else {})
    return await service.http.post(path, content=body, headers=headers)


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """Whether the second is the first, said again."""
    assert "idempotency-replayed" not in one.headers
    assert other.headers["idempotency-replayed"] == "true"
    return (one.status_code, one.content, one.headers["content-type"], one.headers["cache-control"]) == (
        *(other.status_code, other.content, other.headers["content-type"]),
        other.headers["cache-control"],
    )


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_key_a_resend_is_told_of_duplicates(service: Service, path: str):
    body = order_released()
    assert (await post(service, path, body, None)).json()["accepted"] == 1
    again = await post(service, path, body, None)
    assert (again.json()["accepted"], again.json()["duplicate"]) == (0, 1)


@pytest.mark.parametrize("path", PATHS)
async def test_with_a_key_a_resend_is_answered_as_it_was_first(service: Service, path: str):
    body = order_released()
    first = await post(service, path, body)
    assert first.json()["accepted"] == 1
    assert same(first, await post(service, path, body))


@pytest.mark.parametrize("path", PATHS)
async def test_the_same_key_with_another_body_is_refused(service: Service, path: str):
    await post(service, path, order_released())
    problem = ladder.refused(await post(service, path, order_released("SO-2")), 422, "idempotency_key_reused")
    assert "another body" in problem["detail"]


async def test_keys_of_other_senders_paths_and_sources_are_other_keys(service: Service):
    body = order_released()
    told = [
        (await post(service, EVENTS, body)).json(),
        (await post(service, EVENTS, body, sources=("/",))).json(),
        (await post(service, MESSAGES, body)).json(),
        (await post(service, "/v1/sources/other/messages", body)).json(),
        (await post(service, EVENTS, body, "k-2")).json(),
    ]
    assert [one["accepted"] for one in told] == [1, 0, 0, 0, 0]
    assert [one["duplicate"] for one in told] == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("path", PATHS)
async def test_of_many_at_once_one_is_done_and_all_are_answered_alike(service: Service, path: str):
    body = b"[" + b",".join(order_released(f"SO-{number}") for number in range(20)) + b"]"
    if path == MESSAGES:
        body = body[1:-1].replace(b'},{"spec', b'}\n{"spec')
    await service.headers(None, ("events:write",), sources=("/erp/", "/carrier/"))
    answers = await asyncio.gather(*(post(service, path, body) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["accepted"] == 20
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1


async def test_a_resend_finds_its_answer_with_another_worker(service: Service, redis, projector_pool):
    body = order_released()
    first = await post(service, EVENTS, body)
    async with running(service.settings, redis, projector_pool) as another:
        another._headers = service._headers
        assert same(first, await post(another, EVENTS, body))


async def test_a_refusal_that_put_something_into_quarantine_is_said_again(service: Service, database: str):
    bodies = [b"{", milestone(source="/weather/x"), b" " * 3_000]
    for number, body in enumerate(bodies):
        first = await post(service, EVENTS, body, f"q-{number}")
        assert same(first, await post(service, EVENTS, body, f"q-{number}"))
    connection = await asyncpg.connect(database)
    assert await connection.fetch("select seen_count from log.quarantine") == [(1,)] * 3
    await connection.close()


async def test_what_was_refused_before_anything_was_done_may_be_mended_under_its_key(service: Service):
    ladder.refused(await post(service, f"{EVENTS}?x=1", order_released("SO-2")), 400, "unknown_parameter")
    too_many = b"[" + b",".join([b"1"] * 1_001) + b"]"
    ladder.refused(await post(service, EVENTS, too_many), 413, "too_large")
    assert (await post(service, EVENTS, order_released())).status_code == 202


async def test_a_body_of_several_transactions_is_answered_whole(service: Service):
    for number, count in enumerate((0, MESSAGES_AT_ONCE, MESSAGES_AT_ONCE + 1)):
        body = b"\n".join(order_released(f"SO-{number}-{index}") for index in range(count))
        first = await post(service, MESSAGES, body, f"n-{number}")
        assert first.json()["accepted"] == count
        assert same(first, await post(service, MESSAGES, body, f"n-{number}"))


async def test_the_answer_and_what_it_tells_of_are_stored_together_or_not_at_all(service: Service, database: str):
    connection = await asyncpg.connect(database)
    await connection.execute("alter table log.idempotent_answer add constraint full_up check (false)")
    body = order_released()
    assert (await post(service, EVENTS, body)).status_code == 500
    assert await connection.fetchval("select count(*) from log.event") == 0
    await connection.execute("alter table log.idempotent_answer drop constraint full_up")
    assert (await post(service, EVENTS, body)).json()["accepted"] == 1
    await connection.close()


async def test_a_batch_the_store_takes_by_halves_is_answered_again_too(service: Service, database: str):
    connection = await asyncpg.connect(database)
    await connection.execute("alter table log.held add constraint picky check (event_id <> 'poison')")
    await connection.close()
    events = [order_released(), milestone("S-8"), milestone("S-9", id="poison")]
    body = b"[" + b",".join(events) + b"]"
    first = await post(service, EVENTS, body)
    assert [one["status"] for one in first.json()["results"]] == ["accepted", "held", "quarantined"]
    assert same(first, await post(service, EVENTS, body))


async def test_keys_are_forgotten_after_a_day(service: Service, database: str):
    body = order_released()
    for key in ("k-1", "k-2"):
        await post(service, EVENTS, body, key)
    connection = await asyncpg.connect(database)
    await connection.execute("update log.idempotent_answer set answered_at = answered_at - $1::interval", KEPT_FOR)
    anew = await post(service, EVENTS, body)
    assert (anew.json()["duplicate"], "idempotency-replayed" in anew.headers) == (1, False)
    assert same(anew, await post(service, EVENTS, body))
    assert await connection.fetchval("select array_agg(key) from log.idempotent_answer") == ["k-1"]
    await connection.close()


@pytest.mark.parametrize("key", ["", "a b", "\u00e4".encode().decode("latin-1"), "x" * 256, '"', '""', 'a"b'])
async def test_a_key_that_is_none_is_refused(service: Service, key: str):
    headers = await service.headers(None, ("events:write",), sources=("/",))
    raw = [
        *((name.encode(), value.encode()) for name, value in headers.items()),
        (b"idempotency-key", key.encode("latin-1")),
    ]
    answer = await service.http.post(
        EVENTS, content=order_released(), headers=[*raw, (b"content-type", b"application/json")]
    )
    ladder.refused(answer, 400, "malformed")


async def test_a_key_is_the_same_with_and_without_the_drafts_quotes(service: Service):
    body = order_released()
    assert same(await post(service, EVENTS, body, '"k-1"'), await post(service, EVENTS, body, "k-1"))
