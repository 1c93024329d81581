"""ETags, If-None-Match and HEAD: a copy that is still good is not sent again."""

import pytest

from tests.api import ladder
from tests.fixtures_service import Service
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned

PATHS = (
    f"/v1/shipments/{ladder.SHIPMENT}",
    f"/v1/shipments/{ladder.SHIPMENT}/milestones",
    f"/v1/orders/{ladder.ORDER}",
)


async def etag(service: Service, path: str, tenant: str = "nordwind") -> str:
    return str((await service.get(path, tenant)).headers["etag"])


@pytest.mark.parametrize("path", PATHS)
async def test_a_copy_that_is_up_to_date_is_not_sent_again(world: Service, path):
    tag = await etag(world, path)
    for condition in (tag, tag.removeprefix("W/"), "*", f'"other", {tag}', f'W/"x",{tag.removeprefix("W/")} , "y"'):
        answer = await world.get(path, headers={"If-None-Match": condition})
        assert (answer.status_code, answer.content) == (304, b""), condition
        assert answer.headers["etag"] == tag
        assert answer.headers["cache-control"].startswith("private")


@pytest.mark.parametrize("path", PATHS)
async def test_any_other_copy_is_replaced(world: Service, path):
    for condition in ('W/"0000000000000000"', "", "nonsense", ",", '"*"'):
        answer = await world.get(path, headers={"If-None-Match": condition})
        assert answer.status_code == 200, condition


async def test_two_headers_are_one_list(world: Service):
    tag = await etag(world, PATHS[0])
    headers = [*(await world.headers()).items(), ("If-None-Match", tag), ("If-None-Match", '"x"')]
    assert (await world.http.get(PATHS[0], headers=headers)).status_code == 304


async def test_a_condition_opens_nothing(world: Service):
    tag = await etag(world, f"/v1/shipments/{ladder.OTHER_SHIPMENT}", "suedwind")
    for condition in (tag, "*"):
        answer = await world.get(f"/v1/shipments/{ladder.OTHER_SHIPMENT}", headers={"If-None-Match": condition})
        ladder.refused(answer, 404, "not_found")


@pytest.mark.parametrize("path", [*PATHS, "/v1/shipments", "/v1/lookup?reference=S-1", "/healthz", "/openapi.json"])
async def test_head_is_get_without_the_body(world: Service, path):
    headers = await world.headers()
    got, head = await world.http.get(path, headers=headers), await world.http.head(path, headers=headers)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers.keys() == got.headers.keys()
    assert head.headers.get("etag") == got.headers.get("etag")


async def test_a_refused_head_has_no_body_either(world: Service):
    answer = await world.http.head(PATHS[0])
    assert (answer.status_code, answer.content) == (401, b"")


async def test_freshness_changes_and_the_etag_does_not(service: Service):
    await service.take(order_released(), shipment_planned())
    first = await service.get(PATHS[0])

    async def later_answer() -> bool:
        again = await service.get(PATHS[0])
        assert again.headers["etag"] == first.headers["etag"]
        return bool(again.json()["freshness"] != first.json()["freshness"])

    await until(later_answer)


async def test_anothers_events_leave_the_etag_and_ones_own_change_it(service: Service):
    await service.take(order_released(), shipment_planned())
    before = [await etag(service, path) for path in PATHS]
    await service.take(
        order_released("SO-9", tenant="suedwind"), shipment_planned("S-9", "SO-9", tenant="suedwind"), milestone("S-9")
    )
    assert [await etag(service, path) for path in PATHS] == before
    await service.take(milestone(hours=1))
    assert all(after != tag for after, tag in zip([await etag(service, path) for path in PATHS], before, strict=True))
