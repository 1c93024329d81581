"""How connections end: by the protocol, with the token, for who is too slow, and when the process stops."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from app.graphql import sockets, sse
from projections.database import DatabaseRole, open_pool
from tests.api.graphql_asking import codes
from tests.api.test_subscriptions import SHIPMENTS
from tests.api.test_tokens import signed
from tests.fixtures_service import Service
from tests.integration.waiting import until
from tests.messages import milestone, order_released, shipment_planned
from tests.streaming import connected, greeted, listening, streamed, subscribed

REVOKE = "insert into issuer.revocation (jti, expires_at) values ($1, $2)"


async def is_true(condition) -> bool:
    return condition()


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_who_does_not_say_who_they_are_is_closed(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sockets, "INIT_SECONDS", 0.2)
    async with connected(service) as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")


@pytest.mark.parametrize("payload", [None, {}, {"Authorization": "Bearer nonsense"}, {"authorization": 5}])
async def test_without_a_good_token_nothing_begins(service: Service, payload):
    async with connected(service) as socket:
        await socket.say(type="connection_init", payload=payload)
        assert (await socket.closed())[0] == 4403


async def test_the_token_may_come_with_the_upgrade(service: Service):
    async with connected(service, headers=await service.headers()) as socket:
        await socket.event()
        await socket.greet({})


async def test_a_token_of_nobodys_account_is_refused(service: Service):
    async with connected(service) as socket:
        await socket.say(type="connection_init", payload=await service.headers(tenant=None, scopes=("ops:read",)))
        assert (await socket.closed())[0] == 4403


async def test_nothing_is_asked_before_the_acknowledgement(service: Service):
    async with connected(service) as socket:
        await socket.subscribe(SHIPMENTS)
        assert await socket.closed() == (4401, "Unauthorized")


async def test_only_the_protocol_is_spoken(service: Service):
    async with connected(service, protocols=("graphql-ws",)) as socket:
        assert (await socket.closed())[0] == 4406
    headers = await service.headers()
    for text in ("no JSON", "[]", '{"type": 5}', '{"type": "nothing"}', '{"type": "subscribe", "id": "1"}', "[" * 9999):
        async with connected(service) as socket:
            await socket.event()
            await socket.greet(headers)
            await socket.raw(text)
            assert (await socket.closed())[0] == 4400, text


async def test_an_id_in_use_and_a_second_greeting_close(service: Service):
    async with greeted(service) as socket:
        await subscribed(service, socket, SHIPMENTS)
        await socket.subscribe(SHIPMENTS)
        assert await socket.closed() == (4409, "Subscriber for 1 already exists")
    async with greeted(service) as socket:
        await socket.say(type="connection_init", payload=await service.headers())
        assert await socket.closed() == (4429, "Too many initialisation requests")


async def test_a_query_is_answered_and_complete_and_a_ping_is_answered(service: Service):
    async with greeted(service) as socket:
        await socket.say(type="ping")
        assert await socket.heard() == {"type": "pong"}
        await socket.subscribe("{ viewer { tenant } }")
        assert await socket.result() == {"viewer": {"tenant": "nordwind"}}
        assert await socket.heard() == {"id": "1", "type": "complete"}
        await socket.subscribe("{ nothing }")
        refused = await socket.heard()
        assert (refused["type"], codes({"errors": refused["payload"]})) == ("error", ["GRAPHQL_VALIDATION_FAILED"])


async def test_a_completed_subscription_says_no_more_and_its_id_is_free(service: Service):
    async with greeted(service) as socket:
        await subscribed(service, socket, SHIPMENTS)
        await socket.say(type="complete", id="1")
        await socket.subscribe("{ viewer { tenant } }")
        assert await socket.result() == {"viewer": {"tenant": "nordwind"}}


async def test_a_connection_has_so_many_operations_and_goes_on(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sockets, "OPERATIONS_MAX", 1)
    async with greeted(service) as socket:
        await subscribed(service, socket, SHIPMENTS)
        await socket.subscribe(SHIPMENTS, "2")
        refused = await socket.heard()
        assert (refused["id"], codes({"errors": refused["payload"]})) == ("2", ["TOO_MANY_SUBSCRIPTIONS"])


async def test_pages_of_other_origins_open_none(service: Service):
    for origin, answer in (
        ("https://evil.example", "websocket.close"),
        (service.settings.public_url, "websocket.accept"),
    ):
        async with connected(service, headers={"Origin": origin}) as socket:
            assert (await socket.event())["type"] == answer


async def test_with_the_token_ends_what_it_opened(service: Service):
    token = signed(service, tenant="nordwind", scope="shipments:read", exp=int(time.time()) + 2)
    async with connected(service) as socket, streamed(service, SHIPMENTS, bearing(token)) as stream:
        await socket.event()
        await socket.greet(bearing(token))
        await socket.subscribe(SHIPMENTS)
        assert await socket.closed() == (4403, "The token has expired.")
        _, told = await stream.event()
        assert codes(told) == ["EXPIRED_TOKEN"]
        assert await stream.event() == ("complete", None)


async def test_a_revoked_token_ends_what_it_opened(service: Service):
    token = signed(service, tenant="nordwind", scope="shipments:read", jti="t-1")
    async with connected(service) as socket, streamed(service, SHIPMENTS, bearing(token)) as stream:
        await socket.event()
        await socket.greet(bearing(token))
        await listening(service)
        async with await open_pool(service.settings.database_url, DatabaseRole.ISSUER, connections=1) as pool:
            await pool.execute(REVOKE, "t-1", datetime.now(UTC) + timedelta(hours=1))
        assert await socket.closed() == (4403, "The token has been revoked.")
        _, told = await stream.event()
        assert codes(told) == ["INVALID_TOKEN"]


async def test_who_takes_nothing_is_cut_and_told_why(service: Service, monkeypatch: pytest.MonkeyPatch):
    for module in (sockets, sse):
        monkeypatch.setattr(module, "SEND_SECONDS", 0.3)
    headers = await service.headers()
    async with greeted(service) as socket, streamed(service, SHIPMENTS, headers) as stream:
        await subscribed(service, socket, SHIPMENTS)
        await listening(service, 2)
        socket.takes.clear()
        stream.takes.clear()
        await service.take(order_released(), shipment_planned())
        await service.take(milestone(hours=1))
        await until(lambda: is_true(lambda: not service.portal._feed._tails))
        socket.takes.set()
        stream.takes.set()
        code, reason = await socket.closed()
        assert (code, "Slow consumer" in reason) == (4430, True)
        events = [await stream.event()]
        while events[-1] is not None:
            events.append(await stream.event())
        assert codes(events[-3][1]) == ["SLOW_CONSUMER"]


async def test_who_falls_too_far_behind_is_cut_and_told_why(service: Service):
    feed = service.portal._feed
    feed.behind_max = 2
    async with greeted(service) as socket:
        await subscribed(service, socket, SHIPMENTS)
        await service.take(order_released(), shipment_planned())
        await socket.result()
        socket.takes.clear()
        for hours in range(6):
            await service.take(milestone(code="departed" if hours % 2 else "arrived", city=f"C {hours}", hours=hours))
        await until(lambda: is_true(lambda: max(tail.last for tail in feed._tails.values()) >= 8))
        socket.takes.set()
        code, reason = await socket.closed()
        assert (code, "Slow consumer" in reason) == (4430, True)


async def test_a_process_that_stops_sends_its_clients_elsewhere(service: Service):
    async with greeted(service) as socket, streamed(service, SHIPMENTS, await service.headers()) as stream:
        await listening(service)
        service.portal._feed.close()
        assert (await socket.closed())[0] == 1012
        # Broken off, and not complete: clients connect again.
        assert await stream.event() is None
