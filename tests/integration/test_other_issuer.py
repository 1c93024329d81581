"""The service with an issuer elsewhere: JWTs by its keys, other tokens by asking it."""

import asyncio
import time

import msgspec
import pytest

from tests.api import ladder
from tests.fixtures_service import Service, running
from tests.integration.waiting import until
from tests.messages import document_added, order_released, shipment_planned
from tests.other_issuer import CLIENT_ID, SECRET, OtherIssuer

ROTATIONS, READERS = 5, 8


@pytest.fixture
async def issuer():
    async with OtherIssuer("first") as started:
        yield started


@pytest.fixture
async def service(issuer, settings, redis, projector_pool):
    changes = {"issuer": issuer.url, "introspection_client_id": CLIENT_ID, "introspection_secret": SECRET}
    async with running(msgspec.structs.replace(settings, **changes), redis, projector_pool) as started:
        yield started


async def ask(service: Service, token: str):
    return await service.http.get("/v1/shipments", headers={"Authorization": f"Bearer {token}"})


async def test_keys_rotate_under_load_and_no_request_is_lost(service: Service, issuer: OtherIssuer):
    answered = dict.fromkeys(issuer.kids, 0)
    done = asyncio.Event()

    async def read(reader: int) -> None:
        number = 0
        while not done.is_set():
            kid = issuer.kids[-1]
            # A new token each time, so that no answer comes from one remembered.
            token = issuer.token(aud=service.settings.audience, jti=f"{reader}-{(number := number + 1)}")
            answer = await ask(service, token)
            assert answer.status_code == 200, (kid, answer.text)
            answered[kid] = answered.get(kid, 0) + 1

    async def rotate() -> None:
        for rotation in range(ROTATIONS):
            kid = f"key-{rotation}"
            # The key before stays published, as tokens signed with it are on their way; the new one signs at once.
            issuer.kids = [issuer.kids[-1], kid]
            await until(lambda kid=kid: _several(answered, kid), 30)
        done.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(rotate())
        for reader in range(READERS):
            group.create_task(read(reader))
    assert len(answered) == ROTATIONS + 1


async def _several(answered: dict[str, int], kid: str) -> bool:
    return answered.get(kid, 0) > READERS


def opaque(service: Service, **changes):
    said = {"active": True, "aud": service.settings.audience, "client_id": "app", "tenant": "nordwind"}
    return said | {"scope": "shipments:read", "exp": int(time.time()) + 600} | changes


async def test_an_opaque_token_opens_what_its_scopes_allow_until_the_issuer_takes_it_back(
    service: Service, issuer: OtherIssuer
):
    issuer.tokens["opaque"] = opaque(service)
    assert (await ask(service, "opaque")).status_code == 200
    refused = await service.http.get("/v1/orders", headers={"Authorization": "Bearer opaque"})
    ladder.refused(refused, 403, "missing_scope")
    issuer.tokens.clear()

    async def taken_back() -> bool:
        return (await ask(service, "opaque")).status_code == 401

    await until(taken_back)


async def test_what_was_answered_before_is_not_answered_again_once_the_issuer_says_less(
    service: Service, issuer: OtherIssuer
):
    await service.take(order_released(), shipment_planned(), document_added())
    path, header = f"/v1/shipments/{ladder.SHIPMENT}", {"Authorization": "Bearer opaque"}
    for scope, other, shown in (
        ("shipments:read documents:read", f"/v1/shipments/{ladder.SHIPMENT}/milestones", True),
        ("shipments:read", f"/v1/shipments/{ladder.SHIPMENT}/milestones", False),
        ("orders:read", f"/v1/orders/{ladder.ORDER}", None),
    ):
        issuer.tokens["opaque"] = opaque(service, scope=scope)
        asked = issuer.introspections

        async def heard(other: str = other, asked: int = asked) -> bool:
            answer = await service.http.get(other, headers=header)
            return answer.status_code == 200 and issuer.introspections > asked

        await until(heard)
        answer = await service.http.get(path, headers=header)
        assert (answer.status_code, "documents" in answer.json()) == (403 if shown is None else 200, bool(shown))


async def test_while_the_issuer_is_away_a_token_it_would_have_to_be_asked_about_is_not_refused_for_good(
    service: Service, issuer: OtherIssuer
):
    issuer.down = True
    for token in ("opaque", issuer.token(aud=service.settings.audience)):
        answer = await ask(service, token)
        ladder.refused(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
