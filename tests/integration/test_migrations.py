"""The schema: applied once, by anyone who may; and the wall it builds between tenants."""

import asyncio
import itertools
import json
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec
import pytest

from app.embedded import start
from app.shares.shares import Shares, WantedShare
from projections.audit import Actor
from projections.database import DatabaseRole, open_pool
from projections.intake.intake import Intake
from projections.intake.outcomes import Message
from projections.migrations import migrate as migrations
from projections.migrations.migrate import MigrationChangedError, migrate, scripts
from tests.api import ladder
from tests.fixtures_service import running
from tests.messages import (
    document_added,
    exception_raised,
    invoice_posted,
    message,
    milestone,
    order_released,
    shipment_planned,
)
from tests.papers import PDF, bring, document_id, invoice_id, read

NUMBERS = itertools.count()
LISTED, FOUND = f"/v1/shipments/{ladder.SHIPMENT}/documents", f"/v1/documents/{document_id()}"
ROWS_OF_TENANTS = [
    *("shipment_view", "order_view", "reference", "change", "document", "invoice", "content", "blob_piece"),
    *("open_exception", "share", "order_shipment", "promise"),
]
# Views that ask for the tenant themselves, as row-level security does of a table.
BARRIERS = ["own_event"]


def at_database(url, name, *, user=None):
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(path=f"/{name}", netloc=f"{user}@{host}" if user else parts.netloc))


async def run(url, *statements):
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def empty(servers):
    """Makes empty databases."""
    names, owners = [], set()

    async def made(owner=None):
        name = f"empty_{os.getpid()}_{next(NUMBERS)}"
        await run(servers.database_url, f"create database {name}" + (f" owner {owner}" if owner else ""))
        names.append(name)
        owners.update({owner} - {None})
        return at_database(servers.database_url, name)

    yield made
    for name in names:
        await run(servers.database_url, f"drop database {name} with (force)")
    for owner in owners:
        await run(servers.database_url, f"drop role {owner}")


ALL = [name for name, _ in scripts()]


async def test_a_second_time_there_is_nothing_to_do(empty):
    url = await empty()
    assert await migrate(url) == ALL
    assert await migrate(url) == []


async def test_two_at_once_on_one_database_apply_each_file_once(empty):
    url = await empty()
    applied = await asyncio.gather(migrate(url), migrate(url), migrate(url))
    assert sorted(applied, key=len) == [[], [], ALL]


async def test_two_at_once_on_two_databases_of_one_server(empty):
    urls = [await empty() for _ in range(4)]
    assert await asyncio.gather(*(migrate(url) for url in urls)) == [ALL] * 4


async def test_an_applied_file_that_was_changed_is_refused(empty, monkeypatch):
    url = await empty()
    await migrate(url)
    name, text = scripts()[0]
    monkeypatch.setattr(migrations, "scripts", lambda: [(name, text + "\n-- edited"), *scripts()[1:]])
    with pytest.raises(MigrationChangedError, match=name):
        await migrate(url)


async def test_a_file_that_fails_leaves_nothing_of_itself(empty, monkeypatch):
    url = await empty()
    broken = ("9999_broken.sql", "create table public.half (); select 1 / 0;")
    monkeypatch.setattr(migrations, "scripts", lambda: [*scripts(), broken])
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(url)
    monkeypatch.undo()
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select to_regclass('public.half')") is None
    await connection.close()
    assert await migrate(url) == []


async def test_a_login_without_superuser_rights_can_set_up_a_server_of_its_own():
    """As on a managed server: the login owns its database and may create roles, no more."""
    with tempfile.TemporaryDirectory(prefix="portal-postgres-") as folder:
        servers = await asyncio.to_thread(start, Path(folder), valkey=False, durable=False)
        with servers:
            create = "create role installer login createrole nosuperuser nobypassrls password 'secret'"
            await run(servers.database_url, create, "create database theirs owner installer")
            await assert_sets_up_and_serves(at_database(servers.database_url, "theirs", user="installer:secret"))


async def test_a_login_without_superuser_rights_can_join_a_server_that_has_the_roles(servers, empty):
    name = f"installer_{os.getpid()}"
    await migrate(await empty())
    await run(
        servers.database_url,
        f"create role {name} login createrole nosuperuser nobypassrls password 'secret'",
        *(f"grant {role} to {name} with admin option" for role in ("portal_owner", *DatabaseRole)),
    )
    joined = urlsplit(await empty(name)).path[1:]
    await assert_sets_up_and_serves(at_database(servers.database_url, joined, user=f"{name}:secret"))


