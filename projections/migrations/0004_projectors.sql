-- Which projectors are running, those that wait for a partition too: shares are fair by their number.
set local role portal_owner;

create table portal.projector (
  owner text primary key,
  seen_at timestamptz not null
);
grant select, insert, update, delete on portal.projector to portal_projector;

reset role;
