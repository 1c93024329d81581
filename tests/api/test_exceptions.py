"""`GET /v1/exceptions`: what is wrong now, across a tenant's shipments."""

import pytest

from projections.references import SubjectKind, public_id
from projections.statuses import EXCEPTIONS, REASONS
from projections.words import ENGLISH, catalogue
from tests.api import ladder
from tests.fixtures_service import Service
from tests.messages import (
    at,
    eta_changed,
    exception_cleared,
    exception_raised,
    milestone,
    order_released,
    shipment_planned,
)

EXCEPTIONS_PATH = "/v1/exceptions"
CODES = list(EXCEPTIONS)


async def ask(service: Service, tenant: str = "nordwind", **params) -> dict:
    answer = await service.get(EXCEPTIONS_PATH, tenant, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def troubled(service: Service) -> Service:
    """Two problems on S-1, one on S-2 that was cleared, S-3 late by its ETA, all is well with S-4; S-9 is another's."""
    for n in range(1, 5):
        await service.take(order_released(f"SO-{n}"), shipment_planned(f"S-{n}", f"SO-{n}"))
    theirs = {"tenant": "suedwind"}
    await service.take(
        order_released("SO-9", **theirs), shipment_planned("S-9", "SO-9", **theirs), exception_raised("S-9", hours=1)
    )
    await service.take(
        exception_raised(code=CODES[0], hours=1),
        exception_raised(code=CODES[1], hours=5),
        exception_raised("S-2", hours=1),
        exception_cleared("S-2", hours=2),
        eta_changed(200, "S-3", hours=3),
    )
    return service


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    await ladder.refuses_the_anonymous(world, EXCEPTIONS_PATH)


async def test_a_token_without_the_scope_is_told_which(world: Service):
    await ladder.refuses_without_scope(world, EXCEPTIONS_PATH, "shipments:read")


async def test_a_token_without_an_account_is_refused(world: Service):
    await ladder.refuses_without_account(world, EXCEPTIONS_PATH)


async def test_an_unknown_parameter_is_named(world: Service):
    await ladder.refuses_unknown_parameters(world, EXCEPTIONS_PATH)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("responsible_party=me", "responsible_party"),
        ("status=open", "status"),
        ("raised_since=soon", "raised_since"),
    ],
)
async def test_a_wrong_parameter_is_named(world: Service, query, name):
    problem = ladder.refused(await world.get(f"{EXCEPTIONS_PATH}?{query}"), 400, "invalid_parameter")
    assert [one["pointer"] for one in problem["errors"]] == [f"/query/{name}"]


async def test_where_all_is_well_the_list_is_empty_and_fresh(world: Service):
    page = await ask(world)
    assert (page["items"], page["next_cursor"]) == ([], None)
    assert page["freshness"]["state"]


async def test_what_stands_is_listed_newest_first_with_what_to_do(troubled: Service):
    items = (await ask(troubled))["items"]
    assert [(one["shipment"]["number"], one["code"]) for one in items] == [
        ("S-1", CODES[1]),
        ("S-3", "eta_past_promise"),
        ("S-1", CODES[0]),
    ]
    for one in items:
        words = catalogue(ENGLISH).reasons[one["code"]]
        assert (one["text"], one["action_required"]) == (words.text, words.action_required)
        assert one["responsible_party"] == REASONS[one["code"]]
        assert one["raised_at"]
        assert one["shipment"]["freshness"]["state"]


async def test_an_eta_past_the_promise_stands_since_it_was_said(troubled: Service):
    (late,) = (await ask(troubled, code="eta_past_promise"))["items"]
    assert late["raised_at"] == at(3).isoformat().replace("+00:00", "Z")
    await troubled.take(eta_changed(10, "S-3", hours=4))
    assert (await ask(troubled, code="eta_past_promise"))["items"] == []


