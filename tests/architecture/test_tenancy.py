"""The two walls between tenants, held against what is written: no read without a tenant, no cache key without one."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.reads.database import fetch
from app.reads.lists import Filters, Lists
from app.reads.memory import Memory
from projections.database import DatabaseRole, open_pool
from projections.sql import load
from projections.subjects import partition_of
from tests.api import ladder
from tests.fixtures_database import cloned
from tests.fixtures_servers import ServerUrls
from tests.fixtures_service import Service

ROOT = Path(__file__).parents[2]
READS = load("app.reads")
# What is nobody's: how far partitions are folded, what positions are sealed with, when sources were heard, and what may
# be asked by its hash.
ABOUT_NO_TENANT = {"checkpoints", "position_key", "sources", "graphql_document"}
# Takes what opens one row, whose ever it is, instead of a tenant: a tracking link's digest.
OPENED_BY_TOKEN = {"opened_share"}
# Prefixes of Redis keys that hold no tenant's documents: streams, how far they are published, and counted requests.
KEYS_OF_NO_TENANT = re.compile(r"portal:(feed:|published:\d+$|pushed$|limit$|graphql:)")
SQL = re.compile(r"\s*(select|insert|update|delete|with)\s+\S+.*\s(from|into|set|as)\s", re.DOTALL)
# The tenant decides which rows: it is compared, or part of the key that is written or looked for.
NAMES_TENANT = re.compile(r"(\.|\b)tenant\s*(=|in\b)|\(tenant,|insert into [\w.]+( as \w+)? \((\w+, )*tenant\b")
ACTS = r"'app\.tenant', (p_tenant|one), true\)"
# Visible, with its reason, and counted below.
ESCAPE = re.compile(r"^-- across tenants: \S.{10,}$", re.MULTILINE)


@pytest.fixture
async def catalogue(database: str):
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


def function_of(statement: str) -> str | None:
    """The function a statement reads through, if the first thing it is given is its first parameter."""
    # Or, once for each of some ids, and still the tenants first.
    each = r"(?:unnest\(\$2::text\[\]\) asked \(id\), lateral )?"
    through = r"(\w+)\(\$1(::text\[\])?[,)].*;"
    match = re.fullmatch(r"select [\w*., ]+ from " + each + through, statement, re.DOTALL)  # noqa: S608 - a pattern of SQL, none that is run
    return match[1] if match else None


@pytest.mark.parametrize("name", sorted(READS.keys() - ABOUT_NO_TENANT - OPENED_BY_TOKEN))
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
        acts = r"'app\.share', encode\(p_token_hash" if row["proname"] in OPENED_BY_TOKEN else ACTS
        assert re.search(rf"set_config\({acts}", row["prosrc"]), row["proname"]
        # With the rights of its owner it would walk around the second wall.
        assert not row["prosecdef"], row["proname"]


async def test_every_table_that_readers_may_read_is_walled_by_tenant(catalogue):
    rows = await catalogue.fetch(
        # A view with its owner's rights is a wall of its own when it asks for the tenant before anything else is asked.
        "select c.relname, (c.relrowsecurity and c.relforcerowsecurity) or (c.relkind = 'v'"
        " and coalesce('security_barrier=true' = any(c.reloptions), false)"
        " and pg_get_viewdef(c.oid) like '%WHERE (tenant = ( SELECT portal.tid()%') as walled,"
        " exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant') as of_tenants"
        " from pg_class c where c.relkind in ('r', 'p', 'v', 'm') and c.relnamespace in"
        " ('portal'::regnamespace, 'log'::regnamespace) and has_table_privilege('portal_app', c.oid, 'select')"
    )
    assert {row["relname"] for row in rows if row["of_tenants"]} >= {"shipment_view", "order_view", "reference"}
    for row in rows:
        assert row["walled"] or not row["of_tenants"], row["relname"]
    assert {row["relname"] for row in rows if not row["of_tenants"]} == {
        "checkpoint",
        "position_key",
        "source_watermark",
        "graphql_document",
    }


async def test_a_reader_that_forgot_its_tenant_sees_nothing(world: Service):
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        assert await connection.fetchval("select count(*) from portal.shipment_view") == 2
        await connection.execute("set role portal_app; set search_path = portal, log")
        for table in (
            "shipment_view",
            "order_view",
            "reference",
            "change",
            "document",
            "invoice",
            "content",
            "blob_piece",
            "open_exception",
            "share",
            "order_shipment",
            "promise",
            "own_event",
        ):
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table  # noqa: S608
    finally:
        await connection.close()


async def test_a_read_leaves_nothing_in_its_session(world: Service):
    settings = "select name, setting from pg_settings where source = 'session' order by name"
    async with await open_pool(world.settings.database_url, DatabaseRole.APP, connections=1) as pool:
        # The driver looks an array's type up once, and leaves a setting of its own as it is by default.
        await fetch(pool, "changes_after", ["nordwind"], [0], 1)
        before = await pool.fetch(settings)
        assert len(await fetch(pool, "shipment_documents", ["nordwind"], [ladder.SHIPMENT])) == 1
        assert len(await fetch(pool, "lookup", "nordwind", ["S-1"], [None], 5)) == 1
        assert await fetch(pool, "past", "nordwind", ladder.SHIPMENT, partition_of("nordwind"), None, 10, 10_000)
        assert await fetch(pool, "versions", "nordwind", ladder.SHIPMENT, 10)
        assert await fetch(pool, "changes_after", ["nordwind"], [0], 10)
        assert await fetch(pool, "change_heads", ["nordwind"])
        page = await Lists(pool, Memory(0)).page(
            "shipment", ("nordwind",), Filters(), newest_first=True, limit=5, cursor=None
        )
        assert len(page.rows) == 1
        assert await pool.fetch(settings) == before
        assert await pool.fetchval("select portal.tid()") is None
        assert await pool.fetchval("select count(*) from portal.shipment_view") == 0


def test_a_cache_key_is_made_in_one_place():
    for path in [*ROOT.glob("app/**/*.py"), *ROOT.glob("auth/**/*.py"), *ROOT.glob("projections/**/*.py")]:
        keys = [text for text in _strings(path) if text.startswith("portal:")]
        tenants = [key for key in keys if not KEYS_OF_NO_TENANT.match(key)]
        # `document_key`, which takes the tenant first.
        assert tenants == (["portal:{"] if path == ROOT / "projections/cache.py" else []), path


def test_reads_are_written_in_the_one_file_the_lint_reads():
    for path in [*ROOT.glob("app/reads/*.py"), *ROOT.glob("app/rest/*.py")]:
        for text in _strings(path):
            assert not SQL.match(text), path


@pytest.fixture(scope="session")
async def of_tenants(servers: ServerUrls, template: str) -> frozenset[str]:
    """The tables whose rows are tenants', whoever may read them."""
    async with cloned(servers, template) as database:
        connection = await asyncpg.connect(database)
        try:
            rows = await connection.fetch(
                "select distinct table_name from information_schema.columns"
                " where column_name = 'tenant' and table_schema in ('portal', 'log')"
            )
        finally:
            await connection.close()
    return frozenset(row["table_name"] for row in rows)


