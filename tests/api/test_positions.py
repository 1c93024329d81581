"""Positions: a reader who brings one back is shown nothing older, and what was sent is read, or the answer is: not yet."""

import asyncio
from pathlib import Path

import httpx
import msgspec
import pytest

from app.settings import Settings
from tests.api import ladder
from tests.fixtures_service import Service, projecting
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned

PATH = f"/v1/shipments/{ladder.SHIPMENT}"
DOCUMENTS = (PATH, f"{PATH}/milestones", f"/v1/orders/{ladder.ORDER}")
READS = (*DOCUMENTS, "/v1/shipments", "/v1/orders", "/v1/lookup?reference=S-1")
EVENTS, MESSAGES = "/v1/events", "/v1/sources/feed/messages"
MIN = "Portal-Min-Position"
SOURCES = """
[feed]
name = "/carrier/abfs"
format = "events"
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    file = tmp_path / "sources.toml"
    file.write_text(SOURCES)
    return msgspec.structs.replace(settings, sources_file=str(file))


async def position(service: Service, path: str = PATH) -> str:
    return str((await service.get(path)).json()["freshness"]["position"])


async def post(service: Service, body: bytes, path: str = EVENTS, **headers: str) -> httpx.Response:
    own = await service.headers(None, ("events:write",), sources=("/",))
    return await service.http.post(path, content=body, headers=own | {"Content-Type": "application/json"} | headers)


async def told(service: Service, *bodies: bytes) -> str:
    """The position that goes with the last of these, which are taken in and not folded."""
    for body in bodies:
        answer = await post(service, body)
        assert answer.status_code == 202, answer.text
    return answer.headers["portal-position"]


@pytest.mark.parametrize("path", READS)
async def test_what_was_shown_is_shown_again_to_who_brings_its_position_back(world: Service, path: str):
    answer = await world.get(path, headers={MIN: await position(world, path)})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_documents_take_it_as_a_parameter_too(world: Service, path: str):
    assert (await world.get(path, params={"min_version": await position(world)})).status_code == 200


async def test_every_line_of_a_list_has_one(world: Service):
    for one in (await world.get("/v1/shipments")).json()["items"]:
        assert (await world.get(PATH, headers={MIN: one["freshness"]["position"]})).status_code == 200


@pytest.mark.parametrize("path", READS)
async def test_what_is_no_position_of_ours_is_refused_by_name(world: Service, path: str):
    for token in (b"1", b"a" * 48, b"\xff", b"", b"x" * 600):
        problem = ladder.refused(await world.get(path, headers={MIN: token}), 400, "broken_position")
        assert problem["errors"][0]["pointer"] == "/header/Portal-Min-Position"


async def test_a_parameter_that_is_none_is_refused_by_name(world: Service):
    problem = ladder.refused(await world.get(PATH, params={"min_version": "7"}), 400, "broken_position")
    assert problem["errors"][0]["pointer"] == "/query/min_version"
    for wrong in ("min_version=", f"min_version={'a' * 600}", "min_version=a&min_version=b"):
        ladder.refused(await world.get(f"{PATH}?{wrong}"), 400, "invalid_parameter")


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_other_parameters_are_still_refused(world: Service, path: str):
    await ladder.refuses_unknown_parameters(world, path)


@pytest.mark.parametrize("path", READS)
async def test_a_position_opens_nothing(world: Service, path: str):
    token = await position(world)
    ladder.refused(await world.http.get(path, headers={MIN: token}), 401, "missing_token")
    ladder.refused(await world.http.get(path, headers={MIN: "nonsense"}), 401, "missing_token")
    ladder.refused(await world.get(path, scopes=("ops:read",), headers={MIN: token}), 403, "missing_scope")
    others = await world.get(f"/v1/shipments/{ladder.OTHER_SHIPMENT}", headers={MIN: token})
    ladder.refused(others, 404, "not_found")


@pytest.mark.parametrize("path", READS)
async def test_what_is_not_folded_in_time_is_answered_with_not_yet(service: Service, path: str):
    await service.take(order_released(), shipment_planned())
    token = await told(service, milestone())
    answer = await service.get(path, headers={MIN: token})
    ladder.refused(answer, 503, "position_not_reached")
    assert int(answer.headers["retry-after"]) > 0
    await service.projector.catch_up()
    assert (await service.get(path, headers={MIN: token})).status_code == 200


async def test_what_was_sent_is_read_while_the_projector_works(service: Service):
    await service.take(order_released(), shipment_planned())
    async with projecting(service):
        for sent in range(1, 15):
            answer = await post(service, milestone(hours=sent, city=f"City {sent}"))
            token = answer.headers["portal-position"]
            read = await service.get(PATH, headers={MIN: token})
            while read.status_code == 503:
                ladder.refused(read, 503, "position_not_reached")
                read = await service.get(PATH, headers={MIN: token})
            assert len(read.json()["milestones"]) == sent
            listed = await service.get("/v1/shipments", headers={MIN: read.json()["freshness"]["position"]})
            assert listed.json()["items"][0]["last_event_at"] == read.json()["last_event_at"]


async def test_who_waits_is_answered_as_soon_as_it_is_folded(service: Service):
    await service.take(order_released(), shipment_planned())
    token = await told(service, milestone())
    await service.headers()
    waiting = [asyncio.create_task(service.get(PATH, headers={MIN: token})) for _ in range(5)]
    await service.projector.catch_up()
    for answer in await asyncio.gather(*waiting):
        assert answer.json()["status"] == "in_transit"


async def test_native_messages_are_answered_with_one_too(service: Service):
    await service.take(order_released(), shipment_planned())
    answer = await post(service, milestone(source="/carrier/abfs"), MESSAGES)
    assert answer.json()["accepted"] == 1, answer.text
    ladder.refused(
        await service.get(PATH, headers={MIN: answer.headers["portal-position"]}), 503, "position_not_reached"
    )


async def test_a_duplicate_and_a_repeated_request_cover_what_was_sent_first(service: Service):
    await service.take(order_released(), shipment_planned())
    body = milestone()
    first = await post(service, body, **{"Idempotency-Key": "k"})
    again = await post(service, body, **{"Idempotency-Key": "k"})
    assert again.headers["idempotency-replayed"] == "true"
    duplicate = await post(service, body)
    assert duplicate.json()["duplicate"] == 1
    for answer in (first, again, duplicate):
        token = answer.headers["portal-position"]
        ladder.refused(await service.get(PATH, headers={MIN: token}), 503, "position_not_reached")


async def test_what_is_quarantined_alone_has_no_position(service: Service):
    answer = await post(service, b"{}")
    assert answer.status_code == 422
    assert "portal-position" not in answer.headers


async def test_anothers_events_are_not_waited_for(service: Service):
    await service.take(order_released(), shipment_planned())
    token = await told(service, order_released("SO-9", tenant="suedwind"))
    # Nobody folds it: it lies on another partition than nordwind's.
    assert (await service.get(PATH, headers={MIN: token})).status_code == 200


async def test_a_position_does_not_tell_whether_anything_hidden_changed(service: Service):
    await service.take(order_released(), shipment_planned())
    seen: list[str] = []

    async def several() -> bool:
        seen.append(await position(service))
        return len(set(seen)) > 2

    await until(several)
    assert len({len(token) for token in seen}) == 1
