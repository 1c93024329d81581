"""`/v1/ops/quarantine`, `/v1/ops/held`, `/v1/ops/worklists/held`: what is stuck, its bytes, and the way out."""

import base64
from typing import Any

import asyncpg
import msgspec
import pytest

from app.settings import Settings
from projections.database import Pool
from projections.redis import Redis
from projections.references import SubjectKind, public_id
from tests.api import ladder
from tests.api.test_ops import operator
from tests.fixtures_service import READ, Service, running
from tests.integration.test_replay import poisoned
from tests.messages import milestone, order_released, shipment_planned

QUARANTINE, HELD = "/v1/ops/quarantine", "/v1/ops/held"
HOSTILE = b"<html><script>alert(1)</script>"


async def get(service: Service, path: str, **params: Any) -> Any:
    answer = await service.http.get(path, headers=await operator(service), params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(service: Service, path: str, **body: Any) -> Any:
    return await service.http.post(path, headers=await operator(service), json=body)


async def test_entries_are_listed_the_newest_first_and_narrowed(service: Service):
    await service.take(b"{", poisoned(shipment_planned()), poisoned(order_released()))
    items = (await get(service, QUARANTINE))["items"]
    assert [(one["event_type"], one["reason"], one["state"]) for one in items] == [
        ("order.released.v1", "invalid", "open"),
        ("shipment.planned.v1", "invalid", "open"),
        (None, "malformed", "open"),
    ]

    async def narrowed(**params: str) -> list[int]:
        return [one["id"] for one in (await get(service, QUARANTINE, **params))["items"]]

    order, plan, broken = (one["id"] for one in items)
    assert await narrowed(reason="malformed") == [broken]
    assert await narrowed(source="/erp/") == [order]
    assert await narrowed(event_type="shipment.planned.v1") == [plan]
    assert await narrowed(since=items[0]["last_seen_at"]) == [order, plan, broken]
    assert await narrowed(state="discarded") == []


async def test_pages_follow_each_other_and_a_cursor_fits_its_own_list_only(service: Service):
    await service.take(*(b"{" * (number + 1) for number in range(5)))
    await service.take(*(milestone(f"S-{number}") for number in range(5)))
    for path, key in ((QUARANTINE, "id"), (HELD, "number")):
        whole = [one[key] for one in (await get(service, path))["items"]]
        assert len(whole) == 5
        pages = [await get(service, path, limit=2)]
        while cursor := pages[-1]["next_cursor"]:
            pages.append(await get(service, path, limit=2, cursor=cursor))
        assert [len(page["items"]) for page in pages] == [2, 2, 1]
        assert [one[key] for page in pages for one in page["items"]] == whole
        foreign = {"cursor": pages[0]["next_cursor"], "source": "/x"}
        other = await service.http.get(path, headers=await operator(service), params=foreign)
        ladder.refused(other, 400, "broken_cursor")
        odd = await service.http.get(path, headers=await operator(service), params={"cursor": "odd"})
        ladder.refused(odd, 400, "broken_cursor")


async def test_bytes_are_given_to_be_saved_and_never_shown(service: Service):
    await service.take(HOSTILE)
    answer = await service.http.get(f"{QUARANTINE}/1/content", headers=await operator(service))
    assert answer.content == HOSTILE
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="quarantine-1-original"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    none = await service.http.get(
        f"{QUARANTINE}/1/content", headers=await operator(service), params={"of": "replacement"}
    )
    ladder.refused(none, 404, "not_found")


async def test_an_entry_is_discarded_once_with_a_reason(service: Service):
    await service.take(b"{")
    answer = await post(service, f"{QUARANTINE}/1/discard", reason="noise")
    kept = answer.json()
    assert (kept["state"], kept["settled_because"]) == ("discarded", "noise")
    assert kept["settled_by"]
    again = await post(service, f"{QUARANTINE}/1/discard", reason="noise")
    ladder.refused(again, 409, "already_settled")
    assert (await service.http.get(f"{QUARANTINE}/1/content", headers=await operator(service))).content == b"{"


async def test_a_replay_is_a_dry_run_unless_told_otherwise(service: Service):
    plan, shipment = shipment_planned(), public_id(SubjectKind.SHIPMENT, "nordwind", "S-1")
    await service.take(order_released(), poisoned(plan), milestone())
    chosen = {"ids": [1], "replacement": base64.b64encode(plan).decode()}
    dry = (await post(service, "/v1/ops/replays", **chosen)).json()
    assert dry["dry_run"] is True
    assert dry["entries"] == [{"id": 1, "status": "accepted", "reason": None, "detail": None, "pointer": None}]
    assert [one["event_type"] for one in dry["released"]] == ["shipment.milestone.v1"]
    changed = {one["kind"]: one for one in dry["changes"]}
    assert {one["tenant"] for one in dry["changes"]} == {"nordwind"}
    assert changed["shipment"]["id"] == shipment
    [appears] = changed["shipment"]["differences"]
    assert (appears["pointer"], appears["after"]["status"], "before" in appears) == ("", "in_transit", False)
    differences = {one["pointer"]: (one.get("before"), one.get("after")) for one in changed["order"]["differences"]}
    assert differences["/status"] == ("planned", "in_transit")
    assert (await service.get(f"/v1/shipments/{shipment}")).status_code == 404
    real = (await post(service, "/v1/ops/replays", **chosen, dry_run=False)).json()
    assert real == dry | {"dry_run": False, "changes": []}
    await service.projector.catch_up()
    every = (*READ, "documents:read", "charges:read")
    served = (await service.get(f"/v1/shipments/{shipment}", scopes=every)).json()
    of_now = {"freshness", "at_risk"}
    assert {name: value for name, value in served.items() if name not in of_now} == appears["after"]
    ladder.refused(await post(service, "/v1/ops/replays", ids=[1]), 409, "already_settled")
    kept = await service.http.get(
        f"{QUARANTINE}/1/content", headers=await operator(service), params={"of": "replacement"}
    )
    assert kept.content == plan


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/ids"),
        ({"ids": [1], "filter": {}}, "/ids"),
        ({"ids": []}, "/ids"),
        ({"ids": [1, 2], "replacement": "e30="}, "/replacement"),
        ({"filter": {}, "replacement": "e30="}, "/replacement"),
        ({"ids": [1], "replacement": "no base64"}, "/replacement"),
        ({"filter": {"reason": "odd"}}, "/filter/reason"),
        ({"ids": [0]}, "/ids/"),
    ],
)
async def test_what_cannot_be_replayed_so_is_refused_with_the_place(world: Service, body, pointer):
    problem = ladder.refused(await post(world, "/v1/ops/replays", **body), 400, "invalid_body")
    assert problem["errors"][0]["pointer"].startswith(pointer)


