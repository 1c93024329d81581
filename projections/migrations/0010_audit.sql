-- The audit log as a chain that can be verified, and pruned from its old end only; and erasing a person from the log.
-- Roles belong to the whole server, so another database may be making it at this moment.
do $$
begin
  begin
    create role portal_eraser nologin nosuperuser nobypassrls;
  exception when duplicate_object or unique_violation then null;
  end;
  begin
    grant portal_eraser to current_user;
  exception when unique_violation or sqlstate 'XX000' then null;
  end;
end $$;

set local role portal_owner;

-- Where the chain ends, and where what is left of it begins. Its one row orders those who write.
create table portal.audit_chain (
  only_one boolean primary key default true check (only_one),
  id bigint not null default 0,
  digest bytea not null default sha256(''),
  pruned_id bigint not null default 0,
  pruned_digest bytea not null default sha256('')
) with (fillfactor = 50);
insert into portal.audit_chain default values;

-- What a row's digest is of: the digest before it and all the row says, the instant in microseconds, in any time zone.
create function portal.audit_digest(previous bytea, a portal.audit) returns bytea
  language sql stable
  return sha256(previous || convert_to(jsonb_build_array(
    a.id, (extract(epoch from a.at) * 1000000)::bigint, a.actor, a.client_id, a.tenant, a.action, a.target, a.detail
  )::text, 'UTF8'));

-- What is there already is chained as it is.
drop trigger append_only on portal.audit;
grant update, delete on portal.audit to portal_owner;
alter table portal.audit alter column id drop identity, add column digest bytea;
do $$
declare
  one portal.audit;
  last bytea := sha256('');
begin
  for one in select * from portal.audit order by id loop
    last := portal.audit_digest(last, one);
    update portal.audit set digest = last where id = one.id;
    update portal.audit_chain set id = one.id, digest = last;
  end loop;
end $$;
alter table portal.audit alter column digest set not null;
revoke update on portal.audit from portal_owner;

-- Number, instant and digest are given here, whatever the writer says. A row lock, and not an advisory one, because
-- it also makes a transaction that looks at an older snapshot fail, where it would fork the chain.
create function portal.chain_audit() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  previous bytea;
begin
  select c.id + 1, c.digest into new.id, previous from portal.audit_chain c for update;
  new.at := clock_timestamp();
  new.digest := portal.audit_digest(previous, new);
  update portal.audit_chain set id = new.id, digest = new.digest;
  return new;
end $$;
create trigger chain before insert on portal.audit for each row execute function portal.chain_audit();

create trigger append_only before update or truncate on portal.audit
  for each statement execute function portal.refuse_change();

-- Not even the owner takes away what was not pruned.
create function portal.refuse_deletion() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if old.id > (select pruned_id from portal.audit_chain) then
    raise exception 'the audit log is only added to' using errcode = 'insufficient_privilege';
  end if;
  return old;
end $$;
create trigger only_pruned before delete on portal.audit for each row execute function portal.refuse_deletion();

-- The only way out: the oldest rows, so many at a time, leaving where the rest goes on from. Returns how many.
create function portal.prune_audit(p_days int, p_limit int) returns bigint
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  through bigint;
  through_digest bytea;
  rows bigint;
begin
  if p_days < 1 then
    raise exception 'the audit log is kept for a day at least' using errcode = 'insufficient_privilege';
  end if;
  -- One at a time; and no row is added meanwhile.
  perform from portal.audit_chain for update;
  select a.id, a.digest into through, through_digest
  from (
    select * from portal.audit
    where at < clock_timestamp() - make_interval(days => p_days) order by id limit p_limit
  ) a order by a.id desc limit 1;
  if through is null then
    return 0;
  end if;
  update portal.audit_chain set pruned_id = through, pruned_digest = through_digest;
  delete from portal.audit where id <= through;
  get diagnostics rows = row_count;
  insert into portal.audit (actor, client_id, action, target, detail)
  values ('retention', 'portal', 'audit.prune', 'audit/' || through, jsonb_build_object(
    'through', through, 'digest', encode(through_digest, 'hex'), 'rows', rows, 'days', p_days));
  return rows;
end $$;
revoke execute on function portal.prune_audit(int, int) from public;
grant execute on function portal.prune_audit(int, int) to portal_projector;

create index audit_at on portal.audit (at);
create index audit_actor on portal.audit (actor, id);
create index audit_target on portal.audit (target, id);
-- Which documents were read: a row says it of one reader and about a second.
create index audit_documents on portal.audit using gin ((detail -> 'documents')) where action = 'read';

grant usage on schema portal to portal_issuer, portal_eraser;
grant insert on portal.audit to portal_issuer, portal_eraser;
grant select on portal.audit_chain to portal_ops;

-- What was erased of what: the bytes that were there can still be recognised, and so can those there now.
create table log.erasure (
  id bigint generated always as identity primary key,
  erased_at timestamptz not null,
  tenant text not null,
  kept_in text not null check (kept_in in ('log', 'held', 'quarantine')),
  -- Of the log: where; of the hold: the event's key; of the quarantine: the entry.
  place text not null,
  source text,
  event_id text,
  original_digest bytea not null,
  erased_digest bytea not null
);
-- Events of no one customer, loads', are looked through for every customer's.
create index event_shared on log.event (partition, position) where tenant is null;

grant usage on schema log to portal_eraser;
grant select, insert, update (body) on log.event to portal_eraser;
grant select, update (body) on log.held to portal_eraser;
grant select, update (body, replacement, detail, settled_because) on log.quarantine to portal_eraser;
grant select on log.correlation to portal_eraser;
grant select, update on log.partition to portal_eraser;
grant select, insert on log.erasure to portal_eraser;
grant select on log.erasure to portal_ops;

reset role;
