-- Lists and look-ups. Each takes the tenant first and reads as that tenant alone; a page starts where the
-- index says, however deep it is.
set local role portal_owner;

do $$
declare
  kind text;
  direction record;
begin
  foreach kind in array array['shipment', 'order'] loop
    for direction in
      select * from (values ('newest', '<', 'desc', 'infinity'), ('oldest', '>', 'asc', '-infinity'))
        d (name, comparison, ordering, start)
    loop
      execute format($f$
        create function portal.%1$s_list_%2$s(
          p_tenant text, p_limit int, p_after timestamptz, p_after_id text,
          p_status text[], p_phase text[], p_carrier text[], p_ship_to text, p_has_exception boolean,
          p_updated_since timestamptz, p_eta_before timestamptz, p_eta_after timestamptz,
          p_reference text, p_order_id text)
        returns table (id text, created_at timestamptz, version bigint, digest bytea, sources text, summary bytea)
        language plpgsql as $body$
        begin
          perform set_config('app.tenant', p_tenant, true);
          return query
            select v.id, v.created_at, v.version, v.digest, v.sources, v.summary
            from portal.%1$s_view v
            where v.tenant = p_tenant
              and (v.created_at, v.id) %3$s (coalesce(p_after, %5$L::timestamptz), coalesce(p_after_id, ''))
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
            order by v.created_at %4$s, v.id %4$s
            limit p_limit;
          perform set_config('app.tenant', '', true);
        end $body$
      $f$, kind, direction.name, direction.comparison, direction.ordering, direction.start);
    end loop;
  end loop;
end $$;

create function portal.lookup(p_tenant text, p_value text, p_type text)
  returns table (subject_id text, type text, value text, carrier text)
  language plpgsql as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    select r.subject_id, r.type, r.value, r.carrier from portal.reference r
    where r.tenant = p_tenant and r.value = p_value and (p_type is null or r.type = p_type)
    order by r.subject_id, r.type
    limit 200;
  perform set_config('app.tenant', '', true);
end $$;

reset role;
