"""Keys rotate while two workers issue and verify tokens as fast as they can: no request is lost."""

import asyncio
from collections import Counter

import httpx
import pytest

from app.settings import Settings
from auth.issuer.clients import Client, create_client
from auth.issuer.signing_key import rotate
from projections.database import DatabaseRole, Pool, open_pool
from projections.redis import Redis
from tests.fixtures_issuer import GRANT, header
from tests.served import served

ROTATIONS = 6
ROUNDS_BETWEEN = 12


@pytest.mark.timeout(180)
async def test_rotation_under_load_loses_no_request(settings: Settings, redis: Redis, projector_pool: Pool):
    assert redis
    assert projector_pool
    async with await open_pool(settings.database_url, DatabaseRole.ISSUER, connections=1) as pool:
        secret = await create_client(pool, Client("acme-app", "Acme", ("shipments:read",), tenant="acme"))
    answers: Counter[int] = Counter()
    signed_by: Counter[str] = Counter()
    rounds, stop = asyncio.Semaphore(0), asyncio.Event()

    async def hammer(http: httpx.AsyncClient) -> None:
        while not stop.is_set():
            token = await http.post("/oauth/token", data=GRANT, auth=("acme-app", secret))
            answers[token.status_code] += 1
            bearer = token.json()["access_token"]
            signed_by[header(bearer)["kid"]] += 1
            # Several connections: more likely than not another worker answers than the one that signed.
            for _ in range(3):
                read = await http.get("/v1/shipments?limit=1", headers={"Authorization": f"Bearer {bearer}"})
                answers[read.status_code] += 1
            rounds.release()

    async with served(settings, workers=2) as url:
        unkept = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=url, trust_env=False, limits=unkept, timeout=30) as http:
            hammering = [asyncio.create_task(hammer(http)) for _ in range(4)]
            try:
                for turn in range(ROTATIONS):
                    rotate(settings.issuer_key, lead_seconds=0)
                    new = ROUNDS_BETWEEN
                    # Until the new key signs, and a while longer.
                    while new or len(signed_by) < turn + 1:
                        await asyncio.wait_for(rounds.acquire(), 30)
                        new = max(0, new - 1)
                        assert not [task for task in hammering if task.done()]
            finally:
                stop.set()
                await asyncio.gather(*hammering)
            published = {key["kid"] for key in (await http.get("/oauth/jwks.json")).json()["keys"]}
    assert answers.keys() == {200}
    assert len(signed_by) >= ROTATIONS
    assert signed_by.keys() <= published
