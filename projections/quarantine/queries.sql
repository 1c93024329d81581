-- entries: a page of what was refused, the newest first
select id, state, reason, detail, pointer, source, event_id, event_type, channel, declared ->> 'format' as format,
  source_key, sources, tenants, octet_length(body) as size_bytes, first_seen_at, last_seen_at, seen_count,
  replacement is not null as replaced, settled_at, settled_by, settled_because
from log.quarantine
where ($1::text is null or state = $1) and ($2::text is null or reason = $2)
  and ($3::text is null or starts_with(source, $3)) and ($4::text is null or event_type = $4)
  and ($5::timestamptz is null or last_seen_at >= $5)
  and ($6::bigint is null or id < $6)
order by id desc
limit $7;

-- entry: one of them
select id, state, reason, detail, pointer, source, event_id, event_type, channel, declared ->> 'format' as format,
  source_key, sources, tenants, octet_length(body) as size_bytes, first_seen_at, last_seen_at, seen_count,
  replacement is not null as replaced, settled_at, settled_by, settled_because
from log.quarantine where id = $1;

-- content: what it was refused with, and what was taken in its stead
select body, replacement from log.quarantine where id = $1;

-- discard: decide that it will not be taken
update log.quarantine set state = 'discarded', settled_at = clock_timestamp(), settled_by = $2, settled_because = $3
where id = $1 and state = 'open'
returning id;

-- to_replay: what was chosen, oldest first, as much as fits; named ones may have been discarded, others are open
select id, reason, channel, source_key, declared::text as declared, sources, tenants, body
from (
  select q.*, sum(octet_length(body)) over (order by id) - octet_length(body) as before
  from (
    select * from log.quarantine
    where case when $1::bigint[] is null then state = 'open' else id = any($1) and state <> 'replayed' end
      and ($2::text is null or reason = $2)
      and ($3::text is null or starts_with(source, $3)) and ($4::text is null or event_type = $4)
      and ($5::timestamptz is null or last_seen_at >= $5)
      and ($6::bigint is null or id > $6)
    order by id
    limit $7
  ) q
) q
where before < $8
order by id;

-- not_replayed: of these, the ones not taken meanwhile
select id from log.quarantine where id = any($1::bigint[]) and state <> 'replayed';

-- settle: what became of those that were taken again; one that was refused again stays as it was, with the new reason
update log.quarantine q
set state = case when n.reason is null then 'replayed' else 'open' end,
    reason = coalesce(n.reason, q.reason), detail = coalesce(n.detail, q.detail),
    pointer = coalesce(n.pointer, q.pointer), replacement = coalesce($5, q.replacement),
    settled_at = case when n.reason is null then clock_timestamp() else q.settled_at end,
    settled_by = case when n.reason is null then $6 else q.settled_by end,
    settled_because = case when n.reason is null then null else q.settled_because end
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) n (id, reason, detail, pointer)
where q.id = n.id;

-- held: a page of what waits, the oldest first
-- across tenants: operators belong to no customer and see what is stuck of all
select key, type, value, scope, source, event_id, event_type, tenant, held_at, arrived, octet_length(body) as size_bytes
from log.held
where ($1::text is null or starts_with(source, $1)) and ($2::text is null or event_type = $2)
  and ($3::text is null or value = $3) and ($4::timestamptz is null or held_at < $4)
  and ($5::bigint is null or arrived > $5)
order by arrived
limit $6;

-- held_event: one of them
-- across tenants: operators belong to no customer and see what is stuck of all
select key, type, value, scope, source, event_id, event_type, tenant, held_at, arrived, octet_length(body) as size_bytes
from log.held where key = $1;

-- held_content: its bytes
-- across tenants: operators belong to no customer and see what is stuck of all
select body from log.held where key = $1;

-- let_go: take one out of the hold, as if it had never come
-- across tenants: operators belong to no customer and see what is stuck of all
with gone as (delete from log.held where key = $1 returning *),
  forgotten as (delete from log.event_key where key in (select key from gone))
select key, type, value, scope, source, event_id, event_type, tenant, held_at, arrived, body,
  octet_length(body) as size_bytes
from gone;

-- discarded: the entry that keeps what was taken out of the hold
update log.quarantine
set state = 'discarded', settled_at = clock_timestamp(), settled_by = $2, settled_because = $3
where digest = $1
returning id;

-- positions: how far each partition of the log is
select partition, position from log.partition;

-- unfolded: shipments of these tenants with events that are not projected yet
select distinct e.subject_id, e.tenant
from checkpoint c join log.event e on e.partition = c.partition and e.position > c.position
where c.partition = any($1::smallint[]) and e.tenant = any($2::text[]) and starts_with(e.subject_id, 'shp_')
limit $3;
