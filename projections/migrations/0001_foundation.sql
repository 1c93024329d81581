-- Roles, the log with its way in, and the views with their checkpoint.
-- Roles belong to the whole server, so another database may be making them at this moment.
do $$
declare
  role_name text;
begin
  foreach role_name in array array['portal_owner', 'portal_app', 'portal_projector', 'portal_issuer'] loop
    begin
      execute format('create role %I nologin nosuperuser nobypassrls', role_name);
    exception when duplicate_object or unique_violation then null;
    end;
    begin
      -- The login this service connects as takes on one of these roles for each pool and keeps no other right.
      execute format('grant %I to current_user', role_name);
    exception when unique_violation or sqlstate 'XX000' then null;
    end;
  end loop;
end $$;

create schema log authorization portal_owner;
create schema portal authorization portal_owner;
create schema issuer authorization portal_owner;
set local role portal_owner;
grant usage on schema log to portal_projector, portal_app;
grant usage on schema portal to portal_projector, portal_app;

-- The log: the only truth. Positions of a partition are given under the intake lock and so commit in order.
create table log.partition (
  partition smallint primary key,
  position bigint not null default 0
);
insert into log.partition (partition) select generate_series(0, 15);

create table log.event (
  partition smallint not null,
  position bigint not null,
  recorded_at timestamptz not null,
  subject_id text not null,
  tenant text,
  authority smallint not null,
  body bytea not null,
  primary key (partition, position)
);
-- One subject's whole history: for retraction, provenance and time travel.
create index event_subject on log.event (subject_id, position);

-- Identity of every event accepted or held: duplicates are known by it, whatever became of the first.
create table log.event_key (
  key bytea primary key,
  fingerprint bytea not null
);

-- What each reference names, as far as sources have said.
create table log.correlation (
  scope text not null,
  type text not null,
  value text not null,
  subject_id text not null,
  tenant text not null,
  primary key (scope, type, value)
);

create table log.held (
  key bytea primary key,
  scope text not null,
  type text not null,
  value text not null,
  source text not null,
  event_id text not null,
  event_type text not null,
  tenant text,
  authority smallint not null,
  held_at timestamptz not null,
  body bytea not null
);
create index held_reference on log.held (scope, type, value);

create table log.quarantine (
  id bigint generated always as identity primary key,
  digest bytea not null unique,
  reason text not null,
  detail text not null,
  pointer text not null,
  source text,
  event_id text,
  channel text not null,
  body bytea not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  seen_count bigint not null default 1
);

create table log.source_watermark (
  source text primary key,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null
);

grant select, insert, update on log.partition, log.source_watermark, log.quarantine to portal_projector;
grant select, insert on log.event, log.correlation to portal_projector;
grant select, insert, delete on log.event_key, log.held to portal_projector;

-- The tenant a reading transaction acts for; null, and so no row at all, when it was not said.
create function portal.tid() returns text
  language sql stable parallel safe
  return nullif(current_setting('app.tenant', true), '');

-- How far the log has been folded, and who may fold it: one row a partition, moved only by compare-and-set.
create table portal.checkpoint (
  partition smallint primary key,
  position bigint not null default 0,
  owner text,
  token bigint not null default 0,
  lease_expires_at timestamptz not null default '-infinity',
  as_of timestamptz not null default clock_timestamp()
) with (fillfactor = 50);
insert into portal.checkpoint (partition) select generate_series(0, 15);

create table portal.shipment_state (
  id text primary key,
  tenant text not null,
  version bigint not null,
  digest bytea,
  state bytea not null
) with (fillfactor = 60);
create table portal.order_state (like portal.shipment_state including all) with (fillfactor = 60);

-- Columns beside the ready bytes are those lists filter by. `version` is the log position last folded in.
create table portal.shipment_view (
  tenant text not null,
  id text not null,
  version bigint not null,
  digest bytea not null,
  changed_at timestamptz not null,
  status text not null,
  phase text not null,
  created_at timestamptz not null,
  eta_at timestamptz,
  promised_at timestamptz,
  carrier text,
  ship_to text,
  has_exception boolean not null,
  order_ids text[] not null,
  sources text not null,
  summary bytea not null,
  document bytea not null,
  primary key (tenant, id)
) with (fillfactor = 60);
create index shipment_view_list on portal.shipment_view (tenant, created_at desc, id desc);
create table portal.order_view (like portal.shipment_view including all) with (fillfactor = 60);

-- Every identifier a view shows, to look it up by.
create table portal.reference (
  tenant text not null,
  value text not null,
  type text not null,
  carrier text not null default '',
  subject_id text not null,
  primary key (tenant, subject_id, type, value, carrier)
);
create index reference_value on portal.reference (tenant, value text_pattern_ops);

-- What changed, per tenant, gapless.
create table portal.change_head (
  tenant text primary key,
  sequence bigint not null
);
create table portal.change (
  tenant text not null,
  sequence bigint not null,
  subject_id text not null,
  version bigint not null,
  status text,
  changed_at timestamptz not null,
  primary key (tenant, sequence)
);

grant select, update on portal.checkpoint to portal_projector;
grant select on portal.checkpoint to portal_app;
grant select, insert, update, delete on portal.shipment_state, portal.order_state, portal.shipment_view,
  portal.order_view, portal.reference, portal.change_head to portal_projector;
grant select, insert on portal.change to portal_projector;
grant select on portal.shipment_view, portal.order_view, portal.reference, portal.change to portal_app;
grant select on log.source_watermark to portal_app;

-- The second wall. Forced, so that not even the owner of the tables walks around it.
do $$
declare
  table_name text;
begin
  foreach table_name in array array['shipment_view', 'order_view', 'reference', 'change'] loop
    execute format('alter table portal.%I enable row level security', table_name);
    execute format('alter table portal.%I force row level security', table_name);
    execute format('create policy own_rows on portal.%I for select to portal_app using (tenant = (select portal.tid()))', table_name);
    execute format('create policy fold on portal.%I to portal_projector using (true) with check (tenant <> '''')', table_name);
  end loop;
end $$;

-- Reads by key: many tenants' keys may come in one call, each is read as that tenant alone.
create function portal.shipment_documents(p_tenants text[], p_ids text[])
  returns table (tenant text, id text, version bigint, digest bytea, sources text, summary bytea, document bytea)
  language plpgsql as $$
declare
  one text;
begin
  for one in select distinct unnest(p_tenants) loop
    perform set_config('app.tenant', one, true);
    return query
      select v.tenant, v.id, v.version, v.digest, v.sources, v.summary, v.document
      from portal.shipment_view v
      where v.tenant = one and v.id in (select w.id from unnest(p_tenants, p_ids) w (tenant, id) where w.tenant = one);
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

create function portal.order_documents(p_tenants text[], p_ids text[])
  returns table (tenant text, id text, version bigint, digest bytea, sources text, summary bytea, document bytea)
  language plpgsql as $$
declare
  one text;
begin
  for one in select distinct unnest(p_tenants) loop
    perform set_config('app.tenant', one, true);
    return query
      select v.tenant, v.id, v.version, v.digest, v.sources, v.summary, v.document
      from portal.order_view v
      where v.tenant = one and v.id in (select w.id from unnest(p_tenants, p_ids) w (tenant, id) where w.tenant = one);
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

reset role;
