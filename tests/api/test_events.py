"""`POST /v1/events`: one or a batch, and nothing good is lost beside something bad."""

import httpx
import msgspec
import pytest

from app.settings import Settings
from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import milestone, order_released, shipment_planned

EVENTS = "/v1/events"
ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LARGE_BYTES = 3_000


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, max_event_bytes=2_048, max_batch_bytes=65_536)


async def post(service: Service, body: bytes, media_type: str = ONE, sources: tuple[str, ...] = ("/",)):
    headers = await service.headers(None, ("events:write",), sources=sources)
    return await service.http.post(EVENTS, content=body, headers=headers | {"Content-Type": media_type})


def batch(*events: bytes) -> bytes:
    return b"[" + b",".join(events) + b"]"


def statuses(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 202, answer.text
    return [one["status"] for one in answer.json()["results"]]


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    answer = await world.http.post(EVENTS, content=order_released(), headers={"Content-Type": ONE})
    ladder.refused(answer, 401, "missing_token")


async def test_a_token_without_the_scope_is_told_which(world: Service):
    answer = await world.http.post(EVENTS, content=order_released(), headers=await world.headers())
    assert "events:write" in ladder.refused(answer, 403, "missing_scope")["detail"]


async def test_an_unknown_parameter_is_named(world: Service):
    headers = await world.headers(None, ("events:write",), sources=("/",))
    answer = await world.http.post(f"{EVENTS}?dry=1", content=order_released(), headers=headers)
    assert "dry" in ladder.refused(answer, 400, "unknown_parameter")["detail"]


async def test_an_event_is_accepted_and_shown(service: Service):
    answer = await post(service, order_released(id="first"))
    assert answer.json() == {
        "accepted": 1,
        "duplicate": 0,
        "held": 0,
        "quarantined": 0,
        "results": [{"status": "accepted", "source": "/erp/main", "id": "first"}],
    }
    await service.projector.catch_up()
    assert (await service.get(f"/v1/orders/{ladder.ORDER}")).json()["number"] == "SO-1"


@pytest.mark.parametrize("media_type", [BATCH, "application/json", "Application/JSON; charset=utf-8"])
async def test_a_batch_is_answered_event_by_event(service: Service, media_type):
    answer = await post(service, batch(order_released(), shipment_planned(), milestone()), media_type)
    assert statuses(answer) == ["accepted"] * 3


async def test_the_same_event_again_is_a_duplicate_and_no_error(service: Service):
    event = order_released()
    assert statuses(await post(service, event)) == ["accepted"]
    assert statuses(await post(service, event)) == ["duplicate"]
    assert statuses(await post(service, batch(event, event), BATCH)) == ["duplicate", "duplicate"]


async def test_an_event_whose_shipment_is_not_known_is_held_until_it_is(service: Service):
    assert statuses(await post(service, milestone())) == ["held"]
    assert statuses(await post(service, batch(order_released(), shipment_planned()), BATCH)) == ["accepted"] * 2
    await service.projector.catch_up()
    assert (await service.get(f"/v1/shipments/{ladder.SHIPMENT}")).json()["status"] == "in_transit"


async def test_bad_events_do_not_sink_the_good_ones_beside_them(service: Service):
    bad = [b'{"specversion": "1.0"}', b"5", milestone(code="teleported"), order_released("X" * LARGE_BYTES)]
    answer = await post(service, batch(order_released(), *bad, shipment_planned()), BATCH)
    assert statuses(answer) == ["accepted", *["quarantined"] * len(bad), "accepted"]
    results = answer.json()["results"]
    assert [one["reason"] for one in results[1:-1]] == ["invalid", "invalid", "unknown_code", "oversized"]
    assert results[3]["pointer"] == "/data/code"
    assert all(one["detail"] for one in results[1:-1])
    await service.projector.catch_up()
    assert (await service.get(f"/v1/shipments/{ladder.SHIPMENT}")).status_code == 200


async def test_one_bad_event_alone_is_an_error_that_points_at_it(service: Service):
    answer = await post(service, milestone(code="teleported"))
    (error,) = ladder.refused(answer, 422, "event_quarantined")["errors"]
    assert (error["pointer"], error["code"]) == ("/data/code", "unknown_code")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"id": "\\ud800"}'])
async def test_what_is_no_json_is_told_so(service: Service, body):
    ladder.refused(await post(service, body), 400, "malformed")


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"[{]", b'"[]"', b"[" * 20_000, b"[1,]"])
async def test_a_batch_that_is_no_array_is_told_so(service: Service, body):
    answer = await post(service, body, BATCH)
    problem = ladder.refused(answer, 400, "malformed")
    assert "quarantined" in problem["detail"]


async def test_an_empty_batch_is_taken(service: Service):
    answer = await post(service, b"[]", BATCH)
    assert statuses(answer) == []


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "", "json"])
async def test_another_content_type_is_refused_with_those_that_are_taken(service: Service, media_type):
    answer = await post(service, order_released(), media_type)
    problem = ladder.refused(answer, 415, "unsupported_media_type")
    assert ONE in problem["detail"]
    assert BATCH in answer.headers["accept"]


async def test_an_oversized_event_is_told_the_limit(service: Service):
    answer = await post(service, order_released("X" * LARGE_BYTES))
    assert "2048" in ladder.refused(answer, 413, "too_large")["detail"]


async def test_an_oversized_body_is_refused(service: Service):
    ladder.refused(await post(service, b" " * 65_537, BATCH), 413, "too_large")

    async def chunks():
        for _ in range(70):
            yield b" " * 1_000

    headers = await service.headers(None, ("events:write",), sources=("/",))
    answer = await service.http.post(EVENTS, content=chunks(), headers=headers | {"Content-Type": BATCH})
    ladder.refused(answer, 413, "too_large")


async def test_too_many_events_at_once_are_refused_and_none_is_taken(service: Service):
    answer = await post(service, batch(*[b"1"] * 1_001), BATCH)
    assert "1001" in ladder.refused(answer, 413, "too_large")["detail"]


async def test_a_client_speaks_for_its_own_sources_only(service: Service):
    await service.take(order_released(), shipment_planned())
    answer = await post(service, batch(milestone(), order_released("SO-2")), BATCH, sources=("/carrier/ABFS/",))
    assert {one["reason"] for one in answer.json()["results"]} == {"source_not_allowed"}
    answer = await post(service, batch(milestone(), order_released("SO-2")), BATCH, sources=("/carrier/",))
    assert statuses(answer) == ["accepted", "quarantined"]
    refused = await post(service, order_released("SO-2"), sources=("/carrier/",))
    (error,) = ladder.refused(refused, 422, "event_quarantined")["errors"]
    assert (error["pointer"], error["code"]) == ("/source", "source_not_allowed")


async def test_a_client_without_sources_speaks_for_none(service: Service):
    headers = await service.headers(None, ("events:write",))
    answer = await service.http.post(EVENTS, content=order_released(), headers=headers | {"Content-Type": ONE})
    ladder.refused(answer, 422, "event_quarantined")


async def test_a_customers_own_client_speaks_for_that_customer_only(service: Service):
    headers = await service.headers("nordwind", ("events:write",), sources=("/erp/",))
    answer = await service.http.post(
        "/v1/events", content=order_released(tenant="alpina"), headers=headers | {"Content-Type": ONE}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/tenant"
    own = await service.http.post("/v1/events", content=order_released(), headers=headers | {"Content-Type": ONE})
    assert own.status_code == 202
