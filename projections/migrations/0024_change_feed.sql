-- The change feed as readers follow it: which problems each change brought up, and reading on from where one was.
set local role portal_owner;

-- Codes that stand open with this version and did not with the one shown before it, with spaces between them. Written
-- by the projector, so that whoever reads a change again reads the same. Of changes made before this, nothing is said.
alter table portal.change add column raised text not null default '';

-- What changed after these positions, each tenant's read as that tenant alone: for each so many, in order.
create function portal.changes_after(p_tenants text[], p_sequences bigint[], p_each int)
  returns table (tenant text, sequence bigint, subject_id text, version bigint, status text, changed_at timestamptz,
    raised text)
  language plpgsql as $$
declare
  one text;
  seen bigint;
begin
  for one, seen in select * from unnest(p_tenants, p_sequences) loop
    perform set_config('app.tenant', one, true);
    return query
      select c.tenant, c.sequence, c.subject_id, c.version, c.status, c.changed_at, c.raised
      from portal.change c
      where c.tenant = one and c.sequence > seen
      order by c.sequence
      limit p_each;
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

-- How far the feeds of these tenants are; 0 where nothing has changed yet.
create function portal.change_heads(p_tenants text[])
  returns table (tenant text, sequence bigint)
  language plpgsql as $$
declare
  one text;
begin
  foreach one in array p_tenants loop
    perform set_config('app.tenant', one, true);
    return query
      select one, coalesce(max(c.sequence), 0) from portal.change c where c.tenant = one;
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

reset role;
