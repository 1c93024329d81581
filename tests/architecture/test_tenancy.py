"""The two walls between tenants, held against what is written: no read without a tenant, no cache key without one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from projections.sql import load
from tests.fixtures_service import Service

ROOT = Path(__file__).parents[2]
READS = load("app.reads")
# What is nobody's: how far partitions are folded, and when sources were heard.
ABOUT_NO_TENANT = {"checkpoints", "sources"}
# Prefixes of Redis keys that hold no tenant's documents: streams, and how far they are published.
KEYS_OF_NO_TENANT = re.compile(r"portal:(feed:|published$|pushed$)")


@pytest.fixture
async def catalogue(database: str):
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


def function_of(statement: str) -> str | None:
    """The function a statement reads through, if the first thing it is given is its first parameter."""
    match = re.fullmatch(r"select \* from (\w+)\(\$1(::text\[\])?[,)].*;", statement, re.DOTALL)
    return match[1] if match else None


@pytest.mark.parametrize("name", sorted(READS.keys() - ABOUT_NO_TENANT))
async def test_every_read_takes_a_tenant_first(catalogue, name):
    function = function_of(READS[name])
    assert function, f"{name} does not read through a function that takes $1 first"
    names = await catalogue.fetchval(
        "select proargnames from pg_proc where proname = $1 and pronamespace = 'portal'::regnamespace", function
    )
    assert names[0] in ("p_tenant", "p_tenants")


async def test_what_takes_no_tenant_reads_no_tenants_rows(catalogue):
    for name in ABOUT_NO_TENANT:
        (table,) = re.findall(r"from (\w+)", READS[name])
        columns = await catalogue.fetch(
            "select column_name from information_schema.columns where table_name = $1", table
        )
        assert columns
        assert "tenant" not in {row["column_name"] for row in columns}


async def test_every_reading_function_acts_as_the_tenant_it_was_given(catalogue):
    rows = await catalogue.fetch(
        "select proname, prosrc, prosecdef from pg_proc p join pg_language l on l.oid = prolang"
        " where pronamespace = 'portal'::regnamespace and lanname = 'plpgsql' and prorettype <> 'trigger'::regtype"
        " and has_function_privilege('portal_app', p.oid, 'execute')"
    )
    assert {row["proname"] for row in rows} >= {function_of(READS[name]) for name in READS.keys() - ABOUT_NO_TENANT}
    for row in rows:
        assert re.search(r"set_config\('app\.tenant', (p_tenant|one), true\)", row["prosrc"]), row["proname"]
        # With the rights of its owner it would walk around the second wall.
        assert not row["prosecdef"], row["proname"]


async def test_every_table_that_readers_may_read_is_walled_by_tenant(catalogue):
    rows = await catalogue.fetch(
        "select c.relname, c.relrowsecurity and c.relforcerowsecurity as walled,"
        " exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant') as of_tenants"
        " from pg_class c where c.relkind in ('r', 'p', 'v', 'm') and c.relnamespace in"
        " ('portal'::regnamespace, 'log'::regnamespace) and has_table_privilege('portal_app', c.oid, 'select')"
    )
    assert {row["relname"] for row in rows if row["of_tenants"]} >= {"shipment_view", "order_view", "reference"}
    for row in rows:
        assert row["walled"] or not row["of_tenants"], row["relname"]
    assert {row["relname"] for row in rows if not row["of_tenants"]} == {"checkpoint", "source_watermark"}


async def test_a_reader_that_forgot_its_tenant_sees_nothing(world: Service):
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        assert await connection.fetchval("select count(*) from portal.shipment_view") == 2
        await connection.execute("set role portal_app")
        for table in ("shipment_view", "order_view", "reference", "change"):
            assert await connection.fetchval(f"select count(*) from portal.{table}") == 0, table  # noqa: S608
    finally:
        await connection.close()


def test_a_cache_key_is_made_in_one_place():
    for path in [*ROOT.glob("app/**/*.py"), *ROOT.glob("auth/**/*.py"), *ROOT.glob("projections/**/*.py")]:
        keys = [text for text in _strings(path) if text.startswith("portal:")]
        tenants = [key for key in keys if not KEYS_OF_NO_TENANT.match(key)]
        # `document_key`, which takes the tenant first.
        assert tenants == (["portal:{"] if path == ROOT / "projections/cache.py" else []), path


def test_reads_are_written_in_the_one_file_the_lint_reads():
    for path in [*ROOT.glob("app/reads/*.py"), *ROOT.glob("app/rest/*.py")]:
        for text in _strings(path):
            assert not re.match(r"\s*(select|insert|update|delete|with)\s+\S+.*\s(from|into|set|as)\s", text), path


def _strings(path: Path) -> Iterator[str]:
    """Every string of a source file, the fixed parts of formatted ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
