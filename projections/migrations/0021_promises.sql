-- Which ETAs and promises each customer was shown, and how deliveries turned out (docs/promises.md).
set local role portal_owner;

-- A row for each log row after which a shipment showed another ETA or promise.
create table portal.promise (
  tenant text not null,
  subject_id text not null,
  version bigint not null,
  shown_at timestamptz not null,
  promised_at timestamptz,
  eta_at timestamptz,
  eta_said_at timestamptz,
  eta_source text,
  primary key (tenant, subject_id, version)
);
grant select, insert on portal.promise to portal_projector;
grant select on portal.promise to portal_app;
alter table portal.promise enable row level security;
alter table portal.promise force row level security;
create policy own_rows on portal.promise for select to portal_app using (tenant = (select portal.tid()));
create policy fold on portal.promise to portal_projector using (true) with check (tenant <> '');

alter table portal.shipment_view
  add column delivered_at timestamptz,
  add column origin_city text,
  add column origin_country text,
  add column ship_to_country text;
create index shipment_view_delivered on portal.shipment_view (tenant, delivered_at) where delivered_at is not null;

create function portal.promises(p_tenant text, p_id text)
  returns table (
    shown_at timestamptz, promised_at timestamptz, eta_at timestamptz, eta_said_at timestamptz, eta_source text)
  language plpgsql as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    select p.shown_at, p.promised_at, p.eta_at, p.eta_said_at, p.eta_source from portal.promise p
    where p.tenant = p_tenant and p.subject_id = p_id
    order by p.version;
  perform set_config('app.tenant', '', true);
end $$;

-- Over all, per carrier and per lane, told apart by `part`; of lanes the busiest.
create function portal.performance(
  p_tenant text, p_after timestamptz, p_before timestamptz, p_carrier text[], p_origin text, p_ship_to text)
  returns table (
    part text, carrier text, origin_city text, origin_country text, ship_to_city text, ship_to_country text,
    delivered bigint, promised bigint, on_time bigint, forecast bigint, median_error_hours double precision,
    within_2_hours bigint, within_8_hours bigint)
  language plpgsql as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    with delivered as materialized (
      select v.carrier, v.origin_city, v.origin_country, v.ship_to, v.ship_to_country, v.delivered_at, v.promised_at,
        abs(extract(epoch from v.delivered_at - e.eta_at) / 3600)::double precision as error_hours
      from portal.shipment_view v
      left join lateral (
        select p.eta_at from portal.promise p
        where p.tenant = p_tenant and p.subject_id = v.id and p.eta_said_at <= v.delivered_at - interval '24 hours'
        order by p.version desc
        limit 1
      ) e on true
      where v.tenant = p_tenant and v.delivered_at > p_after and v.delivered_at < p_before
        and (p_carrier is null or v.carrier = any(p_carrier))
        and (p_origin is null or v.origin_city = p_origin)
        and (p_ship_to is null or v.ship_to = p_ship_to)
    ), figures as (
      select case when grouping(d.carrier) = 0 then 'carrier' when grouping(d.ship_to) = 0 then 'lane' else 'all' end
          as part,
        d.carrier, d.origin_city, d.origin_country, d.ship_to, d.ship_to_country,
        count(*) as delivered,
        count(d.promised_at) as promised,
        count(*) filter (where d.delivered_at <= d.promised_at) as on_time,
        count(d.error_hours) as forecast,
        percentile_cont(0.5) within group (order by d.error_hours) as median_error_hours,
        count(*) filter (where d.error_hours <= 2) as within_2_hours,
        count(*) filter (where d.error_hours <= 8) as within_8_hours
      from delivered d
      group by grouping sets (
        (), (d.carrier), (d.origin_city, d.origin_country, d.ship_to, d.ship_to_country))
    )
    select f.* from figures f
    order by f.part, f.delivered desc, f.carrier, f.origin_country, f.origin_city, f.ship_to_country, f.ship_to
    limit 1000;
  perform set_config('app.tenant', '', true);
end $$;

reset role;
