-- lock: one run of a source at a time, for as long as this connection lives
select pg_try_advisory_lock(7236007, hashtext($1));

-- progress: how far the last run of a source came
select url, cursor, since, seen_until, etag, completed_at from log.reconciliation where source = $1;

-- save: how far it is now
insert into log.reconciliation (source, url, cursor, since, seen_until, etag, completed_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (source) do update
set url = excluded.url, cursor = excluded.cursor, since = excluded.since, seen_until = excluded.seen_until,
  etag = excluded.etag, completed_at = excluded.completed_at;
