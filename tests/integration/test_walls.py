"""A service whose role could read around row-level security does not start, and says why."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.services import open_services
from app.settings import Settings
from projections.database import DatabaseRole, open_pool
from projections.walls import WallBrokenError, refuse_holes

HOLES = {
    "it is a superuser": "create role reader superuser",
    "it has BYPASSRLS": "create role reader bypassrls",
    "it may act as the owner of": "create role reader in role portal_owner",
    "it may become trusted, which": "create role trusted bypassrls; create role reader in role trusted",
}
# These are of this test's database alone.
UNWALLED = (
    "alter table portal.order_view disable row level security",
    "alter table portal.order_view no force row level security",
    "create table portal.note (tenant text); grant select on portal.note to portal_app",
)


OPEN_VIEWS = (
    "create view log.leak as select * from log.event; grant select on log.leak to portal_app",
    "create view log.leak with (security_barrier = true) as select * from log.event; grant select on log.leak to portal_app",
    "alter view log.own_event reset (security_barrier)",
)


@pytest.fixture
async def superuser(database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def refusal(database: str) -> str:
    async with await open_pool(database, DatabaseRole.APP, connections=1) as pool:
        with pytest.raises(WallBrokenError) as refused:
            await refuse_holes(pool)
    return str(refused.value)


async def test_the_roles_of_the_migrations_are_held(database: str):
    async with await open_pool(database, DatabaseRole.APP, connections=1) as pool:
        await refuse_holes(pool)


@pytest.mark.parametrize("hole", HOLES)
async def test_a_role_that_could_walk_around_the_wall_is_refused(superuser, hole: str):
    # Roles are of the whole server: what is not committed nobody else sees.
    transaction = superuser.transaction()
    await transaction.start()
    try:
        await superuser.execute(f"{HOLES[hole]}; grant usage on schema portal, log to reader; set local role reader")
        with pytest.raises(WallBrokenError, match="reader could read other customers' rows") as refused:
            await refuse_holes(superuser)
    finally:
        await transaction.rollback()
    assert hole in str(refused.value)


@pytest.mark.parametrize("hole", UNWALLED)
async def test_a_table_of_tenants_without_its_wall_is_refused(database: str, superuser, hole: str):
    await superuser.execute(hole)
    assert "has tenants and no forced row-level security" in await refusal(database)


@pytest.mark.parametrize("hole", OPEN_VIEWS)
async def test_a_view_of_tenants_rows_that_does_not_ask_which_is_refused(database: str, superuser, hole: str):
    await superuser.execute(hole)
    assert "is no barrier that asks which" in await refusal(database)


async def test_the_service_does_not_start_behind_a_broken_wall(settings: Settings, superuser):
    await superuser.execute(UNWALLED[0])
    with pytest.raises(WallBrokenError, match=r"order_view has tenants"):
        async with open_services(settings):
            pass
