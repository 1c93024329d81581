"""The audit log: a chain nobody can change unseen, pruned from its old end, exported as it is."""

import asyncio
import csv
import io
import json
from typing import Any

import asyncpg
import pytest

from app.settings import Settings
from projections.audit import Actor, AuditEntry, record
from projections.audit.reading import Verified, WantedRows, all_rows, audit_rows, verify
from projections.audit.reads import DOCUMENTS_A_ROW, ReadJournal
from projections.audit.retention import keep_days, prune
from projections.database import DatabaseRole, Pool, open_pool
from tests.integration.test_commands import portal, stores
from tests.integration.waiting import until

JO = Actor("jo", "ops-page")


async def done(pool: Pool, *actions: str, tenant: str | None = None, **detail: object) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await record(connection, [AuditEntry(JO, action, "x/1", detail, tenant) for action in actions])


async def verified(superuser: "asyncpg.Connection[asyncpg.Record]") -> Verified:
    await superuser.execute("set search_path = portal, log")
    return await verify(superuser)


async def aged(superuser: "asyncpg.Connection[asyncpg.Record]", last_id: int, days: int) -> None:
    """The rows up to this one, as if written so many days before: a new chain, which only who owns the server makes."""
    await superuser.execute(
        f"""
        set session_replication_role = replica;
        update portal.audit set at = at - interval '{days} days' where id <= {last_id};
        do $$
        declare one portal.audit; last bytea := (select pruned_digest from portal.audit_chain);
        begin
          for one in select * from portal.audit order by id loop
            last := portal.audit_digest(last, one);
            update portal.audit set digest = last where id = one.id;
          end loop;
          update portal.audit_chain set digest = last;
        end $$;
        set session_replication_role = origin;
        """  # noqa: S608 - a test's own numbers
    )


async def test_what_was_written_verifies_whoever_wrote_it(projector_pool, database, superuser):
    assert (await verified(superuser)).broken is None
    issuing = await open_pool(database, DatabaseRole.ISSUER, connections=1)
    async with issuing:
        await asyncio.gather(*(done(pool, "a", "b", note="ü") for pool in [projector_pool] * 8 + [issuing] * 2))
    found = await verified(superuser)
    assert (found.rows, found.broken, found.last_id) == (20, None, 20)
    [newest] = await audit_rows(superuser, WantedRows(), limit=1)
    assert newest.digest == found.last_digest


async def test_a_deed_that_is_undone_leaves_no_gap(projector_pool, superuser):
    async with projector_pool.acquire() as connection:
        undone = connection.transaction()
        await undone.start()
        await record(connection, [AuditEntry(JO, "a", "x")])
        await undone.rollback()
    await done(projector_pool, "b")
    assert [row.id for row in await audit_rows(superuser, WantedRows())] == [1]


PUT_IN = """
create temp table b as table portal.audit;
update b set id = 7 where id = 5;
insert into portal.audit select * from b where id = 7
"""
TAMPERING = {
    "a changed row": ("update portal.audit set actor = 'x' where id = 3", 3),
    "a changed instant": ("update portal.audit set at = at + interval '1 microsecond' where id = 4", 4),
    "a changed detail": ("update portal.audit set detail = '{}' where id = 2", 2),
    "a row taken out": ("delete from portal.audit where id = 3", 4),
    "the newest taken away": ("delete from portal.audit where id >= 4", 4),
    "the oldest taken away": ("delete from portal.audit where id <= 2", 3),
    "all taken away": ("delete from portal.audit", 1),
    "a row put in": (PUT_IN, 6),
    "the oldest taken away as if pruned": (
        "delete from portal.audit where id <= 2; update portal.audit_chain set pruned_id = 2, pruned_digest = '\\x00'",
        3,
    ),
}


@pytest.mark.parametrize("name", TAMPERING)
async def test_whoever_gets_around_the_database_is_found_out(projector_pool, superuser, name):
    await done(projector_pool, "a", "b", "c", "d", "e", because="noise")
    statement, broken = TAMPERING[name]
    await superuser.execute(f"set session_replication_role = replica; {statement}")
    assert (await verified(superuser)).broken == broken


