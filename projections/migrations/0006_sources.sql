-- What is known of each source: how well it is heard, and what became of its messages. And answers kept for resends.
set local role portal_owner;

-- Up to when a source is known to be well: any event shows that it spoke when we heard it, a heartbeat only what it says.
alter table log.source_watermark add column alive_at timestamptz not null default clock_timestamp();
update log.source_watermark set alive_at = recorded_at;

-- Happenings, counted in the transaction that brings them about. `what` is the reason, or the source's own code.
create table log.source_tally (
  source text not null,
  kind text not null check (kind in ('accepted', 'duplicate', 'held', 'quarantined', 'unmapped')),
  what text not null,
  count bigint not null,
  primary key (source, kind, what)
) with (fillfactor = 50);

-- The first answer under each Idempotency-Key of a sender; `sender` also says to which path.
create table log.idempotent_answer (
  sender text not null,
  key text not null,
  fingerprint bytea not null,
  status smallint not null,
  media_type text not null,
  body bytea not null,
  answered_at timestamptz not null default clock_timestamp(),
  primary key (sender, key)
);
create index idempotent_answer_age on log.idempotent_answer (answered_at);

grant select, insert, update on log.source_tally to portal_projector;
grant select, insert, update, delete on log.idempotent_answer to portal_projector;

grant usage on schema log, portal to portal_ops;
grant select on log.source_watermark, log.source_tally, log.partition, log.quarantine, log.held, portal.checkpoint
  to portal_ops;

reset role;