async def assert_sets_up_and_serves(url):
    assert await migrate(url) == ALL
    assert await migrate(url) == []
    for role in DatabaseRole:
        pool = await open_pool(url, role, connections=1)
        assert await pool.fetchval("select current_user") == role
        await pool.close()
    pool = await open_pool(url, DatabaseRole.PROJECTOR, connections=1)
    intake = Intake(pool)
    assert [one.status for one in await intake.take([Message(order_released(), "test")])] == ["accepted"]
    assert await pool.fetchval("select count(*) from checkpoint") == 16
    await pool.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(url, "set role portal_app", "select * from log.event")


async def test_what_stands_open_when_exceptions_are_first_listed_is_listed(empty, monkeypatch):
    url = await empty()
    before = [one for one in scripts() if one[0] < "0017"]
    with monkeypatch.context() as then:
        then.setattr(migrations, "scripts", lambda: before)
        await migrate(url)
    open_, over = {"code": "weather", "raised_at": "2026-03-02T09:00:00+01:00", "cleared_at": None}, {"cleared_at": "x"}
    shown = [
        ("a", "delayed", True, {"exceptions": [open_, open_ | over]}, {}),
        ("b", "delayed", False, {"exceptions": []}, {"reason": {"code": "eta_past_promise"}}),
        ("c", "in_transit", False, {"exceptions": [open_ | over]}, {}),
    ]
    connection = await asyncpg.connect(url)
    for shipment_id, status, has_exception, document, summary in shown:
        await connection.execute(
            "insert into portal.shipment_view (tenant, id, version, digest, changed_at, status, phase, created_at,"
            " has_exception, order_ids, sources, summary, document)"
            " values ('nordwind', $1, 1, '', '2026-03-03Z', $2, 'in_transit', now(), $3, '{}', '', $4, $5)",
            *(shipment_id, status, has_exception, json.dumps(summary).encode(), json.dumps(document).encode()),
        )
    await migrate(url)
    rows = await connection.fetch("select subject_id, code, raised_at::text from portal.open_exception order by 1")
    await connection.close()
    assert [(row[0], row[1], row[2][:13]) for row in rows] == [
        ("a", "weather", "2026-03-02 08"),
        ("b", "eta_past_promise", "2026-03-03 00"),
    ]


@pytest.fixture
async def app(database, intake, projector):
    """A connection that serves reads, to a database with views of two tenants."""
    other = {"tenant": "suedwerk"}
    about, lines = {"about": {"type": "tms_shipment", "value": "S-2"}}, [{"order": "SO-2", "line": 1, "quantity": 10}]
    promised = {"promised_at": "2026-03-06T08:00:00Z"}
    plan = about | {"ship_to": {"city": "Ulm"}, "lines": lines} | promised
    raised = about | {"exception": "E-1", "code": "weather"}
    bodies = [
        *(order_released(), shipment_planned(), milestone()),
        *(order_released("SO-2", **other), message("shipment.planned.v1", plan, **other)),
        *(exception_raised(), message("shipment.exception_raised.v1", raised, **other)),
    ]
    papers = [
        *(invoice_posted(), document_added()),
        *(invoice_posted("INV-2", "SO-2", **other), document_added("POD-2", "S-2", **other)),
    ]
    await intake.take([Message(body, "test") for body in (*bodies, *papers)])
    await projector().catch_up()
    for tenant in ("nordwind", "suedwerk"):
        content = f"('{tenant}', '/tms/main', 'x', 'text/plain', 1, 'x', 'x', now())"
        piece = f"('{tenant}', 'x', 0, 'x')"
        for table, row in (("content", content), ("blob_piece", piece)):
            await run(database, f"insert into portal.{table} values {row}")  # noqa: S608 - names of ours
    pool = await open_pool(database, DatabaseRole.APP, connections=1)
    writing = await open_pool(database, DatabaseRole.PROJECTOR, connections=1)
    for tenant in ("nordwind", "suedwerk"):
        await Shares(pool, writing).create(WantedShare(tenant, "shp_x", None, 30), Actor("ann", "app"))
    await writing.close()
    async with pool.acquire() as connection:
        yield connection
    await pool.close()


async def tenants_seen(connection):
    seen = {}
    for table in ROWS_OF_TENANTS:
        rows = await connection.fetch(f"select distinct tenant from portal.{table}")  # noqa: S608 - names of ours
        seen[table] = [row[0] for row in rows]
    return seen


