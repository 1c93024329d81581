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
