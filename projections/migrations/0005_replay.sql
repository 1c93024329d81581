-- What taking a refused message again needs, who decided about it, what operators may see, and who did what.
-- Roles belong to the whole server, so another database may be making it at this moment.
do $$
begin
  begin
    create role portal_ops nologin nosuperuser nobypassrls;
  exception when duplicate_object or unique_violation then null;
  end;
  begin
    grant portal_ops to current_user;
  exception when unique_violation or sqlstate 'XX000' then null;
  end;
end $$;

set local role portal_owner;
grant usage on schema log, portal to portal_ops;

-- `sources` null: its sender may speak for any. `declared`: the source of a native message, as it was declared then.
-- The `settled` columns say who last decided, also when the entry was opened again since.
alter table log.quarantine
  add column event_type text,
  add column source_key text,
  add column declared jsonb,
  add column sources text[],
  add column tenants text[] not null default '{}',
  add column state text not null default 'open' check (state in ('open', 'replayed', 'discarded')),
  add column settled_at timestamptz,
  add column settled_by text,
  add column settled_because text,
  add column replacement bytea;
-- For whom the senders of what is there already could speak was not kept: taken again, it may speak for nobody.
update log.quarantine set sources = '{}' where channel like 'http%';
create index quarantine_open on log.quarantine (id) where state = 'open';

-- What is released is released in the order in which it came.
alter table log.held add column arrived bigint generated always as identity;
create unique index held_arrived on log.held (arrived);

grant select on log.quarantine, log.held, log.event, log.source_watermark, log.partition, portal.checkpoint to portal_ops;

create table portal.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  client_id text not null,
  tenant text,
  action text not null,
  target text not null,
  detail jsonb not null default '{}'
);
grant insert on portal.audit to portal_projector;
grant select on portal.audit to portal_ops;

-- Not even the owner of the table changes what is written.
create function portal.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is only added to' using errcode = 'insufficient_privilege';
end $$;
create trigger append_only before update or delete or truncate on portal.audit
  for each statement execute function portal.refuse_change();
revoke update, delete, truncate on portal.audit from portal_owner;

reset role;
