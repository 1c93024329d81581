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

-- waiting_for: what is held for any of these names
-- across tenants: a name may be any tenant's; placing decides
delete from log.held h using unnest($1::text[], $2::text[], $3::text[]) n (scope, type, value)
where (h.scope, h.type, h.value) = (n.scope, n.type, n.value)
returning h.key, h.authority, h.body;

-- next_positions: take so many positions on each of these partitions; returns the last taken
update log.partition p set position = p.position + n.count
from unnest($1::smallint[], $2::bigint[]) n (partition, count)
where p.partition = n.partition
returning p.partition, p.position;

-- remember_keys: these events are accepted or held now
insert into log.event_key (key, fingerprint) select * from unnest($1::bytea[], $2::bytea[]);

-- forget_keys: these events are not taken after all
delete from log.event_key where key = any($1::bytea[]);

-- register: these names name these subjects from now on
insert into log.correlation (scope, type, value, subject_id, tenant)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]);

-- quarantine: keep what could not be taken; the same bytes again only count
insert into log.quarantine (digest, reason, detail, pointer, source, event_id, channel, body, first_seen_at, last_seen_at)
select *, $9, $9 from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[])
on conflict (digest) do update
set seen_count = log.quarantine.seen_count + 1, last_seen_at = excluded.last_seen_at,
    reason = excluded.reason, detail = excluded.detail, pointer = excluded.pointer;

-- hear: the latest word of each source
insert into log.source_watermark as w (source, occurred_at, recorded_at)
select source, occurred_at, $3 from unnest($1::text[], $2::timestamptz[]) n (source, occurred_at)
on conflict (source) do update
set occurred_at = greatest(w.occurred_at, excluded.occurred_at), recorded_at = excluded.recorded_at;

-- wake: tell the projectors that there is something to fold
select pg_notify('portal_log', '');
