-- From when on a shipment's promise is at risk; what is served compares it with the time (docs/risk.md).
set local role portal_owner;

alter table portal.shipment_view add column at_risk_from timestamptz;

drop function portal.shipment_documents(text[], text[]);
create function portal.shipment_documents(p_tenants text[], p_ids text[])
  returns table (
    tenant text, id text, version bigint, digest bytea, sources text, sections text, summary bytea, document bytea,
    at_risk_from timestamptz)
  language plpgsql as $$
declare
  one text;
begin
  for one in select distinct unnest(p_tenants) loop
    perform set_config('app.tenant', one, true);
    return query
      select v.tenant, v.id, v.version, v.digest, v.sources, v.sections, v.summary, v.document, v.at_risk_from
      from portal.shipment_view v
      where v.tenant = one and v.id in (select w.id from unnest(p_tenants, p_ids) w (tenant, id) where w.tenant = one);
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

do $$
declare
  direction record;
begin
  for direction in
    select * from (values ('newest', '<', 'desc', 'infinity'), ('oldest', '>', 'asc', '-infinity'))
      d (name, comparison, ordering, start)
  loop
    execute format(
      'drop function portal.shipment_list_%s(text, int, timestamptz, text, text[], text[], text[], text, boolean,'
      ' timestamptz, timestamptz, timestamptz, text, text)', direction.name);
    execute format($f$
      create function portal.shipment_list_%1$s(
        p_tenant text, p_limit int, p_after timestamptz, p_after_id text,
        p_status text[], p_phase text[], p_carrier text[], p_ship_to text, p_has_exception boolean,
        p_updated_since timestamptz, p_eta_before timestamptz, p_eta_after timestamptz,
        p_reference text, p_order_id text, p_at_risk boolean)
      returns table (
        id text, created_at timestamptz, version bigint, digest bytea, sources text, summary bytea,
        at_risk_from timestamptz)
      language plpgsql as $body$
      begin
        perform set_config('app.tenant', p_tenant, true);
        return query
          select v.id, v.created_at, v.version, v.digest, v.sources, v.summary, v.at_risk_from
          from portal.shipment_view v
          where v.tenant = p_tenant
            and (v.created_at, v.id) %2$s (coalesce(p_after, %4$L::timestamptz), coalesce(p_after_id, ''))
            and (p_status is null or v.status = any(p_status))
            and (p_phase is null or v.phase = any(p_phase))
            and (p_carrier is null or v.carrier = any(p_carrier))
            and (p_ship_to is null or v.ship_to = p_ship_to)
            and (p_has_exception is null or v.has_exception = p_has_exception)
            and (p_updated_since is null or v.changed_at >= p_updated_since)
            and (p_eta_before is null or v.eta_at < p_eta_before)
            and (p_eta_after is null or v.eta_at > p_eta_after)
            and (p_reference is null or v.id in (
              select r.subject_id from portal.reference r where r.tenant = p_tenant and r.value = p_reference))
            and (p_order_id is null or p_order_id = any(v.order_ids))
            and (p_at_risk is null or coalesce(v.at_risk_from <= clock_timestamp(), false) = p_at_risk)
          order by v.created_at %3$s, v.id %3$s
          limit p_limit;
        perform set_config('app.tenant', '', true);
      end $body$
    $f$, direction.name, direction.comparison, direction.ordering, direction.start);
  end loop;
end $$;

-- Rows in the index's order and the shipment of each by its key, until the page is full: sorting would mean to look at
-- all of a tenant's first, which the planner, taking them for few, thinks cheap.
drop function portal.exception_list(
  text, int, timestamptz, text, text, text[], text[], text[], text, timestamptz);
create function portal.exception_list(
  p_tenant text, p_limit int, p_after timestamptz, p_after_id text, p_after_code text,
  p_code text[], p_carrier text[], p_status text[], p_shipment_id text, p_raised_since timestamptz)
returns table (id text, code text, raised_at timestamptz, version bigint, sources text, summary bytea,
  at_risk_from timestamptz)
language plpgsql set enable_sort = off as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    select e.subject_id, e.code, e.raised_at, v.version, v.sources, v.summary, v.at_risk_from
    from portal.open_exception e
    cross join lateral (
      select s.version, s.sources, s.summary, s.at_risk_from, s.carrier, s.status from portal.shipment_view s
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

reset role;
