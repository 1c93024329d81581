-- What the past is told from: when each change was shown, which shipments an order ever had, and each tenant's own log.
set local role portal_owner;

-- When the projector wrote the change; `changed_at` is when the event behind it was recorded. Of changes written before
-- this migration only the latter is known.
alter table portal.change add column folded_at timestamptz;
alter table portal.change no force row level security;
update portal.change set folded_at = changed_at;
alter table portal.change force row level security;
alter table portal.change alter column folded_at set not null, alter column folded_at set default clock_timestamp();
create index change_subject on portal.change (tenant, subject_id, folded_at, sequence);

-- Every shipment that was ever planned to carry lines of an order, in whichever plan of its.
create table portal.order_shipment (
  tenant text not null,
  order_id text not null,
  shipment_id text not null,
  primary key (tenant, order_id, shipment_id)
);
alter table portal.shipment_view no force row level security;
insert into portal.order_shipment (tenant, order_id, shipment_id)
select v.tenant, o.id, v.id from portal.shipment_view v cross join unnest(v.order_ids) o (id);
alter table portal.shipment_view force row level security;
alter table portal.order_shipment enable row level security;
alter table portal.order_shipment force row level security;
create policy own_rows on portal.order_shipment for select to portal_app using (tenant = (select portal.tid()));
create policy fold on portal.order_shipment to portal_projector using (true) with check (tenant <> '');
grant select on portal.order_shipment to portal_app;
grant select, insert on portal.order_shipment to portal_projector;

-- The log as one tenant's reader may see it. A view, and not row-level security on the log, because Postgres refuses
-- COPY, by which intake writes, to who is held to policies. A barrier: no condition of a query is asked of other rows.
create view log.own_event with (security_barrier = true) as
  select e.position, e.recorded_at, e.subject_id, e.tenant, e.authority, e.body
  from log.event e where e.tenant = (select portal.tid());
grant select on log.own_event to portal_app;

-- The history of a shipment, or of an order and all shipments it ever had, and how far it counts: as far as it was
-- folded into what was shown at a time, or, without a time, as far as it is folded now. No rows where nothing was
-- shown. At most so many rows; those past so many bytes have no body.
create function portal.past(
  p_tenant text, p_id text, p_partition smallint, p_at timestamptz, p_rows int, p_bytes bigint)
  returns table (subject_id text, log_position bigint, recorded_at timestamptz, authority smallint, body bytea)
  language plpgsql as $$
declare
  up_to bigint;
begin
  perform set_config('app.tenant', p_tenant, true);
  if p_at is null then
    select c.position into up_to from portal.checkpoint c where c.partition = p_partition;
  else
    select case when c.status is not null then c.version end into up_to
    from portal.change c
    where c.tenant = p_tenant and c.subject_id = p_id and c.folded_at <= p_at
    order by c.folded_at desc, c.sequence desc
    limit 1;
  end if;
  return query
    select n.subject_id, n.position, n.recorded_at, n.authority, case when n.before < p_bytes then n.body end
    from (
      select e.*, sum(octet_length(e.body)) over (rows unbounded preceding) - octet_length(e.body) as before
      from (
        select e.*
        from (
          select p_id as id
          union
          select s.shipment_id from portal.order_shipment s where s.tenant = p_tenant and s.order_id = p_id
        ) one
        cross join lateral (
          select * from log.own_event e
          where e.tenant = p_tenant and e.subject_id = one.id and e.position <= up_to
          order by e.position
          limit p_rows
        ) e
        limit p_rows
      ) e
    ) n;
  perform set_config('app.tenant', '', true);
end $$;

-- When each version of a shipment or order was first shown.
create function portal.versions(p_tenant text, p_id text, p_rows int)
  returns table (version bigint, folded_at timestamptz)
  language plpgsql as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    select c.version, c.folded_at from portal.change c
    where c.tenant = p_tenant and c.subject_id = p_id
    order by c.folded_at, c.sequence
    limit p_rows;
  perform set_config('app.tenant', '', true);
end $$;

reset role;
