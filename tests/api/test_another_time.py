"""`?as_of=` and `?effective_at=` on documents: who may ask, what is refused, what it costs."""

from datetime import UTC, datetime

import msgspec
import pytest

from app.rest.query import TIME_COST
from tests.api import ladder
from tests.fixtures_service import READ, Service, running
from tests.messages import charge_posted, order_released, shipment_planned

FOUND = (
    f"/v1/shipments/{ladder.SHIPMENT}",
    f"/v1/shipments/{ladder.SHIPMENT}/milestones",
    f"/v1/orders/{ladder.ORDER}",
)
TIMES = ("as_of", "effective_at")


def then(name: str) -> str:
    return f"{name}={(datetime.now(UTC)).isoformat().replace('+00:00', 'Z')}"


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("path", FOUND)
async def test_the_ladder_is_climbed_with_a_time_too(world: Service, path: str, name: str):
    asked = f"{path}?{then(name)}"
    await ladder.refuses_the_anonymous(world, asked)
    await ladder.refuses_without_scope(world, asked, "orders:read" if "orders" in path else "shipments:read")
    await ladder.refuses_without_account(world, asked)
    answer = await world.get(asked)
    assert answer.status_code == 200
    assert answer.json()["freshness"]["served_from"] == "log"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
    plain = (await world.get(path)).content
    assert answer.content.startswith(plain[: plain.rindex(b',"freshness"')])


@pytest.mark.parametrize("name", TIMES)
async def test_what_is_anothers_or_was_not_yet_looks_like_what_never_was(world: Service, name: str):
    asked = f"?{then(name)}"
    for others, missing in (
        (f"/v1/shipments/{ladder.OTHER_SHIPMENT}", f"/v1/shipments/{ladder.NO_SHIPMENT}"),
        (f"/v1/orders/{ladder.OTHER_ORDER}", f"/v1/orders/{ladder.NO_ORDER}"),
    ):
        await ladder.hides_others(world, others + asked, missing + asked)
    early = f"?{name}=2001-01-01T00:00:00Z"
    await ladder.hides_others(world, FOUND[0] + early, f"/v1/shipments/{ladder.NO_SHIPMENT}{early}")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("as_of=2100-01-01T00:00:00Z", "as_of"),
        ("effective_at=2100-01-01T00:00:00Z", "effective_at"),
        ("as_of=2026-01-01T00:00:00Z&effective_at=2026-01-01T00:00:00Z", "effective_at"),
        ("as_of=yesterday", "as_of"),
        ("as_of=2026-01-01T00:00:00", "as_of"),
        ("as_of=0001-01-01T00:00:00%2B14:00", "as_of"),
    ],
)
async def test_a_time_that_cannot_be_asked_about_is_refused(world: Service, query: str, parameter: str):
    for path in FOUND:
        problem = ladder.refused(await world.get(f"{path}?{query}"), 400, "invalid_parameter")
        assert problem["errors"][0]["pointer"] == f"/query/{parameter}"


async def test_another_parameter_is_still_not_known(world: Service):
    await ladder.refuses_unknown_parameters(world, f"{FOUND[0]}")


async def test_a_guarded_section_of_then_takes_its_scope(service: Service):
    await service.take(order_released(), shipment_planned(), charge_posted())
    asked = f"{FOUND[0]}?{then('as_of')}"
    assert "charges" not in (await service.get(asked)).json()
    assert len((await service.get(asked, scopes=(*READ, "charges:read"))).json()["charges"]) == 1


async def test_it_counts_as_several_and_is_refused_when_so_much_is_not_left(settings, redis, projector_pool):
    async with running(msgspec.structs.replace(settings, rate_limit="25/minute"), redis, projector_pool) as service:
        await service.take(order_released(), shipment_planned())
        asked = f"{FOUND[0]}?{then('as_of')}"
        answers = [await service.get(asked) for _ in range(2)]
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == [
            f"r={25 - TIME_COST}",
            f"r={25 - 2 * TIME_COST}",
        ]
        refused = await service.get(asked)
        assert str(TIME_COST) in ladder.refused(refused, 429, "rate_limited")["detail"]
        assert int(refused.headers["retry-after"]) > 0


async def test_a_parent_account_is_shown_its_childrens_past(service: Service):
    await service.take(shipment_planned("S-1"), shipment_planned("S-9", tenant="suedwind"))
    headers = await service.headers("suedwind", accounts=("nordwind", "suedwind"))
    for tenant_path in (FOUND[0], f"/v1/shipments/{ladder.OTHER_SHIPMENT}"):
        answer = await service.http.get(f"{tenant_path}?{then('as_of')}", headers=headers)
        assert answer.status_code == 200
