"""The whole description put to the test: whatever is sent, what comes back is what OpenAPI says may come back."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.rest import openapi
from tests.api import ladder
from tests.fixtures_service import READ, Service
from tests.papers import PAPER_SCOPES, document_id, invoice_id

SCHEMA = schemathesis.openapi.from_dict(openapi.document())
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
DESCRIBED = {
    f"{method.upper()} {path}": operation
    for path, methods in openapi.document()["paths"].items()
    for method, operation in methods.items()
}
READS = sorted(label for label, operation in OPERATIONS.items() if operation.method == "get")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
# Of each operation and each way of making cases; the seed is fixed, so that a run can be repeated.
EXAMPLES = 30
IDS = {
    "/v1/shipments/": ladder.SHIPMENT,
    "/v1/orders/": ladder.ORDER,
    "/v1/cards/": ladder.SHIPMENT,
    "/v1/documents/": document_id(),
    "/v1/invoices/": invoice_id(),
}
PLACES = ("{id}", "{shipment_id}")


def can_be_wrong(label: str) -> bool:
    """Whether anything can be sent that the description does not allow: any text is an id, if not one of ours."""
    said = DESCRIBED[label]
    in_query = any(one["in"] == "query" for one in said["parameters"])
    return in_query or "application/json" in said.get("requestBody", {}).get("content", {})


CASES = [
    (label, mode)
    for label in sorted(OPERATIONS)
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or can_be_wrong(label)
]
Send = Callable[[requests.PreparedRequest, dict[str, str]], httpx.Response]


async def tokens(service: Service) -> list[dict[str, str]]:
    """Of a customer, of a source, of an operator, of nobody, and a broken one."""
    return [
        await service.headers(),
        await service.headers(scopes=PAPER_SCOPES),
        await service.headers(scopes=READ[:1]),
        await service.headers(scopes=("cards:read", "shares:manage")),
        await service.headers(None, ("events:write",), sources=("/",)),
        await service.headers(None, ("ops:read", "ops:replay")),
        {},
        {"Authorization": "Bearer x.y.z"},
    ]


def sender(service: Service) -> Send:
    """Sends from another thread: cases are made by code that does not know of loops."""
    loop = asyncio.get_running_loop()

    def send(prepared: requests.PreparedRequest, token: dict[str, str]) -> httpx.Response:
        kept = {name: value for name, value in prepared.headers.items() if name.lower() != "authorization"}
        headers = {name: _as_sent(value) for name, value in {**kept, **token}.items()}
        asked = service.http.build_request(
            prepared.method or "", prepared.url or "", headers=headers, content=prepared.body
        )
        return asyncio.run_coroutine_threadsafe(service.http.send(asked), loop).result(30)

    return send


def _as_sent(value: str | bytes) -> bytes:
    """A header's value as `requests` would send it."""
    return value if isinstance(value, bytes) else value.encode("latin-1")


def hold(operation: Any, mode: GenerationMode, send: Send, given_tokens: list[dict[str, str]], **fixed: Any) -> None:
    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=HealthCheck)
    @given(operation.as_strategy(generation_mode=mode, **fixed), st.sampled_from(given_tokens))
    def held(case: Any, token: dict[str, str]) -> None:
        prepared = requests.Request(**case.as_transport_kwargs(base_url="http://127.0.0.1:8000")).prepare()
        case.validate_response(send(prepared, token), checks=CHECKS)

    held()


async def holds(service: Service, label: str, mode: GenerationMode, **fixed: Any) -> None:
    given_tokens = await tokens(service)
    await asyncio.to_thread(hold, OPERATIONS[label], mode, sender(service), given_tokens, **fixed)


@pytest.mark.parametrize(("label", "mode"), [case for case in CASES if case[0] in READS])
async def test_a_read_answers_as_described(world: Service, label: str, mode: GenerationMode):
    await holds(world, label, mode)


@pytest.mark.parametrize("label", [label for label in READS if any(one in label for one in PLACES)])
async def test_a_read_of_what_is_there_answers_as_described(world: Service, label: str):
    (found,) = [value for start, value in IDS.items() if start in label]
    (place,) = [one.strip("{}") for one in PLACES if one in label]
    await holds(world, label, GenerationMode.POSITIVE, path_parameters={place: found})


@pytest.mark.parametrize(("label", "mode"), [case for case in CASES if case[0] not in READS])
async def test_a_write_answers_as_described(service: Service, label: str, mode: GenerationMode):
    await holds(service, label, mode)
