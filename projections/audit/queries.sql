-- record: who did what; number, instant and digest are given by the chain
insert into portal.audit (actor, client_id, tenant, action, target, detail)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[]);

-- rows: a page of it, the newest first
select id, at, actor, client_id, tenant, action, target, detail::text as detail, encode(digest, 'hex') as digest
from portal.audit
where ($1::text is null or actor = $1) and ($2::text is null or client_id = $2)
  and ($3::text is null or tenant = $3) and ($4::text is null or starts_with(action, $4))
  and ($5::text is null or target = $5 or (action = 'read' and detail -> 'documents' ? $5))
  and ($6::timestamptz is null or at >= $6) and ($7::timestamptz is null or at < $7)
  and ($8::bigint is null or id < $8)
order by id desc
limit $9;

-- rows_in_order: all of it, the oldest first
select id, at, actor, client_id, tenant, action, target, detail::text as detail, encode(digest, 'hex') as digest
from portal.audit
where ($1::text is null or actor = $1) and ($2::text is null or client_id = $2)
  and ($3::text is null or tenant = $3) and ($4::text is null or starts_with(action, $4))
  and ($5::text is null or target = $5 or (action = 'read' and detail -> 'documents' ? $5))
  and ($6::timestamptz is null or at >= $6) and ($7::timestamptz is null or at < $7)
order by id;

-- verify: the first row that is not what it was, or not where it was; how many there are, and where they end
-- across tenants: the chain is one, whoever each row is of
select c.id as last_id, encode(c.digest, 'hex') as last_digest, r.rows, least(
  r.broken,
  -- Taken from the new end, or put there past the chain.
  case when coalesce(r.ends, c.pruned_id) <> c.id or coalesce(r.digest, c.pruned_digest) <> c.digest
    then least(coalesce(r.ends, c.pruned_id), c.id) + 1 end,
  -- Taken from the old end without a word.
  case when c.pruned_id > 0 and not exists (
      select from portal.audit a where a.action = 'audit.prune' and a.actor = 'retention'
        and a.detail @> jsonb_build_object('through', c.pruned_id, 'digest', encode(c.pruned_digest, 'hex')))
    then c.pruned_id + 1 end
) as broken
from portal.audit_chain c, lateral (
  select count(*) as rows, max(a.id) as ends,
    (array_agg(a.digest order by a.id desc) filter (where a.last))[1] as digest,
    min(a.id) filter (where a.digest <> portal.audit_digest(a.previous, a.whole)) as broken
  from (
    select a.id, a.digest, a as whole, lag(a.digest, 1, c.pruned_digest) over in_order as previous,
      lead(a.id) over in_order is null as last
    from portal.audit a
    window in_order as (order by a.id)
  ) a
) r;

-- prune: take the oldest away, as many as this; returns how many there were
select portal.prune_audit($1, $2);
