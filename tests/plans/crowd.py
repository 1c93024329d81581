"""A million shipments of 500 customers, with orders and identifiers: made by Postgres itself, in seconds.

Rows come in the order of time, everybody's mixed: neighbours on a page are other customers', so that each row a query
comes across is a page of its own. Documents are a few bytes long: lists do not read them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from projections.database import Connection

TENANTS = 500
# These are there first: what they ask is asked before and after everybody else has come.
EARLY_TENANTS = 50
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ROWS_A_TENANT: Mapping[str, int] = {
    "shipment_view": 2_000,
    "order_view": 400,
    "reference": 400,
    "open_exception": 100,
    "invoice": 400,
    "share": 100,
}

# Half of a tenant's rows are under way, one in five has each carrier, one in 400 is lost.
_VIEW = """
insert into portal.{table} (tenant, id, version, digest, changed_at, status, phase, created_at, eta_at, promised_at,
                            carrier, ship_to, has_exception, order_ids, sources, summary, document)
select 'tenant-' || tenant, 'id-' || number, number, '', time, status, status, time, time, time,
  'carrier-' || number % 5, 'city-' || number % 40, number % 20 = 0, array['order-' || number / 2],
  '', 'summary', 'document'
from (
  select row % {tenants} + {first} as tenant, row / {tenants} as number,
    '{began}'::timestamptz + row / {tenants} * interval '1 hour' as time,
    case when row / {tenants} % 400 = 7 then 'lost' when row % 2 = 0 then 'delivered' else 'in_transit' end as status
  from generate_series(0, {tenants} * {rows} - 1) row
) rows
"""
_REFERENCE = """
insert into portal.reference (tenant, value, type, subject_id)
select 'tenant-' || (row % {tenants} + {first}), 'value-' || row / {tenants}, 'tracking_number', 'id-' || row / {tenants}
from generate_series(0, {tenants} * {rows} - 1) row
"""
_EXCEPTION = """
insert into portal.open_exception (tenant, subject_id, code, raised_at)
select 'tenant-' || (row % {tenants} + {first}), 'id-' || row / {tenants}, 'code-' || row / {tenants} % 5,
  '{began}'::timestamptz + row / {tenants} * interval '1 hour'
from generate_series(0, {tenants} * {rows} - 1) row
"""
_INVOICE = """
insert into portal.invoice (tenant, id, order_id, version, status, posted_at, due_at, sources, body)
select 'tenant-' || (row % {tenants} + {first}), 'inv-' || row / {tenants}, 'id-' || row / {tenants}, row,
  'status-' || row / {tenants} % 2, '{began}'::timestamptz + row / {tenants} * interval '1 hour',
  '{began}'::timestamptz + row / {tenants} * interval '1 hour', '', 'body'
from generate_series(0, {tenants} * {rows} - 1) row
"""
_SHARE = """
insert into portal.share (tenant, id, token_hash, subject_id, created_at, created_by, expires_at)
select 'tenant-' || (row % {tenants} + {first}), 'share-' || row / {tenants}, sha256(('{first}-' || row)::bytea),
  'id-' || row / {tenants}, '{began}'::timestamptz + row / {tenants} * interval '1 hour', 'somebody', 'infinity'
from generate_series(0, {tenants} * {rows} - 1) row
"""
CROWDED = {
    "shipment_view": _VIEW,
    "order_view": _VIEW,
    "reference": _REFERENCE,
    "open_exception": _EXCEPTION,
    "invoice": _INVOICE,
    "share": _SHARE,
}


def hour(number: int) -> datetime:
    """When each tenant's row of this number was made, changed and expected."""
    return BEGAN + timedelta(hours=number)


async def make_room(connection: Connection) -> None:
    """Tables without a log are filled in half the time, and read the same way."""
    for table in CROWDED:
        await connection.execute(f"alter table portal.{table} set unlogged")


async def come(connection: Connection, first: int, last: int) -> None:
    """Let the tenants from `first` to before `last` come, and Postgres look at what there is now."""
    for table, insert in CROWDED.items():
        said = {"table": table, "rows": ROWS_A_TENANT[table], "tenants": last - first, "first": first, "began": BEGAN}
        await connection.execute(insert.format(**said))
        await connection.execute(f"analyze portal.{table}")
