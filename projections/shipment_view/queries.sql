-- load_states: what is remembered of these subjects
-- across tenants: by subject, and a subject is one tenant's
select id, version, digest, state from shipment_state where id = any($1::text[]);

-- save_states: what is remembered now
insert into shipment_state as s (id, tenant, version, digest, state)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[])
on conflict (id) do update set version = excluded.version, digest = excluded.digest, state = excluded.state;

-- save_views: what is shown now
insert into shipment_view as v (tenant, id, version, digest, changed_at, status, phase, created_at, eta_at, promised_at,
  carrier, ship_to, has_exception, order_ids, sources, sections, summary, document, at_risk_from,
  delivered_at, origin_city, origin_country, ship_to_country)
select tenant, id, version, digest, changed_at, status, phase, created_at, eta_at, promised_at,
  carrier, ship_to, has_exception, string_to_array(order_ids, ' '), sources, sections, summary, document, at_risk_from,
  delivered_at, origin_city, origin_country, ship_to_country
from unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::timestamptz[], $6::text[], $7::text[],
  $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::boolean[], $14::text[],
  $15::text[], $16::text[], $17::bytea[], $18::bytea[], $19::timestamptz[],
  $20::timestamptz[], $21::text[], $22::text[], $23::text[])
  n (tenant, id, version, digest, changed_at, status, phase, created_at, eta_at, promised_at,
  carrier, ship_to, has_exception, order_ids, sources, sections, summary, document, at_risk_from,
  delivered_at, origin_city, origin_country, ship_to_country)
on conflict (tenant, id) do update
set version = excluded.version, digest = excluded.digest, changed_at = excluded.changed_at, status = excluded.status,
  phase = excluded.phase, created_at = excluded.created_at, eta_at = excluded.eta_at,
  promised_at = excluded.promised_at, carrier = excluded.carrier, ship_to = excluded.ship_to,
  has_exception = excluded.has_exception, order_ids = excluded.order_ids, sources = excluded.sources,
  sections = excluded.sections, summary = excluded.summary, document = excluded.document,
  at_risk_from = excluded.at_risk_from, delivered_at = excluded.delivered_at, origin_city = excluded.origin_city,
  origin_country = excluded.origin_country, ship_to_country = excluded.ship_to_country;

-- remove_views: what is shown no more
delete from shipment_view where (tenant, id) in (select * from unnest($1::text[], $2::text[]));

-- forget_exceptions: shipments that are shown anew, or no more; returns what stood open of them
delete from open_exception where (tenant, subject_id) in (select * from unnest($1::text[], $2::text[]))
returning tenant, subject_id, code;

-- show_exceptions: what stands open of them now
insert into open_exception (tenant, subject_id, code, raised_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]);

-- record_promises: which ETAs and promises were shown; what a log folded anew shows again is there already
insert into promise (tenant, subject_id, version, shown_at, promised_at, eta_at, eta_said_at, eta_source)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
  $7::timestamptz[], $8::text[])
on conflict (tenant, subject_id, version) do nothing;
