"""What figures over deliveries cost depends on the tenant's own deliveries, not on how many others there are."""

import json
from datetime import UTC, datetime

import asyncpg

from app.reads.database import SQL

OWN = 50
# Of each delivery its row and its ledger by their indexes: some pages each.
MAX_PAGES = OWN * 8
VIEWS = """
insert into portal.shipment_view (tenant, id, version, digest, changed_at, status, phase, created_at, promised_at, carrier,
  ship_to, ship_to_country, origin_city, origin_country, delivered_at, has_exception, order_ids, sources, summary, document)
select 't' || n / $1::int, 'shp_' || n, n, 'x', now(), 'delivered', 'delivered', now(), '2026-03-03Z', 'C' || n % 4, 'A' || n % 5,
  'DE', 'B', 'DE', timestamptz '2026-03-01Z' + interval '1 hour' * (n % 48), false, '{}', '', repeat('s', 900)::bytea,
  repeat(md5(n::text), 90)::bytea
from generate_series(0, $1::int * $2::int - 1) n
"""
LEDGER = """
insert into portal.promise (tenant, subject_id, version, shown_at, eta_at, eta_said_at)
select tenant, id, k, now(), delivered_at + interval '1 hour' * k, delivered_at - interval '40 hours'
from portal.shipment_view, generate_series(1, 3) k
"""


async def test_figures_read_the_tenants_own_rows_only(database: str):
    connection = await asyncpg.connect(database)
    try:
        for tenants in (20, 400):
            await connection.execute("truncate portal.shipment_view, portal.promise")
            await connection.execute(VIEWS, OWN, tenants)
            await connection.execute(LEDGER)
            await connection.execute("analyze portal.shipment_view")
            await connection.execute("analyze portal.promise")
            looked_at = await pages(connection, "t7")
            assert looked_at < MAX_PAGES, f"{looked_at} pages with {tenants} tenants"
    finally:
        await connection.close()


async def pages(connection: asyncpg.Connection, tenant: str) -> int:
    """How many pages were looked at to answer as the reader who serves."""
    asked = (tenant, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), None, None, None)
    async with connection.transaction():
        await connection.execute("set local role portal_app")
        await connection.execute("set local search_path = portal")
        rows = await connection.fetch(SQL["performance"], *asked)
        assert rows[0]["delivered"] == OWN
        explained = f"explain (analyze, buffers, format json) {SQL['performance']}"
        plan = json.loads(await connection.fetchval(explained, *asked))[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
