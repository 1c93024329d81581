-- forget_documents: these views show other documents than before
delete from document where (tenant, subject_id) in (select * from unnest($1::text[], $2::text[]));

-- forget_invoices: these orders show other invoices than before
delete from invoice where (tenant, order_id) in (select * from unnest($1::text[], $2::text[]));

-- show_documents: the documents these views show now
insert into document (tenant, id, subject_id, source, name)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]);

-- show_invoices: the invoices these orders show now
insert into invoice (tenant, id, order_id, version, status, posted_at, due_at, sources, body)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[], $7::timestamptz[],
  $8::text[], $9::bytea[]);

-- shown_to: the customers who are shown a document under the name its source gives it; of these, if any are given
-- across tenants: a source knows the documents it has brought, not whose they are
select distinct tenant from document
where source = $1 and name = $2 and ($3::text[] = '{}' or tenant = any($3::text[]))
order by tenant
limit 100;

-- kept_out: whether these bytes of a customer's document were erased with a person
select exists (
  select from log.erasure
  where tenant = $1 and kept_in = 'content' and source = $2 and place = $3 and original_digest = $4
);

-- content: what a customer's document has for bytes
select media_type, sha256, erased from content where tenant = $1 and source = $2 and name = $3;

-- alone: one at a time for one document, until the transaction ends
select pg_advisory_xact_lock(hashtextextended($1, 7236004));

-- point: a document has other bytes now; returns the key of those before
with before as (
  select blob_key from content where tenant = $1 and source = $2 and name = $3 for update
), now as (
  insert into content (tenant, source, name, media_type, size_bytes, sha256, blob_key, stored_at)
  values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
  on conflict (tenant, source, name) do update
  set media_type = excluded.media_type, size_bytes = excluded.size_bytes, sha256 = excluded.sha256,
    blob_key = excluded.blob_key, stored_at = excluded.stored_at, erased = false
)
select nullif(blob_key, '') from before;