async def test_without_a_tenant_no_row_is_seen(app):
    assert await tenants_seen(app) == {table: [] for table in ROWS_OF_TENANTS}


async def test_with_a_tenant_only_its_rows_are_seen(app):
    async with app.transaction():
        await app.execute("select set_config('app.tenant', 'suedwerk', true)")
        assert await tenants_seen(app) == {table: ["suedwerk"] for table in ROWS_OF_TENANTS}


async def test_a_tenant_is_forgotten_with_its_transaction(app):
    async with app.transaction():
        await app.execute("set local app.tenant = 'suedwerk'")
        assert (await tenants_seen(app))["shipment_view"] == ["suedwerk"]
    assert await app.fetchval("select current_setting('app.tenant', true)") == ""
    assert await tenants_seen(app) == {table: [] for table in ROWS_OF_TENANTS}


async def test_a_tenant_named_by_nothing_sees_nothing(app):
    async with app.transaction():
        for odd in ("", " ", "%", "nordwind' or 'a' = 'a", "NORDWIND"):
            await app.execute("select set_config('app.tenant', $1, true)", odd)
            assert await tenants_seen(app) == {table: [] for table in ROWS_OF_TENANTS}


async def test_every_table_that_serving_may_read_is_behind_the_wall_or_no_tenants(superuser):
    rows = await superuser.fetch(
        "select n.nspname || '.' || c.relname, c.relrowsecurity and c.relforcerowsecurity"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('portal', 'log', 'issuer') and c.relkind in ('r', 'v', 'm', 'p')"
        " and has_table_privilege('portal_app', c.oid, 'select')"
    )
    walled = {f"portal.{table}" for table in ROWS_OF_TENANTS}
    assert {name for name, forced in rows if forced} == walled
    # How far folding and each source are, what positions are sealed with, which tokens no longer count, and what may be
    # asked over GraphQL: nobody's data.
    nobodys = {"portal.checkpoint", "portal.position_key", "log.source_watermark", "issuer.revocation"}
    nobodys.add("portal.graphql_document")
    assert {name for name, forced in rows if not forced} == nobodys | {f"log.{view}" for view in BARRIERS}


async def test_serving_cannot_write(superuser, app):
    writable = await superuser.fetch(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('portal', 'log', 'issuer', 'public') and c.relkind in ('r', 'v', 'm', 'p')"
        " and has_table_privilege('portal_app', c.oid, 'insert, update, delete, truncate, references, trigger')"
    )
    assert writable == []
    for statement in (
        "delete from portal.shipment_view",
        "update portal.order_view set tenant = 'x'",
        "insert into portal.change values ('x', 1, 'y', 1, null, now())",
        "create table portal.mine ()",
        "select * from log.event",
        "select * from portal.shipment_state",
        "select * from issuer.oauth_client",
        "set role portal_owner",
    ):
        # As the role itself would, without the superuser's session beneath it.
        alone = f"begin; set local session authorization portal_app; {statement}"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(alone)
        await app.execute("rollback")


async def test_only_the_audit_logs_own_functions_run_with_their_owners_rights(superuser):
    rows = await superuser.fetch(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('portal', 'log', 'issuer') and p.prosecdef"
    )
    # They give numbers and digests, and take away what is past its time; none reads for anyone.
    own = {"portal.chain_audit()", "portal.refuse_deletion()", "portal.prune_audit(integer,integer)"}
    assert {row[0] for row in rows} == own
    for function in own:
        definer = "select proconfig from pg_proc where oid = $1::text::regprocedure"
        assert await superuser.fetchval(definer, function) == ["search_path=pg_catalog, pg_temp"]


async def test_a_view_with_its_owners_rights_asks_for_the_tenant_behind_a_barrier(superuser):
    rows = await superuser.fetch(
        "select c.relname, c.relowner::regrole::text, 'security_barrier=true' = any(c.reloptions),"
        " pg_get_viewdef(c.oid) like '%WHERE (tenant = ( SELECT portal.tid()%' from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in ('portal', 'log', 'issuer') and c.relkind = 'v'"
        " and not coalesce('security_invoker=true' = any(c.reloptions), false)"
    )
    assert rows == [(view, "portal_owner", True, True) for view in BARRIERS]


