"""Whatever comes in a path, a query or a header, the answer is a 4xx of ours and never a fault."""

import string
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.api import ladder
from tests.fixtures_service import Service

WEIRD = [
    "%00", f"{ladder.SHIPMENT}%00", f"{ladder.SHIPMENT}%0A", "%0d%0aSet-Cookie:%20a=b", "%ff%fe", "%c3%28", "..",
    "%2e%2e", "%2F%2F", "a" * 5_000, ladder.SHIPMENT.upper(), f"{ladder.SHIPMENT}x", ladder.SHIPMENT[:-1], "shp_", "*",
    "' or 1=1 --", "{id}", "%F0%9F%9A%9A", "shp_" + "é" * 24, "shp_" + "٣" * 24, "null", "undefined", "0", "-1",
]  # fmt: skip
LISTS = ("/v1/shipments", "/v1/orders", "/v1/lookup")


def proper(answer: httpx.Response) -> None:
    """A refusal as they all should be, or an answer that found nothing."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        ladder.refused(answer, answer.status_code, answer.json()["code"])
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("weird", WEIRD)
async def test_a_weird_id_is_not_found(world: Service, weird):
    for kind in ("shipments", "orders"):
        for path in (
            f"/v1/{kind}/{weird}x",
            f"/v1/{kind}/{weird}/milestones",
            f"/v1/{kind}/{ladder.SHIPMENT}/{weird}x",
        ):
            answer = await world.get(path)
            proper(answer)
            assert answer.status_code == 404, path


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("weird", WEIRD)
async def test_a_weird_value_is_refused_or_finds_nothing(world: Service, path, weird):
    for name in ("reference", "cursor", "status", "limit", "updated_since", "ship_to", "type", weird):
        proper(await world.get(f"{path}?{name}={weird}"))


@pytest.mark.parametrize("query", ["&", "=", "==&=", "%", "%zz", "a", ";", "&".join(["limit=1"] * 60), "reference=%00"])
async def test_a_weird_query_is_refused_or_passed_over(world: Service, query):
    for path in (*LISTS, f"/v1/shipments/{ladder.SHIPMENT}", "/healthz", "/openapi.json"):
        proper(await world.get(f"{path}?{query}"))


async def test_an_empty_part_of_a_path_is_not_the_list(world: Service):
    ladder.refused(await world.get("/v1/shipments//milestones"), 404, "not_found")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["limit", "cursor", "sort", "status", "carrier", "updated_since", "eta_after", "reference"]),
    value=st.text(max_size=40) | st.datetimes().map(lambda time: f"{time.isoformat()}+13:59") | st.floats().map(str),
)
@example(name="updated_since", value="1e400")
@example(name="limit", value="9" * 5_000)
async def test_no_value_of_any_parameter_is_a_fault(world: Service, name, value):
    proper(await world.get(f"/v1/shipments?{name}={quote(value.encode('utf-8', 'surrogatepass'))}"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.sampled_from(["if-none-match", "authorization", "traceparent", "x-request-id"]))
async def test_no_header_is_a_fault(world: Service, value, name):
    headers = await world.headers()
    proper(await world.http.get(f"/v1/shipments/{ladder.SHIPMENT}", headers=headers | {name: value}))


async def test_a_mountain_of_headers_changes_nothing(world: Service):
    extra = {f"x-{letter}": "y" * 1_000 for letter in string.ascii_lowercase}
    assert (await world.get(f"/v1/shipments/{ladder.SHIPMENT}", headers=extra)).status_code == 200
