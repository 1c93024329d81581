"""`GET /v1/shipments/{id}/provenance`."""

from datetime import datetime

import pytest

from tests.api import ladder
from tests.fixtures_service import READ, Service
from tests.messages import at, charge_posted, message, milestone, order_released, pro, retracted, shipment_planned

FOUND = f"/v1/shipments/{ladder.SHIPMENT}/provenance"
OTHERS = f"/v1/shipments/{ladder.OTHER_SHIPMENT}/provenance"
MISSING = f"/v1/shipments/{ladder.NO_SHIPMENT}/provenance"


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, FOUND)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, FOUND, "shipments:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, FOUND)


async def test_another_tenants_shipment_looks_like_a_missing_one(world: Service):
    await ladder.hides_others(world, OTHERS, MISSING)


async def test_an_order_is_no_shipment(world: Service):
    ladder.refused(await world.get(f"/v1/shipments/{ladder.ORDER}/provenance"), 404, "not_found")


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, FOUND)


async def fields_of(service: Service, scopes=READ) -> dict:
    answer = (await service.get(FOUND, scopes=scopes)).json()
    assert answer["shipment_id"] == ladder.SHIPMENT
    assert answer["freshness"]["served_from"] == "log"
    return {one["field"]: one for one in answer["fields"]}


async def test_a_field_names_the_event_it_is_from_and_when_that_was(world: Service):
    field = (await fields_of(world))["/milestones/0"]
    assert field["value"]["code"] == "departed"
    said = field["said"]
    assert (said["source"], said["event_type"]) == ("/carrier/ABFS", "shipment.milestone.v1")
    assert datetime.fromisoformat(said["occurred_at"]) == at(5)
    assert said["recorded_at"] <= said["folded_at"]
    assert (said["rule"]["role"], said["rule"]["rank"], said["rule"]["ranks"]) == ("carrier", 1, 3)


async def test_a_derived_field_names_what_it_follows_from(world: Service):
    fields = await fields_of(world)
    assert fields["/status"]["derived_from"] == ["/milestones/0"]
    assert fields["/status"]["said"] is None
    assert fields["/last_place"]["derived_from"] == ["/milestones/0"]


def eta(source: str, hours: float, happened: float, event_id: str) -> bytes:
    data = {"about": pro(), "eta_at": at(hours)}
    return message("shipment.eta_changed.v1", data, source=source, tenant="nordwind", hours=happened, id=event_id)


@pytest.fixture
async def told(service: Service) -> Service:
    await service.take(order_released(), shipment_planned())
    await service.take(
        eta("/carrier/ABFS", 50, 4, "second"), eta("/tms/main", 60, 9, "tms"), eta("/carrier/ABFS", 55, 6, "third")
    )
    await service.take(eta("/carrier/ABFS", 40, 2, "first"), eta("/carrier/ABFS", 90, 8, "wrong"), charge_posted())
    await service.take(retracted("wrong", pro(), source="/carrier/ABFS", tenant=None))
    return service


async def test_what_lost_says_why(told: Service):
    field = (await fields_of(told))["/eta_at"]
    assert (datetime.fromisoformat(field["value"]), field["said"]["event_id"]) == (at(55), "third")
    assert {one["said"]["event_id"]: one["why"] for one in field["lost"]} == {
        "wrong": "retracted",
        "first": "late",
        "tms": "lower_authority",
        "second": "older",
    }
    assert field["lost_count"] == 4


async def test_a_guarded_field_is_told_of_to_who_may_see_it(told: Service):
    assert "/charges/0" not in await fields_of(told)
    assert (await fields_of(told, (*READ, "charges:read")))["/charges/0"]["value"]["charge"] == "C-1"


async def test_our_own_checkpoints_are_not_named(told: Service):
    await told.take(milestone(code="terminal_scan", hours=11, id="inside"))
    answer = await told.get(FOUND)
    assert "inside" not in answer.text
    fields = {one["field"]: one for one in answer.json()["fields"]}
    assert fields["/phase"]["value"] == "in_transit"
    assert fields["/phase"]["derived_from"] == []


async def test_it_counts_as_several(service: Service):
    await service.take(order_released(), shipment_planned())
    answers = [await service.get(FOUND) for _ in range(2)]
    left = [int(one.headers["ratelimit"].split(";")[1].removeprefix("r=")) for one in answers]
    assert left[0] - left[1] == 10