async def test_every_statement_on_tenants_rows_names_the_tenant_or_says_why_not(of_tenants):
    assert of_tenants >= {"shipment_view", "order_view", "reference", "change", "promise", "event", "held"}
    without = [
        where
        for where, text in _statements()
        if _tables(text) & of_tenants and not (NAMES_TENANT.search(text) or ESCAPE.search(text))
    ]
    assert not without, f"{without} read tenants' rows without a tenant; if that is right, say `-- across tenants: why`"


async def test_sql_in_python_is_held_to_the_same(of_tenants):
    for path in _sources():
        text = path.read_text(encoding="utf-8")
        for string in _strings(path):
            if SQL.match(string) and _tables(string) & of_tenants and not NAMES_TENANT.search(string):
                before = text[: text.index(string[:30])].splitlines()[-3:]
                assert any("# across tenants: " in line for line in before), (path, string)


def test_statements_across_tenants_are_counted():
    counted = Counter(where.partition(" ")[0] for where, text in _statements() if ESCAPE.search(text))
    # What projector, intake and operators need to know of everybody. A customer's reader has no business here.
    assert counted == {
        "app/source_health/queries.sql": 1,
        "projections/quarantine/queries.sql": 4,
        "projections/audit/queries.sql": 1,
        "projections/erasure/queries.sql": 4,
        "projections/queries.sql": 2,
        "projections/intake/queries.sql": 3,
        "projections/papers/queries.sql": 1,
        "projections/order_view/queries.sql": 1,
        "projections/shipment_view/queries.sql": 1,
    }


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("select document from shipment_view where tenant = $1 and id = $2", True),
        ("select document from shipment_view v where v.tenant = any($1)", True),
        ("delete from reference where (tenant, subject_id) in (select * from unnest($1::text[], $2::text[]))", True),
        ("select * from shipment_list_newest($1, $2)", True),
        ("select document from shipment_view where id = $1", False),
        ("select tenant, document from shipment_view where id = $1", False),
    ],
)
def test_the_lint_knows_a_statement_that_names_its_tenant(statement, names):
    assert bool(NAMES_TENANT.search(statement) or not _tables(statement)) is names


def _sources() -> list[Path]:
    return [path for top in ("app", "auth", "projections") for path in sorted(ROOT.glob(f"{top}/**/*.py"))]


def _statements() -> Iterator[tuple[str, str]]:
    """Every named statement there is, with its file and name."""
    for path in sorted({*ROOT.glob("app/**/*.sql"), *ROOT.glob("auth/**/*.sql"), *ROOT.glob("projections/**/*.sql")}):
        # Migrations are no statements of ours at work; what they make is asked of the catalogue above.
        if path.parent.name != "migrations":
            package = ".".join(path.parent.relative_to(ROOT).parts)
            yield from ((f"{path.relative_to(ROOT)} {name}", text) for name, text in load(package).items())


def _tables(statement: str) -> set[str]:
    """What a statement reads from or writes to, without its schema."""
    return set(re.findall(r"\b(?:from|join|into|update)\s+(?:portal\.|log\.)?(\w+)\b(?!\s*\()", statement))


def _strings(path: Path) -> Iterator[str]:
    """Every string of a source file, the fixed parts of formatted ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
