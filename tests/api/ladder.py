"""What every endpoint owes every caller: the rungs that the tests of each endpoint climb."""

from typing import Any

import httpx

from projections.references import SubjectKind, public_id
from tests.fixtures_service import READ, Service

SHIPMENT = public_id(SubjectKind.SHIPMENT, "nordwind", "S-1")
ORDER = public_id(SubjectKind.ORDER, "nordwind", "SO-1")
OTHER_SHIPMENT = public_id(SubjectKind.SHIPMENT, "suedwind", "S-9")
OTHER_ORDER = public_id(SubjectKind.ORDER, "suedwind", "SO-9")
NO_SHIPMENT = "shp_" + "a" * 24
NO_ORDER = "ord_" + "a" * 24


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem, which is of this status and code and complete."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert problem["status"] == status
    assert all(problem[name] for name in ("type", "title", "detail", "trace_id"))
    return problem


async def refuses_the_anonymous(service: Service, path: str) -> None:
    answer = await service.http.get(path)
    refused(answer, 401, "missing_token")
    assert answer.headers["www-authenticate"] == 'Bearer realm="portal"'


async def refuses_without_scope(service: Service, path: str, scope: str) -> None:
    others = tuple(one for one in (*READ, "ops:read") if one != scope)
    answer = await service.get(path, scopes=others)
    assert scope in refused(answer, 403, "missing_scope")["detail"]
    assert f'error="insufficient_scope", scope="{scope}"' in answer.headers["www-authenticate"]


async def refuses_without_account(service: Service, path: str) -> None:
    refused(await service.get(path, tenant=None), 403, "no_account")


async def refuses_unknown_parameters(service: Service, path: str) -> None:
    answer = await service.get(path, params={"colour": "red"})
    problem = refused(answer, 400, "unknown_parameter")
    assert "colour" in problem["detail"]
    assert problem["errors"] == [
        {"pointer": "/query/colour", "code": "unknown_parameter", "detail": "not known here"},
    ]


async def hides_others(service: Service, others: str, missing: str, scopes: tuple[str, ...] = READ) -> None:
    """Another tenant's and nobody's are answered with the same bytes but the trace id."""
    one, other = await service.get(others, scopes=scopes), await service.get(missing, scopes=scopes)
    refused(one, 404, "not_found")
    assert without_ids(one) == without_ids(other)


def without_ids(answer: httpx.Response) -> tuple[bytes, list[tuple[str, str]]]:
    """What is to be the same of two refusals."""
    body = answer.content.replace(answer.json()["trace_id"].encode(), b"")
    # What is left of the rate limit is less after each request, whatever was asked for.
    passing = ("x-request-id", "content-length", "ratelimit")
    return body, [pair for pair in answer.headers.multi_items() if pair[0] not in passing]