async def test_nobody_may_change_or_remove_and_few_may_read(projector_pool, superuser):
    await done(projector_pool, "a")
    may = {
        role.value: {
            right
            for right in ("select", "insert", "update", "delete", "truncate")
            if await superuser.fetchval("select has_table_privilege($1, 'portal.audit', $2)", role.value, right)
        }
        for role in DatabaseRole
    }
    assert may == {
        "portal_app": set(),
        "portal_projector": {"insert"},
        "portal_issuer": {"insert"},
        "portal_eraser": {"insert"},
        "portal_ops": {"select"},
    }
    for statement in ("update portal.audit set actor = 'x'", "delete from portal.audit", "truncate portal.audit"):
        for role in ("portal_owner", "none"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await superuser.execute(f"set role {role}; {statement}")
    pruning = "select has_function_privilege($1, 'portal.prune_audit(int, int)', 'execute')"
    assert [role for role in DatabaseRole if await superuser.fetchval(pruning, role.value)] == [DatabaseRole.PROJECTOR]


async def test_a_transaction_that_looks_back_cannot_fork_the_chain(projector_pool, superuser):
    async with projector_pool.acquire() as one:
        looking_back = one.transaction(isolation="repeatable_read")
        await looking_back.start()
        await one.fetchval("select count(*) from portal.checkpoint")
        await done(projector_pool, "meanwhile")
        with pytest.raises(asyncpg.SerializationError):
            await record(one, [AuditEntry(JO, "late", "x")])
        await looking_back.rollback()
    assert (await verified(superuser)).broken is None


async def test_what_is_past_its_time_goes_and_the_rest_still_verifies(projector_pool, superuser):
    await done(projector_pool, *"abcdefg")
    await aged(superuser, 4, days=401)
    stop = asyncio.Event()
    keeping = asyncio.create_task(keep_days(projector_pool, 400, stop))
    await until(lambda: superuser.fetchval("select pruned_id = 4 from portal.audit_chain"))
    stop.set()
    await keeping
    newest, *others = await audit_rows(superuser, WantedRows())
    assert (newest.action, newest.target, newest.detail["rows"]) == ("audit.prune", "audit/4", 4)
    assert [row.action for row in others] == ["g", "f", "e"]
    assert (await verified(superuser)).broken is None
    assert await prune(projector_pool, 400) == 0
    await superuser.execute("set session_replication_role = replica; delete from portal.audit where id = 5")
    assert (await verified(superuser)).broken == 6


async def test_all_of_it_may_go_in_time_and_what_follows_still_verifies(projector_pool, superuser):
    await done(projector_pool, "a", "b")
    await aged(superuser, 2, days=2)
    assert await prune(projector_pool, 1) == 2
    await aged(superuser, 3, days=2)
    assert await prune(projector_pool, 1) == 1
    await done(projector_pool, "c")
    assert (await verified(superuser)).broken is None


async def test_nobody_prunes_what_is_younger_than_a_day(projector_pool):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="for a day at least"):
        await prune(projector_pool, 0)


async def test_reads_are_counted_by_reader_and_tenant(projector_pool, superuser):
    journal = ReadJournal(projector_pool)
    for document in ("shp_a", "shp_a", "shp_b"):
        journal.note("agent", "crm", "nordwind", document)
    journal.note("agent", "crm", "suedwind", "shp_c")
    await journal.flush()
    await journal.flush()
    one, other = await rows_of(superuser)
    assert (one.actor, one.client_id, one.tenant, one.action, one.target) == (
        *("agent", "crm", "suedwind", "read", "documents"),
    )
    assert one.detail["documents"] == {"shp_c": 1}
    assert other.detail["documents"] == {"shp_a": 2, "shp_b": 1}
    [found] = await audit_rows(superuser, WantedRows(target="shp_b"))
    assert found == other


async def test_many_documents_make_several_rows(projector_pool, superuser):
    journal = ReadJournal(projector_pool)
    for number in range(DOCUMENTS_A_ROW + 1):
        journal.note("agent", "crm", "nordwind", f"shp_{number}")
    await journal.flush()
    assert [len(row.detail["documents"]) for row in await rows_of(superuser)] == [1, DOCUMENTS_A_ROW]