async def test_an_entry_that_is_not_there_cannot_be_replayed(world: Service):
    ladder.refused(await post(world, "/v1/ops/replays", ids=[7]), 404, "not_found")


async def test_a_held_event_says_what_it_waits_for_and_can_be_given_up(service: Service):
    body = milestone()
    await service.take(body)
    [one] = (await get(service, HELD, reference="PRO-S-1", source="/carrier/"))["items"]
    assert one["waits_for"] == {"type": "pro", "value": "PRO-S-1", "scope": "carrier:ABFS"}
    assert one["size_bytes"] == len(body)
    content = await service.http.get(f"{HELD}/{one['key']}/content", headers=await operator(service))
    assert content.content == body
    kept = (await post(service, f"{HELD}/{one['key']}/discard", reason="test shipment")).json()
    assert (kept["state"], kept["reason"], kept["event_id"]) == ("discarded", "never_placed", one["event_id"])
    assert (await get(service, HELD))["items"] == []


async def test_what_has_waited_too_long_is_on_the_worklist(
    settings: Settings, redis: Redis, projector_pool: Pool, database: str
):
    async with running(msgspec.structs.replace(settings, held_seconds=60), redis, projector_pool) as service:
        await service.take(milestone("S-1"), milestone("S-2"))
        assert (await get(service, "/v1/ops/worklists/held"))["items"] == []
        superuser = await asyncpg.connect(database)
        await superuser.execute("update log.held set held_at = held_at - interval '61 s' where value = 'PRO-S-1'")
        await superuser.close()
        items = (await get(service, "/v1/ops/worklists/held"))["items"]
        assert [one["waits_for"]["value"] for one in items] == ["PRO-S-1"]
