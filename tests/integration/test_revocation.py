"""A token that is taken back stops working on every worker."""

import asyncio
import os
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import asyncpg
import httpx
import pytest

from app.settings import Settings
from projections.database import DatabaseRole, Pool, open_pool
from projections.redis import Redis
from tests.api.test_tokens import signed
from tests.fixtures_service import Service, running
from tests.integration.waiting import until

WORKERS = 2
REVOKE = (
    "insert into issuer.revocation (jti, client_id, subject, issued_before, expires_at) values ($1, $2, $3, $4, $5)"
)


@pytest.fixture
async def issuer_pool(database: str):
    pool = await open_pool(database, DatabaseRole.ISSUER, connections=1)
    yield pool
    await pool.close()


async def revoke(pool: Pool, *, jti=None, client_id=None, subject=None, issued_before=None) -> None:
    await pool.execute(REVOKE, jti, client_id, subject, issued_before, datetime.now(UTC) + timedelta(hours=1))


async def status_of(service: Service, token: str) -> int:
    return (await service.http.get("/v1/shipments", headers={"Authorization": f"Bearer {token}"})).status_code


@pytest.mark.parametrize("by", ["jti", "client_id", "subject", "issued_before"])
async def test_a_revoked_token_stops_working_and_others_go_on(service: Service, issuer_pool: Pool, by: str):
    taken = signed(service, jti="t-1", client_id="app", sub="anna")
    other = signed(service, jti="t-2", client_id="other", sub="berta", iat=int(time.time()) + 10)
    assert [await status_of(service, token) for token in (taken, other)] == [200, 200]
    part = {
        "jti": "t-1",
        "client_id": "app",
        "subject": "anna",
        "issued_before": datetime.now(UTC) + timedelta(seconds=5),
    }
    # As a whole client or person is revoked: what was issued before now.
    await revoke(issuer_pool, **{by: part[by]} | ({} if by == "jti" else {"issued_before": part["issued_before"]}))

    async def refused() -> bool:
        return await status_of(service, taken) == 401

    await until(refused)
    assert await status_of(service, other) == 200


async def test_revocations_are_written_one_after_the_other_and_none_is_missed(
    service: Service, issuer_pool: Pool, database: str
):
    tokens = [signed(service, jti=jti) for jti in ("slow", "quick")]
    slow, looking = await asyncpg.connect(database), await asyncpg.connect(database)
    begun = slow.transaction()
    await begun.start()
    await slow.execute(REVOKE, "slow", None, None, None, datetime.now(UTC) + timedelta(hours=1))
    quick = asyncio.create_task(revoke(issuer_pool, jti="quick"))
    # It waits, so that it cannot be read before the one that began earlier.
    await until(lambda: looking.fetchval("select count(*) from pg_locks where not granted"))
    assert [await status_of(service, token) for token in tokens] == [200, 200]
    await begun.commit()
    await quick
    for token in tokens:
        await until(partial(_refused, service, token))
    await slow.close()
    await looking.close()


async def _refused(service: Service, token: str) -> bool:
    return await status_of(service, token) == 401


async def test_a_worker_that_starts_knows_what_was_revoked_before(
    settings: Settings, redis: Redis, projector_pool: Pool, issuer_pool: Pool
):
    await revoke(issuer_pool, jti="t-1")
    async with running(settings, redis, projector_pool) as service:
        assert await status_of(service, signed(service, jti="t-1")) == 401
        assert await status_of(service, signed(service, jti="t-2")) == 200


async def test_what_was_missed_while_postgres_was_away_is_made_up_for(
    service: Service, issuer_pool: Pool, database: str
):
    token = signed(service, jti="t-1")
    assert await status_of(service, token) == 200
    connection = await asyncpg.connect(database)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        " and pid <> pg_backend_pid() and application_name = 'portal_app'"
    )
    await connection.close()
    await revoke(issuer_pool, jti="t-1")
    await until(lambda: _refused(service, token))


@pytest.fixture
async def served(settings: Settings, issuer_pool: Pool):
    """The service as it runs in production, with two workers, by its address."""
    del issuer_pool
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | {
        "PORTAL_DATABASE_URL": settings.database_url,
        "PORTAL_REDIS_URL": settings.redis_url,
        "PORTAL_DATA_DIR": settings.data_dir,
        "PORTAL_PORT": str(_free_port()),
        "PORTAL_WORKERS": str(WORKERS),
        "PORTAL_LOG_LEVEL": "warning",
    }
    program = await asyncio.create_subprocess_exec(sys.executable, "-m", "app.cli", "serve", env=environment)
    try:
        yield f"http://127.0.0.1:{environment['PORTAL_PORT']}"
    finally:
        program.terminate()
        await asyncio.wait_for(program.wait(), 30)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def test_a_revoked_token_stops_working_on_every_worker(served: str, settings: Settings, issuer_pool: Pool):
    public = Settings(
        database_url=settings.database_url, redis_url=settings.redis_url, data_dir=settings.data_dir, base_url=served
    )
    tokens: dict[str, str] = {}

    async def ask(jti: str) -> tuple[str, int]:
        """Which worker answered, by how its request ids begin, and what; each time over a connection of its own."""
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{served}/v1/shipments", headers={"Authorization": f"Bearer {tokens[jti]}"})
        return answer.headers["x-request-id"].partition("-")[0], answer.status_code

    class Signing:
        settings = public

    async def up() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                return bool((await http.get(f"{served}/openapi.json")).status_code == 200)
        except httpx.HTTPError:
            return False

    await until(up, 60)
    tokens |= {jti: signed(Signing, jti=jti) for jti in ("taken", "kept")}
    good: dict[str, set[int]] = {}

    async def all_have_served() -> bool:
        worker, status = await ask("taken")
        good.setdefault(worker, set()).add(status)
        return len(good) == WORKERS

    await until(all_have_served, 60)
    assert set.union(*good.values()) == {200}

    await revoke(issuer_pool, jti="taken")
    began, refusing = time.monotonic(), {}

    async def all_refuse() -> bool:
        worker, status = await ask("taken")
        if status == 401:
            refusing.setdefault(worker, time.monotonic() - began)
        return len(refusing) == WORKERS

    await until(all_refuse, 30)
    print(f"refused by every worker after {max(refusing.values()):.2f} s")  # noqa: T201 - what the run measured
    assert (await ask("kept"))[1] == 200
