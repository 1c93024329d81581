-- alone: one erasure at a time; ends with the connection
select pg_advisory_lock(7236003);

-- heads: how far each partition of the log is
select partition, position from log.partition;

-- own: a tenant's events on its partition, from a position on
select partition, position, subject_id, tenant, authority, body from log.event
where partition = $1 and position > $2 and tenant = $3 order by position limit $4;

-- shared: events of no one tenant, from a position on
-- across tenants: a load's event is erased for every customer on it
select partition, position, subject_id, tenant, authority, body from log.event
where partition = $1 and position > $2 and tenant is null order by position limit $3;

-- copies: wherever else these events are
-- across tenants: a load's event is erased for every customer on it
select partition, position, subject_id, tenant, authority, body from log.event
where subject_id = any($1::text[]) and body = any($2::bytea[]);

-- rewrite: other bytes at these places of the log
-- across tenants: a load's event is erased for every customer on it
update log.event e set body = n.body
from unnest($1::smallint[], $2::bigint[], $3::bytea[]) n (partition, position, body)
where e.partition = n.partition and e.position = n.position;

-- held: what waits and may be this tenant's, from a number on; a carrier's word may be anyone's until it is placed
select key, source, event_id, event_type, authority, body, arrived from log.held
where arrived > $1 and (tenant is null or tenant = $2) order by arrived limit $3;

-- rewrite_held: other bytes for what waits
-- across tenants: a load's event is erased for every customer on it
update log.held h set body = n.body from unnest($1::bytea[], $2::bytea[]) n (key, body) where h.key = n.key;

-- quarantine: what was refused and may be this tenant's, from an entry on
select id, source, event_id, event_type, detail, settled_because, body, replacement from log.quarantine
where id > $1 and (tenants = '{}' or $2 = any(tenants)) and coalesce(declared ->> 'tenant', $2) = $2
order by id limit $3;

-- quarantine_again: these entries as they are now
select id, source, event_id, event_type, detail, settled_because, body, replacement from log.quarantine
where id = any($1::bigint[]) order by id;

-- rewrite_quarantine: other bytes and words for entries; their digest stays, so the original stays known
update log.quarantine q
set body = n.body, replacement = n.replacement, detail = n.detail, settled_because = n.settled_because
from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::text[], $5::text[])
  n (id, body, replacement, detail, settled_because)
where q.id = n.id;

-- note: what was erased of what
insert into log.erasure (erased_at, tenant, kept_in, place, source, event_id, original_digest, erased_digest)
select $1, $2, n.* from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[]) n
returning id;

-- contents: what there is of these documents' bytes
select c.source, c.name, c.sha256 from content c join unnest($2::text[], $3::text[]) n (source, name) using (source, name)
where c.tenant = $1 and not c.erased order by c.source, c.name;

-- erase_contents: these documents' bytes are there no more, and the same ones will not be taken again
update content c set erased = true from unnest($2::text[], $3::text[]) n (source, name)
where c.tenant = $1 and c.source = n.source and c.name = n.name;

-- to_drop: bytes taken away that a store still has
select source, name, blob_key from content where tenant = $1 and erased and blob_key <> '';

-- dropped: the store has them no more
update content set blob_key = '' where tenant = $1 and source = $2 and name = $3 and blob_key = $4;
