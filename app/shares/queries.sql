-- act_as: the tenant this transaction writes for; the second wall holds writers to it too
select set_config('app.tenant', $1, true);

-- create: a new link, by its token's digest
insert into share (tenant, id, token_hash, subject_id, note, created_by, expires_at)
values ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(days => $7))
returning *;

-- revoke: end a link; no row when it was ended before
update share set revoked_at = clock_timestamp() where tenant = $1 and id = $2 and revoked_at is null returning id;
