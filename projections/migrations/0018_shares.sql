-- Public tracking links: each opens a reduced view of one shipment to whoever has it, until it ends.
set local role portal_owner;

create table portal.share (
  tenant text not null,
  id text not null,
  -- SHA-256; the token itself is nowhere: 256 random bits of our own making need no slow hash.
  token_hash bytea not null unique,
  subject_id text not null,
  note text,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant, id)
);
create index share_list on portal.share (tenant, created_at desc, id desc);

-- The digest of the token a reading transaction brings along; null when it brings none.
create function portal.brought() returns bytea
  language sql stable parallel safe
  return decode(nullif(current_setting('app.share', true), ''), 'hex');

grant select on portal.share to portal_app;
grant select, insert, update (revoked_at) on portal.share to portal_projector;
alter table portal.share enable row level security;
alter table portal.share force row level security;
create policy own_rows on portal.share for select to portal_app using (tenant = (select portal.tid()));
-- Who brings a link's token is of no tenant: it opens that one row.
create policy opened on portal.share for select to portal_app using (token_hash = (select portal.brought()));
-- Not as with views, which are folded for all tenants: a link is one customer's doing.
create policy own_doing on portal.share to portal_projector
  using (tenant = (select portal.tid())) with check (tenant = (select portal.tid()));

create function portal.share_list(
  p_tenant text, p_limit int, p_after timestamptz, p_after_id text, p_shipment_id text)
returns setof portal.share
language plpgsql as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    select s.* from portal.share s
    where s.tenant = p_tenant
      and (s.created_at, s.id) < (coalesce(p_after, 'infinity'::timestamptz), coalesce(p_after_id, ''))
      and (p_shipment_id is null or s.subject_id = p_shipment_id)
    order by s.created_at desc, s.id desc
    limit p_limit;
  perform set_config('app.tenant', '', true);
end $$;

create function portal.shares_by_id(p_tenants text[], p_id text) returns setof portal.share
language plpgsql as $$
declare
  one text;
begin
  for one in select distinct unnest(p_tenants) loop
    perform set_config('app.tenant', one, true);
    return query select s.* from portal.share s where s.tenant = one and s.id = p_id;
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

-- Unknown, expired and revoked are the same: no row.
create function portal.opened_share(p_token_hash bytea) returns setof portal.share
language plpgsql as $$
begin
  perform set_config('app.share', encode(p_token_hash, 'hex'), true);
  return query
    select s.* from portal.share s
    where s.token_hash = p_token_hash and s.revoked_at is null and s.expires_at > clock_timestamp();
  perform set_config('app.share', '', true);
end $$;

reset role;