async def test_a_reader_with_an_impossible_name_stops_nobody(projector_pool, superuser):
    journal = ReadJournal(projector_pool)
    journal.note("a\0b", "c\0d", "nordwind", "shp_a")
    await journal.flush()
    [row] = await rows_of(superuser)
    assert (row.actor, row.client_id) == ("a\N{REPLACEMENT CHARACTER}b", "c\N{REPLACEMENT CHARACTER}d")


async def test_reads_wait_for_postgres_up_to_a_bound_and_the_rest_is_counted(database, superuser, monkeypatch):
    monkeypatch.setattr("projections.audit.reads.MAX_NOTED", 2)
    away = await open_pool(database, DatabaseRole.PROJECTOR)
    journal = ReadJournal(away)
    journal.note("agent", "crm", "nordwind", "shp_a")
    await superuser.execute("revoke insert on portal.audit from portal_projector")
    await journal.flush()
    for document in ("shp_b", "shp_b", "shp_c", "shp_d", "shp_e"):
        journal.note("agent", "crm", "nordwind", document)
    await journal.flush()
    assert await rows_of(superuser) == []
    await superuser.execute("grant insert on portal.audit to portal_projector")
    await journal.flush()
    await journal.flush()
    lost, late, first = await rows_of(superuser)
    assert (first.detail["documents"], late.detail["documents"]) == ({"shp_a": 1}, {"shp_b": 2, "shp_c": 1})
    assert (lost.action, lost.detail["reads"]) == ("reads.lost", 2)
    await away.close()


async def test_reads_are_written_every_second_and_the_last_when_it_stops(projector_pool, superuser):
    journal, stop = ReadJournal(projector_pool), asyncio.Event()
    running = asyncio.create_task(journal.run(stop))
    journal.note("agent", "crm", "nordwind", "shp_a")
    await until(lambda: rows_of(superuser))
    journal.note("agent", "crm", "nordwind", "shp_b")
    stop.set()
    await running
    assert [row.detail["documents"] for row in await rows_of(superuser)] == [{"shp_b": 1}, {"shp_a": 1}]


async def rows_of(superuser: "asyncpg.Connection[asyncpg.Record]") -> list[Any]:
    return await audit_rows(superuser, WantedRows())


async def test_an_export_holds_every_row_the_oldest_first(settings: Settings, projector_pool, superuser):
    await done(projector_pool, *(f"a{number}" for number in range(1_200)), because='a "b", ü\n=1')
    await done(projector_pool, "b", tenant="nordwind")
    lines = exported(settings).splitlines()
    rows = [row async for row in all_rows(superuser, WantedRows())]
    assert [json.loads(line)["digest"] for line in lines] == [row.digest for row in rows]
    assert [row.id for row in rows] == list(range(1, 1_202))
    table = list(csv.DictReader(io.StringIO(exported(settings, "--format", "csv"), newline="")))
    assert [row["digest"] for row in table] == [row.digest for row in rows]
    assert json.loads(table[0]["detail"]) == rows[0].detail
    [one] = exported(settings, "--tenant", "nordwind").splitlines()
    assert json.loads(one)["action"] == "b"
    assert exported(settings, "--until", "2026-01-01T00:00:00Z") == ""


def exported(settings: Settings, *options: str) -> str:
    ended = portal("audit", "export", *options, **stores(settings))
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


async def test_verifying_names_the_broken_row_and_says_so_by_its_exit_code(
    settings: Settings, projector_pool, superuser
):
    await done(projector_pool, "a", "b")
    sound = portal("audit", "verify", **stores(settings))
    assert (sound.returncode, sound.stdout.startswith("2 rows, all as written")) == (0, True), sound.stderr
    await superuser.execute("set session_replication_role = replica; update portal.audit set actor = 'x' where id = 2")
    broken = portal("audit", "verify", **stores(settings))
    assert (broken.returncode, broken.stdout) == (1, "row 2 was changed or is missing; so may be what follows\n")
    told = portal("audit", "verify", "--json", **stores(settings))
    assert (told.returncode, json.loads(told.stdout)["broken"]) == (1, 2)


def test_a_time_without_its_offset_is_no_time(settings: Settings):
    assert portal("audit", "export", "--since", "2026-03-01", **stores(settings)).returncode == 2
