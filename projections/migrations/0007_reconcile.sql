-- How far reconciliation with each upstream has come: one row a declared source.
set local role portal_owner;

-- `cursor`: the next page of a run that was broken off; null when none was. `since`: from when on changes are asked
-- for; `seen_until`: the latest change seen in the run under way. `etag`: of the whole answer since `since`.
-- What was remembered of another `url` counts for nothing.
create table log.reconciliation (
  source text primary key,
  url text not null,
  cursor text,
  since timestamptz,
  seen_until timestamptz,
  etag text,
  completed_at timestamptz
);
grant select, insert, update on log.reconciliation to portal_projector;

reset role;
