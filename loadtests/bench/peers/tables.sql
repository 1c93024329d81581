-- The bench's shipments as a normal service has them: rows and columns instead of ready documents.
create schema peer;

create table peer.shipment (
  id text primary key,
  tenant text not null,
  number text not null,
  status text not null,
  phase text not null,
  closed_reason text,
  reason_code text not null,
  reason_text text not null,
  carrier_scac text,
  carrier_name text,
  ship_to_name text,
  ship_to_city text,
  ship_to_country text,
  promised_at timestamptz,
  eta_at timestamptz,
  shipped_at timestamptz,
  delivered_at timestamptz,
  last_place_city text,
  created_at timestamptz not null,
  last_event_at timestamptz not null
);

create table peer.milestone (
  id bigint generated always as identity primary key,
  tenant text not null,
  shipment_id text not null references peer.shipment,
  code text not null,
  text text not null,
  phase text not null,
  occurred_at timestamptz not null,
  place_name text,
  place_city text,
  place_country text,
  source text not null
);

insert into peer.shipment
select v.id, v.tenant, d ->> 'number', d ->> 'status', d ->> 'phase', d ->> 'closed_reason',
  d #>> '{reason,code}', d #>> '{reason,text}', d #>> '{carrier,scac}', d #>> '{carrier,name}',
  d #>> '{ship_to,name}', d #>> '{ship_to,city}', d #>> '{ship_to,country}',
  (d ->> 'promised_at')::timestamptz, (d ->> 'eta_at')::timestamptz,
  (d ->> 'shipped_at')::timestamptz, (d ->> 'delivered_at')::timestamptz, d #>> '{last_place,city}',
  (d ->> 'created_at')::timestamptz, (d ->> 'last_event_at')::timestamptz
from portal.shipment_view v, lateral (select convert_from(v.document, 'UTF8')::jsonb as d) decoded;

insert into peer.milestone (tenant, shipment_id, code, text, phase, occurred_at, place_name, place_city, place_country, source)
select v.tenant, v.id, m ->> 'code', m ->> 'text', m ->> 'phase', (m ->> 'occurred_at')::timestamptz,
  m #>> '{place,name}', m #>> '{place,city}', m #>> '{place,country}', m ->> 'source'
from portal.shipment_view v, jsonb_array_elements(convert_from(v.document, 'UTF8')::jsonb -> 'milestones') m;

create index on peer.shipment (tenant, created_at desc, id desc);
create index on peer.milestone (shipment_id, occurred_at, id);

-- For who relies on row-level security: a role that sees its tenant's rows.
do $$
begin
  create role peer_reader nologin nosuperuser nobypassrls;
exception when duplicate_object then null;
end $$;
grant usage on schema peer to peer_reader;
grant select on peer.shipment, peer.milestone to peer_reader;
alter table peer.shipment enable row level security;
alter table peer.milestone enable row level security;
create policy own_rows on peer.shipment to peer_reader
  using (tenant = (select nullif(current_setting('jwt.claims.tenant', true), '')));
create policy own_rows on peer.milestone to peer_reader
  using (tenant = (select nullif(current_setting('jwt.claims.tenant', true), '')));
analyze peer.shipment, peer.milestone;
