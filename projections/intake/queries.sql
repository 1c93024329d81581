-- lock: one intake transaction at a time, so that held and released, duplicate and first, position and commit cannot race
select clock_timestamp() from pg_advisory_xact_lock(7236002);

-- known_keys: which of these events were accepted or held before, and what they said then
select key, fingerprint from log.event_key where key = any($1::bytea[]);

-- correlated: what these names name
-- across tenants: a name may be any tenant's; whose it is decides what the event may say
select c.scope, c.type, c.value, c.subject_id, c.tenant
from unnest($1::text[], $2::text[], $3::text[]) n (scope, type, value)
join log.correlation c using (scope, type, value);

-- load_history: all that was said of these loads, oldest first
-- across tenants: a load carries several tenants' shipments
select subject_id, authority, body, position from log.event where subject_id = any($1::text[]) order by subject_id, position;

-- waiting_for: what is held for any of these names, in order of arrival
-- across tenants: a name may be any tenant's; placing decides
with gone as (
  delete from log.held h using unnest($1::text[], $2::text[], $3::text[]) n (scope, type, value)
  where (h.scope, h.type, h.value) = (n.scope, n.type, n.value)
  returning h.arrived, h.authority, h.body
)
select authority, body from gone order by arrived;

-- next_positions: take so many positions on each of these partitions; returns the last taken
update log.partition p set position = p.position + n.count
from unnest($1::smallint[], $2::bigint[]) n (partition, count)
where p.partition = n.partition
returning p.partition, p.position;

-- positions: how far the log is on each partition
select partition, position from log.partition;

-- remember_keys: these events are accepted or held now
insert into log.event_key (key, fingerprint) select * from unnest($1::bytea[], $2::bytea[]);

-- forget_keys: these events are not taken after all
delete from log.event_key where key = any($1::bytea[]);

-- register: these names name these subjects from now on
insert into log.correlation (scope, type, value, subject_id, tenant)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]);

-- quarantine: keep what could not be taken; the same again only counts, what was decided stands for the same reason only
insert into log.quarantine as q (
  digest, reason, detail, pointer, source, event_id, event_type, channel, body,
  source_key, declared, sources, tenants, first_seen_at, last_seen_at)
select digest, reason, detail, pointer, source, event_id, event_type, channel, body,
  source_key, declared, string_to_array(sources, ' '), string_to_array(tenants, ' '), $14, $14
from unnest(
    $1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[],
    $10::text[], $11::jsonb[], $12::text[], $13::text[])
  n (digest, reason, detail, pointer, source, event_id, event_type, channel, body,
     source_key, declared, sources, tenants)
on conflict (digest) do update
set seen_count = q.seen_count + 1, last_seen_at = excluded.last_seen_at,
    state = case when q.reason = excluded.reason then q.state else 'open' end,
    reason = excluded.reason, detail = excluded.detail, pointer = excluded.pointer;

-- hear: the latest word of each source, up to when it is known to be well, and what became of its events
with counted as (
  insert into log.source_tally as t (source, kind, what, count)
  select source, kind, '', count from unnest($5::text[], $6::text[], $7::bigint[]) n (source, kind, count)
  on conflict (source, kind, what) do update set count = t.count + excluded.count
)
insert into log.source_watermark as w (source, occurred_at, alive_at, recorded_at)
select source, occurred_at, alive_at, $4 from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) n (source, occurred_at, alive_at)
on conflict (source) do update
set occurred_at = greatest(w.occurred_at, excluded.occurred_at), alive_at = greatest(w.alive_at, excluded.alive_at),
    recorded_at = excluded.recorded_at;

-- tally: count what was refused and what was not known; past the limits, sources never understood and codes share a line
with said as (
  select n.kind, n.count,
    case when n.kind = 'quarantined'
      and not exists (select from log.source_watermark w where w.source = n.source)
      and not exists (select from log.source_tally k where k.source = n.source)
      and (select count(distinct k.source) from log.source_tally k) >= $5
    then $7 else n.source end as source,
    case when n.kind = 'unmapped'
      and not exists (select from log.source_tally k where (k.source, k.kind, k.what) = (n.source, n.kind, n.what))
      and (select count(*) from log.source_tally k where k.source = n.source and k.kind = 'unmapped') >= $6
    then $8 else n.what end as what
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) n (source, kind, what, count)
)
insert into log.source_tally as t (source, kind, what, count)
select source, kind, what, sum(count) from said group by source, kind, what order by source, kind, what
on conflict (source, kind, what) do update set count = t.count + excluded.count;

-- find_answer: what this sender was answered first under this key
select fingerprint, status, media_type, body from log.idempotent_answer
where sender = $1 and key = $2 and answered_at > clock_timestamp() - $3::interval;

-- keep_answer: remember this answer, unless there is one that still counts
insert into log.idempotent_answer as a (sender, key, fingerprint, status, media_type, body)
values ($1, $2, $3, $4, $5, $6)
on conflict (sender, key) do update
set fingerprint = excluded.fingerprint, status = excluded.status, media_type = excluded.media_type,
    body = excluded.body, answered_at = excluded.answered_at
where a.answered_at <= clock_timestamp() - $7::interval
returning true;

-- prune_answers: forget some of those that count no more
delete from log.idempotent_answer where (sender, key) in (
  select sender, key from log.idempotent_answer where answered_at <= clock_timestamp() - $1::interval
  order by answered_at limit $2 for update skip locked);

-- wake: tell the projectors that there is something to fold
select pg_notify('portal_log', '');
