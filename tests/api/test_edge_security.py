"""What browsers are told, which pages may call, and how large a request may be."""

import asyncio
import re
from collections.abc import AsyncIterator

import msgspec
import pytest

from app import settings as app_settings
from app.edge_policy import HEADER_BYTES_MAX, TARGET_BYTES_MAX
from app.rest import bodies
from app.settings import Settings, SettingsError
from projections.database import Pool
from projections.redis import Redis
from tests.api import ladder
from tests.fixtures_service import Service, running

FOUND = f"/v1/shipments/{ladder.SHIPMENT}"
ORIGIN = "https://crm.example"
ANSWERS = [
    FOUND,
    "/v1/shipments",
    "/nowhere",
    "/healthz",
    "/openapi.json",
    "/v1/events",
    "/.well-known/openid-configuration",
]


@pytest.fixture
async def public(settings: Settings, redis: Redis, projector_pool: Pool) -> AsyncIterator[Service]:
    """The service under an https address, which pages of one origin may call."""
    changed = msgspec.structs.replace(settings, base_url="https://portal.example", cors_origins=ORIGIN)
    async with running(changed, redis, projector_pool) as service:
        yield service


@pytest.mark.parametrize("path", ANSWERS)
async def test_every_answer_tells_browsers_to_do_nothing_with_it(world: Service, path):
    for answer in (await world.http.get(path), await world.get(path), await world.http.request("HEAD", path)):
        assert answer.headers.get_list("content-security-policy") == ["default-src 'none'; frame-ancestors 'none'"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "strict-transport-security" not in answer.headers
        assert not any(name.startswith("access-control-") for name in answer.headers)


async def test_a_page_has_a_policy_of_its_own_that_allows_no_script(world: Service):
    answer = await world.http.get("/docs")
    (policy,) = answer.headers.get_list("content-security-policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.search(r"style-src 'sha256-[A-Za-z0-9+/]{43}='", policy)
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


async def test_under_https_browsers_are_told_to_stay_there(public: Service):
    answer = await public.http.get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


async def test_a_page_of_an_allowed_origin_may_read_answers(public: Service):
    answer = await public.http.get("/v1/shipments", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"ETag", "RateLimit", "Retry-After", "X-Request-ID"} <= set(exposed)
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_browser_that_asks_before_is_told_yes(public: Service):
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = await public.http.options(FOUND, headers=asked)
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "GET" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-max-age"] == "600"


@pytest.mark.parametrize(
    "origin", ["https://crm.example.evil.example", "http://crm.example", "null", "https://CRM.example", "*"]
)
async def test_no_other_origin_is_answered_for(public: Service, origin):
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    for answer in (await public.http.options(FOUND, headers=asked), await public.http.get(FOUND, headers=asked)):
        assert "access-control-allow-origin" not in answer.headers
        assert "Origin" in answer.headers.get_list("vary")


@pytest.mark.parametrize("given", ["*", "crm.example", "https://a.example,https://b.example", "https://a.example/x"])
def test_what_is_no_origin_stops_the_start(given):
    stores = {"PORTAL_DATABASE_URL": "postgresql://x", "PORTAL_REDIS_URL": "redis://x"}
    with pytest.raises(SettingsError, match="PORTAL_CORS_ORIGINS"):
        app_settings.load(stores | {"PORTAL_CORS_ORIGINS": given})


async def test_an_address_too_long_is_refused(world: Service):
    ladder.refused(await world.get("/v1/shipments?reference=" + "a" * TARGET_BYTES_MAX), 414, "target_too_long")


async def test_headers_too_large_are_refused(world: Service):
    ladder.refused(await world.get(FOUND, headers={"X-Much": "a" * HEADER_BYTES_MAX}), 431, "headers_too_large")


async def test_what_just_fits_is_answered(world: Service):
    answer = await world.get(FOUND, headers={"X-Much": "a" * (HEADER_BYTES_MAX - 4_096)})
    assert answer.status_code == 200


async def test_a_body_that_does_not_arrive_is_not_waited_for(world: Service, monkeypatch):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)

    async def stalling() -> AsyncIterator[bytes]:
        yield b"["
        await asyncio.Event().wait()

    headers = await world.headers(None, ("events:write",), sources=("/",)) | {"Content-Type": "application/json"}
    ladder.refused(await world.http.post("/v1/events", content=stalling(), headers=headers), 400, "malformed")
