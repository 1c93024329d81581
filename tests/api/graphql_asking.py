"""Asking `/graphql` as clients of a tenant do."""

from typing import Any

import httpx

from tests.fixtures_service import READ, Service

GRAPHQL = "/graphql"
ALL = (*READ, "documents:read", "charges:read", "invoices:read")


async def posted(
    service: Service, body: Any, tenant: str | None = "nordwind", scopes=READ, headers=None
) -> httpx.Response:
    """The answer to any body."""
    sent = await service.headers(tenant, scopes) | (headers or {})
    return await service.http.post(GRAPHQL, json=body, headers=sent)


async def ask(service: Service, query: str, tenant: str = "nordwind", scopes=READ, **variables: Any) -> Any:
    """The answer to a query, data and errors."""
    answer = await posted(service, {"query": query, "variables": variables}, tenant, scopes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def shown(service: Service, query: str, tenant: str = "nordwind", scopes=READ, **variables: Any) -> Any:
    """The data of a query that goes well."""
    told = await ask(service, query, tenant, scopes, **variables)
    assert "errors" not in told, told
    return told["data"]


def codes(told: Any) -> list[str]:
    assert all(error["extensions"]["trace_id"] for error in told["errors"])
    return [error["extensions"]["code"] for error in told["errors"]]
