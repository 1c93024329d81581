-- Invoices by id, any number of them in one read, each tenant's as that tenant alone.
set local role portal_owner;

create function portal.invoices_by_id(p_tenants text[], p_ids text[])
  returns table (id text, tenant text, order_id text, sources text, body bytea)
  language plpgsql as $$
declare
  one text;
begin
  for one in select distinct unnest(p_tenants) loop
    perform set_config('app.tenant', one, true);
    return query
      select v.id, v.tenant, v.order_id, v.sources, v.body
        from portal.invoice v where v.tenant = one and v.id = any (p_ids);
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

drop function portal.invoices(text[], text);

reset role;