async def test_what_is_cleared_is_gone(troubled: Service):
    await troubled.take(exception_cleared(code=CODES[0], hours=6))
    assert [one["code"] for one in (await ask(troubled))["items"]] == [CODES[1], "eta_past_promise"]


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        ({"code": CODES[0]}, ["S-1"]),
        ({"code": "nothing"}, []),
        ({"shipment_id": public_id(SubjectKind.SHIPMENT, "nordwind", "S-3")}, ["S-3"]),
        ({"shipment_id": public_id(SubjectKind.SHIPMENT, "suedwind", "S-9")}, []),
        ({"carrier": "ABFS,XPO"}, ["S-1", "S-3", "S-1"]),
        ({"carrier": "XPO"}, []),
        ({"status": "delayed"}, ["S-1", "S-3", "S-1"]),
        ({"status": "delivered"}, []),
        ({"raised_since": at(3).isoformat()}, ["S-1", "S-3"]),
    ],
)
async def test_a_list_is_narrowed(troubled: Service, narrowed, numbers):
    assert [one["shipment"]["number"] for one in (await ask(troubled, **narrowed))["items"]] == numbers


async def test_whose_turn_it_is_narrows_to_that_party(troubled: Service):
    everything = (await ask(troubled))["items"]
    for party in {one["responsible_party"] for one in everything} | {"nobody"}:
        found = (await ask(troubled, responsible_party=party))["items"]
        assert found == [] or {one["responsible_party"] for one in found} == {party}
        assert len(found) == sum(one["responsible_party"] == party for one in everything)


async def test_pages_go_on_where_they_ended(troubled: Service):
    whole, cursor, paged = (await ask(troubled))["items"], None, []
    while cursor is not None or not paged:
        page = await ask(troubled, limit=1, **({"cursor": cursor} if cursor else {}))
        paged += page["items"]
        cursor = page["next_cursor"]
    assert [(one["code"], one["shipment"]["id"]) for one in paged] == [
        (one["code"], one["shipment"]["id"]) for one in whole
    ]


async def test_a_cursor_belongs_to_its_question_and_its_tenant(troubled: Service):
    cursor = (await ask(troubled, limit=1))["next_cursor"]
    for path, tenant in (
        (f"?cursor={cursor}&code=x", "nordwind"),
        (f"?cursor={cursor}", "suedwind"),
        ("?cursor=x", "nordwind"),
    ):
        ladder.refused(await troubled.get(EXCEPTIONS_PATH + path, tenant), 400, "broken_cursor")


async def test_several_accounts_are_one_list(troubled: Service):
    headers = await troubled.headers("nordwind", ("shipments:read",), accounts=("nordwind", "suedwind"))
    items = (await troubled.http.get(EXCEPTIONS_PATH, headers=headers)).json()["items"]
    assert {one["shipment"]["tenant"] for one in items} == {"nordwind", "suedwind"}
    assert len(items) == 4
    assert [one["raised_at"] for one in items] == sorted((one["raised_at"] for one in items), reverse=True)


async def test_in_whatever_order_it_is_told_the_list_is_the_same(service: Service):
    for number, order in (("S-1", (0, 1, 2, 3)), ("S-2", (3, 2, 1, 0)), ("S-3", (1, 0, 3, 2))):
        # Said again, an ETA stands since then, though the document is the same.
        told = [
            *(eta_changed(200, number, hours=5), eta_changed(200, number, hours=6)),
            *(exception_raised(number, hours=7), exception_cleared(number, hours=8)),
        ]
        await service.take(order_released(f"SO-{number}"), shipment_planned(number, f"SO-{number}"))
        for index in order:
            await service.take(told[index])
    items = (await ask(service))["items"]
    assert [(one["code"], one["raised_at"]) for one in items] == [("eta_past_promise", "2026-03-02T14:00:00Z")] * 3


async def test_what_the_delivery_has_settled_stands_no_more_but_damage_does(service: Service):
    await service.take(order_released(), shipment_planned())
    await service.take(exception_raised(code="traffic", hours=3), exception_raised(code="damaged", hours=4))
    assert {one["code"] for one in (await ask(service))["items"]} == {"traffic", "damaged"}
    await service.take(milestone(code="delivered", hours=9))
    assert [one["code"] for one in (await ask(service))["items"]] == ["damaged"]
