-- What hangs on orders and shipments and can be asked for by itself: documents and invoices; and documents' bytes.
set local role portal_owner;

-- Which documents each view shows, by public id; what is said of one stands in its view.
create table portal.document (
  tenant text not null,
  id text not null,
  subject_id text not null,
  source text not null,
  name text not null,
  primary key (tenant, id)
);
create index document_subject on portal.document (tenant, subject_id);
-- Bytes come under the name their source gave the document, and a source knows no tenants.
create index document_name on portal.document (source, name);

-- Invoices as orders show them, ready to be served, beside the columns lists filter by.
create table portal.invoice (
  tenant text not null,
  id text not null,
  order_id text not null,
  version bigint not null,
  status text not null,
  posted_at timestamptz not null,
  due_at timestamptz,
  sources text not null,
  body bytea not null,
  primary key (tenant, id)
);
create index invoice_list on portal.invoice (tenant, posted_at desc, id desc);
create index invoice_order on portal.invoice (tenant, order_id);

-- A document's bytes as last given by its source: what they are, and under which key the blob store has them.
-- Erased: they were taken away with a person, and the same ones are not taken again.
create table portal.content (
  tenant text not null,
  source text not null,
  name text not null,
  media_type text not null,
  size_bytes bigint not null,
  sha256 bytea not null,
  blob_key text not null,
  stored_at timestamptz not null,
  erased boolean not null default false,
  primary key (tenant, source, name)
);

-- The blob store that needs nothing else. In pieces, so that a part is read without the whole.
create table portal.blob_piece (
  tenant text not null,
  key text not null,
  number int not null,
  bytes bytea not null,
  primary key (tenant, key, number)
);
-- What is stored is compressed already, as a rule.
alter table portal.blob_piece alter column bytes set storage external;

grant select, insert, delete on portal.document, portal.invoice to portal_projector;
grant select, insert, update, delete on portal.content, portal.blob_piece to portal_projector;
grant select on portal.document, portal.invoice, portal.content, portal.blob_piece to portal_app;
grant select, update on portal.content to portal_eraser;
grant select, delete on portal.blob_piece to portal_eraser;

do $$
declare
  table_name text;
begin
  foreach table_name in array array['document', 'invoice', 'content', 'blob_piece'] loop
    execute format('alter table portal.%I enable row level security', table_name);
    execute format('alter table portal.%I force row level security', table_name);
    execute format('create policy own_rows on portal.%I for select to portal_app using (tenant = (select portal.tid()))', table_name);
    execute format('create policy fold on portal.%I to portal_projector using (true) with check (tenant <> '''')', table_name);
  end loop;
end $$;
create policy erase on portal.content to portal_eraser using (true) with check (tenant <> '');
create policy erase on portal.blob_piece for delete to portal_eraser using (true);
create policy erase_which on portal.blob_piece for select to portal_eraser using (true);

-- Bytes of documents can be erased too; where: the document's name at its source.
alter table log.erasure drop constraint erasure_kept_in_check;
alter table log.erasure add constraint erasure_kept_in_check
  check (kept_in in ('log', 'held', 'quarantine', 'content'));

-- Documents by id, with what is known of their bytes.
create function portal.documents(p_tenants text[], p_ids text[])
  returns table (
    tenant text, id text, subject_id text, name text,
    media_type text, size_bytes bigint, sha256 bytea, blob_key text, stored_at timestamptz)
  language plpgsql as $$
declare
  one text;
begin
  for one in select distinct unnest(p_tenants) loop
    perform set_config('app.tenant', one, true);
    return query
      select d.tenant, d.id, d.subject_id, d.name, c.media_type, c.size_bytes, c.sha256, c.blob_key, c.stored_at
      from portal.document d
      left join portal.content c
        on c.tenant = one and c.source = d.source and c.name = d.name and not c.erased
      where d.tenant = one and d.id = any(p_ids);
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

-- Some of a blob's pieces, in order.
create function portal.blob_pieces(p_tenant text, p_key text, p_first int, p_last int)
  returns table (bytes bytea)
  language plpgsql as $$
begin
  perform set_config('app.tenant', p_tenant, true);
  return query
    select b.bytes from portal.blob_piece b
    where b.tenant = p_tenant and b.key = p_key and b.number between p_first and p_last
    order by b.number;
  perform set_config('app.tenant', '', true);
end $$;

create function portal.invoices(p_tenants text[], p_id text)
  returns table (tenant text, order_id text, sources text, body bytea)
  language plpgsql as $$
declare
  one text;
begin
  for one in select distinct unnest(p_tenants) loop
    perform set_config('app.tenant', one, true);
    return query
      select v.tenant, v.order_id, v.sources, v.body from portal.invoice v where v.tenant = one and v.id = p_id;
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

do $$
declare
  direction record;
begin
  for direction in
    select * from (values ('newest', '<', 'desc', 'infinity'), ('oldest', '>', 'asc', '-infinity'))
      d (name, comparison, ordering, start)
  loop
    execute format($f$
      create function portal.invoice_list_%1$s(
        p_tenant text, p_limit int, p_after timestamptz, p_after_id text,
        p_status text[], p_order_id text, p_reference text, p_due_before timestamptz)
      returns table (id text, posted_at timestamptz, version bigint, sources text, body bytea)
      language plpgsql as $body$
      begin
        perform set_config('app.tenant', p_tenant, true);
        return query
          select v.id, v.posted_at, v.version, v.sources, v.body
          from portal.invoice v
          where v.tenant = p_tenant
            and (v.posted_at, v.id) %2$s (coalesce(p_after, %4$L::timestamptz), coalesce(p_after_id, ''))
            and (p_status is null or v.status = any(p_status))
            and (p_order_id is null or v.order_id = p_order_id)
            and (p_due_before is null or v.due_at < p_due_before)
            and (p_reference is null or v.order_id in (
              select r.subject_id from portal.reference r where r.tenant = p_tenant and r.value = p_reference))
          order by v.posted_at %3$s, v.id %3$s
          limit p_limit;
        perform set_config('app.tenant', '', true);
      end $body$
    $f$, direction.name, direction.comparison, direction.ordering, direction.start);
  end loop;
end $$;

reset role;
