-- acquire: renew what we hold and take what has expired, up to a number of partitions in all
update checkpoint c
set owner = $1,
    token = c.token + (c.owner is distinct from $1)::int,
    lease_expires_at = clock_timestamp() + make_interval(secs => $2)
from (
  select partition from checkpoint
  where owner = $1 or lease_expires_at < clock_timestamp()
  order by owner is distinct from $1, partition
  limit $3
  for update skip locked
) free
where c.partition = free.partition
returning c.partition, c.token, c.position;

-- announce: we are here, whether we hold a lease or wait for one
insert into projector (owner, seen_at) values ($1, clock_timestamp())
on conflict (owner) do update set seen_at = excluded.seen_at;

-- live_projectors: how many were heard of lately, we among them
select count(*) from projector where seen_at > clock_timestamp() - make_interval(secs => $1);

-- release: give up what we hold but for these partitions
update checkpoint set lease_expires_at = '-infinity'
where owner = $1 and partition <> all($2::smallint[]) and lease_expires_at > '-infinity';

-- leave: we are gone, and so are those long not heard of
delete from projector where owner = $1 or seen_at < clock_timestamp() - interval '1 day';

-- move: step checkpoints on from where we know them to be, under our token
update checkpoint c
set position = n.after, as_of = greatest(n.as_of, c.as_of),
    lease_expires_at = clock_timestamp() + make_interval(secs => $2)
from unnest($3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[])
  n (partition, token, before, after, as_of)
where c.partition = n.partition and c.owner = $1 and c.token = n.token and c.position = n.before
returning c.partition;

-- now: the database's clock
select clock_timestamp();

-- next_batch: the events after these positions, each partition's oldest first; bodies up to so many bytes in all
-- across tenants: the projector folds whole partitions, each row for the tenant it names
select n.partition, n.position, n.recorded_at, n.subject_id, n.tenant, n.authority,
  case when n.before < $4 then n.body end as body
from (
  select e.*, sum(octet_length(e.body)) over (rows unbounded preceding) - octet_length(e.body) as before
  from (
    select e.*
    from unnest($1::smallint[], $2::bigint[]) c (partition, position)
    cross join lateral (
      select * from log.event e
      where e.partition = c.partition and e.position > c.position
      order by e.position
      limit $3
    ) e
    limit $3
  ) e
) n;

-- history: all events of these subjects up to a position, oldest first
-- across tenants: by subject, and a subject is one tenant's
select e.subject_id, e.position, e.recorded_at, e.authority, e.body
from unnest($1::text[], $2::bigint[]) s (subject_id, position)
join log.event e on e.subject_id = s.subject_id and e.position <= s.position
order by e.subject_id, e.position;

-- take_sequences: the next numbers of these tenants' change feeds; returns the last taken
insert into change_head as h (tenant, sequence)
select * from unnest($1::text[], $2::bigint[])
on conflict (tenant) do update set sequence = h.sequence + excluded.sequence
returning tenant, sequence;

-- forget_references: views that show other identifiers than before
delete from reference where (tenant, subject_id) in (select * from unnest($1::text[], $2::text[]));

-- show_references: the identifiers these views show now
insert into reference (tenant, value, type, carrier, subject_id)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]);

-- record_changes: what changed, under its numbers
insert into change (tenant, sequence, subject_id, version, status, changed_at, raised)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[], $7::text[]);

-- record_carried: which shipments were ever planned to carry lines of which orders
insert into order_shipment (tenant, order_id, shipment_id)
select * from unnest($1::text[], $2::text[], $3::text[])
on conflict do nothing;

-- holes: each way in which the role we act as could read around row-level security; none when it cannot
select 'it is a superuser' as hole from pg_roles where rolname = current_user and rolsuper
union all
select 'it has BYPASSRLS' from pg_roles where rolname = current_user and rolbypassrls
union all
select format('it may become %I, which is not held to it', r.rolname)
from pg_roles r
where (r.rolsuper or r.rolbypassrls) and r.rolname <> current_user and pg_has_role(current_user, r.oid, 'member')
union all
select format('it may act as the owner of %s', c.oid::regclass)
from pg_class c
where c.relkind in ('r', 'p') and c.relnamespace in (to_regnamespace('portal'), to_regnamespace('log'))
  and pg_has_role(current_user, c.relowner, 'member')
union all
select format('%s has tenants and no forced row-level security', c.oid::regclass)
from pg_class c
where c.relkind in ('r', 'p') and c.relnamespace in (to_regnamespace('portal'), to_regnamespace('log'))
  and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped)
  and has_table_privilege(c.oid, 'select') and not (c.relrowsecurity and c.relforcerowsecurity)
union all
select format('%s shows tenants and is no barrier that asks which', c.oid::regclass)
from pg_class c
where c.relkind in ('v', 'm') and c.relnamespace in (to_regnamespace('portal'), to_regnamespace('log'))
  and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped)
  and has_table_privilege(c.oid, 'select')
  and not (coalesce('security_barrier=true' = any(c.reloptions), false) and pg_get_viewdef(c.oid) like '%tid()%');