async def test_the_log_is_seen_through_its_tenants_window_alone(app):
    seen = "select distinct tenant from log.own_event"
    assert await app.fetch(seen) == []
    async with app.transaction():
        await app.execute("select set_config('app.tenant', 'suedwerk', true)")
        assert await app.fetch(seen) == [("suedwerk",)]
        # A condition that would tell of what it is asked about is asked of this tenant's rows alone.
        with pytest.raises(asyncpg.DivisionByZeroError):
            await app.fetch("select 1 from log.own_event where 1 / (tenant <> 'suedwerk')::int > 0")
    async with app.transaction():
        await app.execute("select set_config('app.tenant', 'nobody', true)")
        assert await app.fetch("select 1 from log.own_event where 1 / (tenant = 'nobody')::int > 0") == []


async def test_documents_are_read_as_the_tenant_they_are_asked_for_and_no_other(superuser, app):
    ids = dict(await superuser.fetch("select tenant, id from portal.shipment_view"))
    asked = [
        ("nordwind", ids["suedwerk"]),
        ("suedwerk", ids["suedwerk"]),
        ("", ids["nordwind"]),
        ("x", ids["nordwind"]),
    ]
    tenants, wanted = zip(*asked, strict=True)
    rows = await app.fetch("select tenant, id from portal.shipment_documents($1, $2)", tenants, wanted)
    assert [tuple(row) for row in rows] == [("suedwerk", ids["suedwerk"])]
    assert await tenants_seen(app) == {table: [] for table in ROWS_OF_TENANTS}


@pytest.mark.usefixtures("app")
async def test_the_projector_cannot_store_a_row_of_nobody(database):
    pool = await open_pool(database, DatabaseRole.PROJECTOR, connections=1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("update portal.shipment_view set tenant = ''")
    await pool.close()


async def test_what_was_there_before_the_past_was_kept_is_told_as_far_as_it_is_known(empty, monkeypatch):
    everything = scripts()
    monkeypatch.setattr(migrations, "scripts", lambda: [one for one in everything if one[0] < "0019"])
    url = await empty()
    await migrate(url)
    await run(
        url,
        "insert into portal.change values ('nordwind', 1, 'shp_x', 7, 'planned', '2026-03-02T08:00Z')",
        "insert into portal.shipment_view (tenant, id, version, digest, changed_at, status, phase, created_at,"
        " has_exception, order_ids, sources, summary, document)"
        " values ('nordwind', 'shp_x', 7, '', now(), '', '', now(), false, '{ord_a,ord_b}', '', '', '')",
    )
    monkeypatch.setattr(migrations, "scripts", lambda: everything)
    assert "0019_time_travel.sql" in await migrate(url)
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetchval("select folded_at = changed_at from portal.change")
        known = "select order_id, shipment_id from portal.order_shipment order by order_id"
        assert await connection.fetch(known) == [("ord_a", "shp_x"), ("ord_b", "shp_x")]
        unforced = "select count(*) from pg_class where relrowsecurity and not relforcerowsecurity"
        assert await connection.fetchval(unforced) == 0
    finally:
        await connection.close()


async def test_documents_an_older_release_stored_are_shown_and_found_by_their_ids_from_the_next_event_on(
    settings, redis, projector_pool, superuser
):
    nowhere = msgspec.structs.replace(settings, memory_documents=0)
    async with running(nowhere, redis, projector_pool) as service:
        await service.take(order_released(), shipment_planned(), document_added(), invoice_posted())
        listed = (await read(service, LISTED)).json()["items"]
        # As it was stored before documents had ids.
        (document,) = await superuser.fetchrow("select document from portal.shipment_view")
        old = document.replace(f'"id":"{document_id()}",'.encode(), b"")
        assert old != document
        await superuser.execute(
            "update portal.shipment_view set document = $1, sections = regexp_replace(sections, 'documents=(\\d+)', $2)",
            *(old, f"documents={_documents_bytes(old)}"),
        )
        await superuser.execute("truncate portal.document, portal.invoice")
        await superuser.execute(dict(scripts())["0029_outdated.sql"])
        await redis.flushdb()
    async with running(nowhere, redis, projector_pool) as service:
        assert (await read(service, LISTED)).json()["items"] == listed
        ladder.refused(await bring(service), 404, "not_found")
        await service.take(milestone(hours=1), order_released(quantity=12, hours=1))
        assert (await bring(service)).status_code == 200
        assert (await read(service, FOUND)).json()["content"]["size_bytes"] == len(PDF)
        assert (await read(service, f"/v1/invoices/{invoice_id()}")).status_code == 200


def _documents_bytes(document: bytes) -> int:
    return len(msgspec.json.encode(msgspec.json.decode(document)["documents"]))
