"""A document read again goes a short way, on which nothing is answered that the long way would not answer."""

import msgspec
import pytest

from app.settings import Settings
from projections.database import Pool
from projections.redis import Redis
from tests.api import ladder
from tests.fixtures_service import Service, projecting, running
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned

PATHS = (
    f"/v1/shipments/{ladder.SHIPMENT}",
    f"/v1/shipments/{ladder.SHIPMENT}/milestones",
    f"/v1/orders/{ladder.ORDER}",
)
# A page of nobody we know: it gets no permission, and no other answer, but makes the long way answer.
LONG_WAY = {"Origin": "https://page.example"}
PASSING = ("x-request-id", "ratelimit", "content-length")


def lasting(answer):
    """What two answers to one question have in common, whenever they were given."""
    body = answer.json() if answer.content else {}
    body.pop("freshness", None)
    headers = {name: value for name, value in answer.headers.items() if name not in PASSING}
    return answer.status_code, headers, body


@pytest.mark.parametrize(
    "scopes", [("shipments:read", "orders:read"), ("shipments:read", "orders:read", "documents:read")]
)
@pytest.mark.parametrize("path", PATHS)
async def test_both_ways_answer_alike(world: Service, path, scopes):
    first = await world.get(path, scopes=scopes)
    again = await world.get(path, scopes=scopes)
    long = await world.get(path, scopes=scopes, headers=LONG_WAY)
    assert lasting(first) == lasting(again) == lasting(long)
    german = {"Accept-Language": "de"}
    assert lasting(await world.get(path, scopes=scopes, headers=german)) != lasting(long)
    for _ in range(2):
        assert (await world.get(path, scopes=scopes, headers=german)).headers["content-language"] == "de"
    assert lasting(await world.get(path, scopes=scopes)) == lasting(long)
    assert again.json()["freshness"].keys() == long.json()["freshness"].keys()
    copy = {"If-None-Match": first.headers["etag"]}
    again = await world.get(path, scopes=scopes, headers=copy)
    assert again.status_code == 304
    assert lasting(again) == lasting(await world.get(path, scopes=scopes, headers=LONG_WAY | copy))


async def test_what_changed_since_is_shown(service: Service):
    await service.take(order_released(), shipment_planned())
    async with projecting(service):
        seen = (await service.get(PATHS[0])).json()
        assert (await service.get(PATHS[0])).json()["phase"] == seen["phase"] != "in_transit"
        await service.take(milestone(hours=5))
        await until(lambda: _is_in_transit(service))


async def _is_in_transit(service: Service) -> bool:
    return (await service.get(PATHS[0])).json()["phase"] == "in_transit"


async def test_one_reader_s_question_is_nobody_else_s(world: Service):
    for _ in range(2):
        assert (await world.get(PATHS[0])).status_code == 200
    ladder.refused(await world.get(PATHS[0], "suedwind"), 404, "not_found")
    ladder.refused(await world.get(PATHS[0], scopes=("orders:read",)), 403, "missing_scope")
    ladder.refused(await world.http.get(PATHS[0]), 401, "missing_token")


async def test_of_two_tokens_none_counts(world: Service):
    token = (await world.headers())["Authorization"]
    assert (await world.get(PATHS[0])).status_code == 200
    answer = await world.http.get(PATHS[0], headers=[("Authorization", token), ("Authorization", token)])
    ladder.refused(answer, 401, "missing_token")


async def test_nothing_is_read_for_who_has_no_limit_left(
    settings: Settings, redis: Redis, projector_pool: Pool, monkeypatch: pytest.MonkeyPatch
):
    limited = msgspec.structs.replace(settings, rate_limit="3/hour", memory_documents=0)
    async with running(limited, redis, projector_pool) as service:
        await service.take(order_released(), shipment_planned())
        assert [(await service.get(PATHS[0])).status_code for _ in range(4)] == [200, 200, 200, 429]
        path = service.portal._app._path
        reads = []
        find = path.find

        def counting(key):
            reads.append(key)
            return find(key)

        monkeypatch.setattr(path, "find", counting)
        ladder.refused(await service.get(PATHS[0]), 429, "rate_limited")
        assert reads == []


async def test_what_is_asked_at_length_is_answered_and_not_remembered(world: Service):
    questions = world.portal._app._questions
    before = questions._room
    for path, headers in ((PATHS[0] + "/" * 1_000, {}), (PATHS[0], {"Accept-Language": "de" + ", x" * 400})):
        assert (await world.get(path, headers=headers)).status_code == 200
    assert questions._room == before
