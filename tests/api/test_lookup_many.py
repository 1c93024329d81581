"""`POST /v1/lookup`: many identifiers at once, each answered in its place."""

import httpx
import pytest

from app.reads import lookup, stores
from app.reads.database import fetch
from projections.database import Pool
from tests.api import ladder
from tests.fixtures_service import READ, Service
from tests.messages import order_released, shipment_planned

LOOKUP = "/v1/lookup"


async def post(
    service: Service, body: object, tenant: str | None = "nordwind", scopes=READ, **options
) -> httpx.Response:
    return await service.http.post(LOOKUP, json=body, headers=await service.headers(tenant, scopes), **options)


async def ask(service: Service, *references: dict | str, **options) -> list[dict]:
    wanted = [{"reference": one} if isinstance(one, str) else one for one in references]
    answer = await post(service, {"references": wanted}, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_an_anonymous_caller_is_told_to_bring_a_token(world: Service):
    ladder.refused(await world.http.post(LOOKUP, json={"references": [{"reference": "S-1"}]}), 401, "missing_token")


async def test_a_token_without_the_scope_or_an_account_is_refused(world: Service):
    body = {"references": [{"reference": "S-1"}]}
    ladder.refused(await post(world, body, scopes=("orders:read",)), 403, "missing_scope")
    ladder.refused(await post(world, body, None), 403, "no_account")


async def test_each_is_answered_in_its_place_or_with_nothing(world: Service):
    items = await ask(
        world, "nobody's", "PRO-S-1", {"reference": "SO-1", "type": "erp_order"}, "S-9", ladder.SHIPMENT, "S-1"
    )
    assert [one["reference"] for one in items] == ["nobody's", "PRO-S-1", "SO-1", "S-9", ladder.SHIPMENT, "S-1"]
    assert [[match["kind"] for match in one["matches"]] for one in items] == [
        *([], ["shipment"], ["order"], [], ["shipment"], ["shipment"])
    ]
    assert items[2]["type"] == "erp_order"
    assert items[1]["matches"][0]["shipment"]["freshness"]["state"]


async def test_it_finds_what_the_look_up_of_one_finds(world: Service):
    for reference in ("S-1", "SO-1", "PO-SO-1", "PRO-S-1", ladder.ORDER, ladder.OTHER_SHIPMENT, "S-9"):
        (many,) = await ask(world, reference)
        one = (await world.get(LOOKUP, params={"reference": reference})).json()["items"]
        assert [(match["kind"], match["matched"]) for match in many["matches"]] == [
            (match["kind"], match["matched"]) for match in one
        ]


async def test_an_identifier_asked_for_twice_is_answered_twice(world: Service):
    first, second = await ask(world, "S-1", "S-1")
    assert first["matches"][0]["shipment"]["id"] == second["matches"][0]["shipment"]["id"] == ladder.SHIPMENT


async def test_a_type_narrows_only_the_identifier_it_is_given_with(world: Service):
    narrowed, plain = await ask(world, {"reference": "PRO-S-1", "type": "bol"}, "PRO-S-1")
    assert (narrowed["matches"], len(plain["matches"])) == ([], 1)


async def test_orders_are_not_mentioned_to_a_token_without_their_scope(world: Service):
    orders, shipments = await ask(world, "SO-1", "S-1", scopes=("shipments:read",))
    assert (orders["matches"], len(shipments["matches"])) == ([], 1)


async def test_more_than_two_hundred_are_refused_by_number(world: Service):
    problem = ladder.refused(
        await post(world, {"references": [{"reference": f"R-{n}"} for n in range(201)]}), 400, "invalid_body"
    )
    assert "200" in problem["detail"]
    assert [one["pointer"] for one in problem["errors"]] == ["/references"]
    assert len(await ask(world, *(f"R-{n}" for n in range(200)))) == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"references": [{"reference": "S-1"}, {"reference": ""}]}, "/references/1/reference"),
        ({"references": [{"reference": "S-1", "type": "colour"}]}, "/references/0/type"),
        ({"references": [{"reference": "a\u0000b"}]}, "/references/0/reference"),
        ({"references": [{"reference": "S-1", "colour": "red"}]}, "/references/0"),
        ({"references": []}, "/references"),
        ({}, ""),
        ([], ""),
    ],
)
async def test_what_is_wrong_is_pointed_at(world: Service, body, pointer):
    problem = ladder.refused(await post(world, body), 400, "invalid_body")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]


async def test_an_unknown_parameter_is_named(world: Service):
    answer = await post(world, {"references": [{"reference": "S-1"}]}, params={"colour": "red"})
    ladder.refused(answer, 400, "unknown_parameter")


async def test_many_cost_one_statement_a_tenant_and_one_for_each_kind_of_document(
    service: Service, monkeypatch: pytest.MonkeyPatch
):
    numbers = range(20)
    planned = [event for n in numbers for event in (order_released(f"SO-{n}"), shipment_planned(f"S-{n}", f"SO-{n}"))]
    await service.take(*planned)
    # Nothing is cached anywhere.
    await service.redis.flushdb()
    asked: list[str] = []

    async def counted(pool: Pool, statement: str, *values: object, **within: float) -> object:
        asked.append(statement)
        return await fetch(pool, statement, *values, **within)

    for module in (lookup, stores):
        monkeypatch.setattr(module, "fetch", counted)
    items = await ask(service, *(f"S-{n}" for n in numbers), *(f"SO-{n}" for n in numbers))
    assert all(len(one["matches"]) == 1 for one in items)
    assert asked.count("lookup") == 1
    assert len(asked) <= 3
