-- What GraphQL needs beside the reads there are: how long a list is, and the documents that may be asked by their hash.
set local role portal_owner;

do $$
declare
  kind text;
begin
  foreach kind in array array['shipment', 'order'] loop
    -- As the lists of 0003 narrow; counting ends at p_at_most, so that nobody can ask for a scan of everything.
    execute format($f$
      create function portal.%1$s_count(
        p_tenant text, p_at_most int,
        p_status text[], p_phase text[], p_carrier text[], p_ship_to text, p_has_exception boolean,
        p_updated_since timestamptz, p_eta_before timestamptz, p_eta_after timestamptz,
        p_reference text, p_order_id text)
      returns bigint
      language plpgsql as $body$
      declare
        counted bigint;
      begin
        perform set_config('app.tenant', p_tenant, true);
        select count(*) into counted from (
          select
          from portal.%1$s_view v
          where v.tenant = p_tenant
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
          limit p_at_most) shown;
        perform set_config('app.tenant', '', true);
        return counted;
      end $body$
    $f$, kind);
  end loop;
end $$;

-- The same for every tenant: what may be asked, never what is answered.
create table portal.graphql_document (
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  name text not null,
  document text not null,
  registered_at timestamptz not null default now()
);
grant select on portal.graphql_document to portal_app;
grant select on portal.graphql_document to portal_ops;
grant select, insert, update on portal.graphql_document to portal_projector;

reset role;
