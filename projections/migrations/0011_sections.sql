-- Which guarded sections stand at the end of a document, and how long each is; see projections/sections.py.
set local role portal_owner;

alter table portal.shipment_view add column sections text not null default '';
alter table portal.order_view add column sections text not null default '';

do $$
declare
  kind text;
begin
  foreach kind in array array['shipment', 'order'] loop
    execute format('drop function portal.%s_documents(text[], text[])', kind);
    execute format($f$
      create function portal.%1$s_documents(p_tenants text[], p_ids text[])
        returns table (
          tenant text, id text, version bigint, digest bytea, sources text, sections text, summary bytea, document bytea)
        language plpgsql as $body$
      declare
        one text;
      begin
        for one in select distinct unnest(p_tenants) loop
          perform set_config('app.tenant', one, true);
          return query
            select v.tenant, v.id, v.version, v.digest, v.sources, v.sections, v.summary, v.document
            from portal.%1$s_view v
            where v.tenant = one
              and v.id in (select w.id from unnest(p_tenants, p_ids) w (tenant, id) where w.tenant = one);
        end loop;
        perform set_config('app.tenant', '', true);
      end $body$
    $f$, kind);
  end loop;
end $$;

reset role;
