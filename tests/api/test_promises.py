"""`GET /v1/shipments/{id}/promises`: each ETA and promise that was shown, and how it turned out."""

from datetime import UTC, datetime

from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import at, eta_changed, milestone, order_released, shipment_planned

FOUND = f"/v1/shipments/{ladder.SHIPMENT}/promises"
OTHERS = f"/v1/shipments/{ladder.OTHER_SHIPMENT}/promises"
MISSING = f"/v1/shipments/{ladder.NO_SHIPMENT}/promises"


def instants(items: list[dict], name: str) -> list[datetime | None]:
    return [datetime.fromisoformat(one[name]) if one[name] else None for one in items]


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, FOUND)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, FOUND, "shipments:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, FOUND)


async def test_another_tenants_promises_look_like_missing_ones(world: Service):
    await ladder.hides_others(world, OTHERS, MISSING)
    await ladder.hides_others(world, f"/v1/shipments/{ladder.ORDER}/promises", MISSING)


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, FOUND)


async def test_what_is_under_way_has_no_outcome_yet(world: Service):
    answer = (await world.get(FOUND)).json()
    assert instants(answer["items"], "promised_at") == [at(96)]
    assert (answer["items"][0]["eta_at"], answer["items"][0]["error_hours"], answer["outcome"]) == (None, None, None)
    assert answer["freshness"]["served_from"] == "postgres"


async def test_each_eta_is_there_in_the_order_shown_and_how_far_off_it_was(service: Service):
    before = datetime.now(UTC)
    await service.take(order_released(), shipment_planned())
    await service.take(eta_changed(90, hours=10), eta_changed(99, hours=30))
    # Said before what is known already, and heard after it: shown to nobody.
    await service.take(eta_changed(50, hours=5))
    await service.take(milestone(code="delivered", hours=98))
    answer = (await service.get(FOUND)).json()
    items = answer["items"]
    assert instants(items, "eta_at") == [None, at(90), at(99)]
    assert instants(items, "eta_said_at") == [None, at(10), at(30)]
    assert [one["eta_source"] for one in items] == [None, "/carrier/ABFS", "/carrier/ABFS"]
    assert [one["error_hours"] for one in items] == [None, 8, -1]
    shown_at = instants(items, "shown_at")
    assert shown_at == sorted(shown_at)
    assert before <= shown_at[0] <= datetime.now(UTC)
    assert (answer["outcome"]["on_time"], answer["outcome"]["late_hours"]) == (False, 2)
    assert datetime.fromisoformat(answer["outcome"]["delivered_at"]) == at(98)


async def test_what_was_said_when_it_had_come_is_no_forecast(service: Service):
    await service.take(order_released(), shipment_planned(), milestone(code="delivered", hours=90))
    await service.take(eta_changed(91, hours=92))
    answer = (await service.get(FOUND)).json()
    assert answer["items"][-1]["error_hours"] is None
    assert answer["outcome"]["on_time"] is True
