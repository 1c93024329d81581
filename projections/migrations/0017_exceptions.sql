-- Open problems and delays across a tenant's shipments, and looking up many identifiers in one call.
set local role portal_owner;

-- One row for each problem that stands, and for a delay that has no other reason; written with the views.
create table portal.open_exception (
  tenant text not null,
  subject_id text not null,
  code text not null,
  raised_at timestamptz not null,
  primary key (tenant, subject_id, code)
);
create index open_exception_list on portal.open_exception (tenant, raised_at desc, subject_id desc, code desc);

grant select, insert, update, delete on portal.open_exception to portal_projector;
grant select on portal.open_exception to portal_app;
alter table portal.open_exception enable row level security;
alter table portal.open_exception force row level security;
create policy own_rows on portal.open_exception for select to portal_app using (tenant = (select portal.tid()));
create policy fold on portal.open_exception to portal_projector using (true) with check (tenant <> '');

-- Rows in the index's order and the shipment of each by its key, until the page is full: sorting would mean to look at
-- all of a tenant's first, which the planner, taking them for few, thinks cheap.
create function portal.exception_list(
  p_tenant text, p_limit int, p_after timestamptz, p_after_id text, p_after_code text,
  p_code text[], p_carrier text[], p_status text[], p_shipment_id text, p_raised_since timestamptz)
returns table (id text, code text, raised_at timestamptz, version bigint, sources text, summary bytea)
language plpgsql set enable_sort = off as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    select e.subject_id, e.code, e.raised_at, v.version, v.sources, v.summary
    from portal.open_exception e
    cross join lateral (
      select s.version, s.sources, s.summary, s.carrier, s.status from portal.shipment_view s
      where s.tenant = p_tenant and s.id = e.subject_id
      offset 0
    ) v
    where e.tenant = p_tenant
      and (e.raised_at, e.subject_id, e.code)
        < (coalesce(p_after, 'infinity'::timestamptz), coalesce(p_after_id, ''), coalesce(p_after_code, ''))
      and (p_code is null or e.code = any(p_code))
      and (p_shipment_id is null or e.subject_id = p_shipment_id)
      and (p_raised_since is null or e.raised_at >= p_raised_since)
      and (p_carrier is null or v.carrier = any(p_carrier))
      and (p_status is null or v.status = any(p_status))
    order by e.raised_at desc, e.subject_id desc, e.code desc
    limit p_limit;
  perform set_config('app.tenant', '', true);
end $$;

-- `asked` counts from 1: which of the identifiers given this row is found by.
drop function portal.lookup(text, text, text);
create function portal.lookup(p_tenant text, p_values text[], p_types text[], p_each int)
  returns table (asked bigint, subject_id text, type text, value text, carrier text)
  language plpgsql as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    select a.asked, f.subject_id, f.type, f.value, f.carrier
    from unnest(p_values, p_types) with ordinality a (value, type, asked)
    cross join lateral (
      select r.subject_id, r.type, r.value, r.carrier from portal.reference r
      where r.tenant = p_tenant and r.value = a.value and (a.type is null or r.type = a.type)
      order by r.subject_id, r.type
      limit p_each
    ) f
    order by a.asked, f.subject_id, f.type;
  perform set_config('app.tenant', '', true);
end $$;

-- What is shown already. Since when a delay is known that has no other reason is in no view: it is put right with the
-- shipment's next event.
set local role portal_projector;
insert into portal.open_exception (tenant, subject_id, code, raised_at)
select v.tenant, v.id, x ->> 'code', max((x ->> 'raised_at')::timestamptz)
from portal.shipment_view v
cross join lateral jsonb_array_elements(convert_from(v.document, 'UTF8')::jsonb -> 'exceptions') x
where v.has_exception and x ->> 'cleared_at' is null
group by v.tenant, v.id, x ->> 'code';
insert into portal.open_exception (tenant, subject_id, code, raised_at)
select v.tenant, v.id, convert_from(v.summary, 'UTF8')::jsonb #>> '{reason,code}', v.changed_at
from portal.shipment_view v
where v.status = 'delayed' and not v.has_exception;

reset role;
