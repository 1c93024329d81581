"""What every answer has, whichever part gave it: ids in and out, problems for all errors, nothing of our insides."""

import pytest
from structlog.testing import capture_logs

from app.reads.path import ReadPath
from tests.api import ladder
from tests.fixtures_service import Service

FOUND = f"/v1/shipments/{ladder.SHIPMENT}"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("path", ["/v1", "/v1/carriers", "/nowhere", "/v1/events/1", "/v1/lookup/x", "/v1/ordersX"])
async def test_what_is_not_there_is_a_problem(world: Service, path):
    ladder.refused(await world.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1/shipments", {"GET", "HEAD"}),
        ("DELETE", FOUND, {"GET", "HEAD"}),
        ("PUT", f"/v1/orders/{ladder.ORDER}", {"GET", "HEAD"}),
        ("PATCH", "/v1/lookup", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("GET", "/v1/events", {"POST", "OPTIONS"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/openapi.json", {"GET", "HEAD", "OPTIONS"}),
    ],
)
async def test_a_method_that_does_not_fit_is_told_which_do(world: Service, method, path, allowed):
    answer = await world.http.request(method, path, headers=await world.headers())
    ladder.refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed


async def test_a_request_id_comes_back(world: Service):
    answer = await world.get(FOUND, headers={"X-Request-ID": "order-4711.a"})
    assert answer.headers.get_list("x-request-id") == ["order-4711.a"]


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "täglich".encode("latin-1"), b"<script>"])
async def test_a_request_id_that_is_none_is_replaced(world: Service, given):
    answer = await world.http.get(FOUND, headers={"X-Request-ID": given})
    (own,) = answer.headers.get_list("x-request-id")
    assert own.isascii()
    assert answer.json()["trace_id"] == own


async def test_every_answer_has_its_own_request_id(world: Service):
    answers = [await world.http.get(path) for path in (FOUND, "/nowhere", "/healthz", "/docs", "/v1/events")]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


async def test_a_trace_goes_on_into_the_problem(world: Service):
    answer = await world.http.get(FOUND, headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    assert answer.json()["trace_id"] == TRACE


@pytest.mark.parametrize(
    "given", [f"00-{'0' * 32}-b7ad6b7169203331-01", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-b7ad6b7169203331-01", "x"]
)
async def test_a_trace_that_is_none_is_left_aside(world: Service, given):
    answer = await world.http.get(FOUND, headers={"traceparent": given})
    assert answer.json()["trace_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("path", [FOUND, "/v1/lookup?reference=S-1"])
async def test_a_fault_of_ours_is_logged_and_its_insides_are_not_shown(world: Service, monkeypatch, path):
    async def broken(*_):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(ReadPath, "find", broken)
    with capture_logs() as logs:
        answer = await world.get(path, headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    assert ladder.refused(answer, 500, "internal")["trace_id"] == TRACE
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    (line,) = logs
    assert (line["event"], line["trace_id"], str(line["exc_info"])) == ("request.failed", TRACE, "secret of the house")
