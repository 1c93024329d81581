"""`POST /graphql`: the ladder, per operation."""

from typing import Any

import httpx

from tests.api import ladder
from tests.fixtures_service import READ, Service

GRAPHQL = "/graphql"


async def ask(service: Service, query: str, tenant: str | None = "nordwind", scopes=READ, **options: Any) -> Any:
    answer = await asked(service, query, tenant, scopes, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def asked(
    service: Service, query: str, tenant: str | None = "nordwind", scopes=READ, **options: Any
) -> httpx.Response:
    variables, headers = options.pop("variables", None), options.pop("headers", {})
    body = {"query": query, "variables": variables, **options}
    return await service.http.post(GRAPHQL, json=body, headers=await service.headers(tenant, scopes) | headers)


async def test_smoke(world: Service):
    got = await ask(
        world,
        "{ viewer { tenant accounts scopes partyRole clientId subject } shipments(first: 1) { nodes { id number status milestones { code occurredAt } orders { order { number shipments { shipment { id } } } } freshness { state servedFrom } } edges { cursor node { id } } pageInfo { endCursor hasNextPage } totalCount freshness { state } } }",
    )
    print(got)
    got = await ask(
        world,
        '{ node(id: "%s") { __typename id ... on Shipment { number documents { kind } carrier { name } } } a: node(id: "%s") {id} lookup(reference: "S-1") { matched { type value } shipment { number } } }'
        % (ladder.SHIPMENT, ladder.OTHER_SHIPMENT),
    )
    print(got)
    assert 0
