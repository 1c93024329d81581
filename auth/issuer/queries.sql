-- put_client: a client, changed to this one when there is one of its id
insert into issuer.oauth_client
  (client_id, secret_hash, jwks, name, tenant, accounts, scopes, sources, redirect_uris, party_role)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (client_id) do update set
  secret_hash = excluded.secret_hash, jwks = excluded.jwks, name = excluded.name, tenant = excluded.tenant,
  accounts = excluded.accounts, scopes = excluded.scopes, sources = excluded.sources,
  redirect_uris = excluded.redirect_uris, party_role = excluded.party_role

-- find_client: a client that is not disabled
select client_id, secret_hash, jwks, name, tenant, accounts, scopes, sources, redirect_uris, party_role
from issuer.oauth_client where client_id = $1 and disabled_at is null

-- list_clients: all clients, without what proves them
select client_id, name, tenant, accounts, scopes, sources, redirect_uris, party_role, disabled_at,
  case when secret_hash is not null then 'secret' when jwks is not null then 'key' else 'public' end as proves_itself_by
from issuer.oauth_client order by client_id

-- disable_client: from now on it gets no token
update issuer.oauth_client set disabled_at = coalesce(disabled_at, now()) where client_id = $1 returning client_id

-- enable_client: it gets tokens again
update issuer.oauth_client set disabled_at = null where client_id = $1 returning client_id

-- change_secret: another secret for a client that has one
update issuer.oauth_client set secret_hash = $2 where client_id = $1 and secret_hash is not null returning client_id

-- put_user: a user, changed to this one when there is one of that name
insert into issuer.oauth_user (username, password_hash, tenant, accounts, scopes, party_role)
values ($1, $2, $3, $4, $5, $6)
on conflict (username) do update set
  password_hash = excluded.password_hash, tenant = excluded.tenant, accounts = excluded.accounts,
  scopes = excluded.scopes, party_role = excluded.party_role

-- find_user: a user that is not disabled, with the hash of the password
select username, password_hash, tenant, accounts, scopes, party_role
from issuer.oauth_user where username = $1 and disabled_at is null

-- list_users: all users, without what proves them
select username, tenant, accounts, scopes, party_role, disabled_at from issuer.oauth_user order by username

-- disable_user: from now on nobody signs in under this name
update issuer.oauth_user set disabled_at = coalesce(disabled_at, now()) where username = $1 returning username

-- enable_user: the user may sign in again
update issuer.oauth_user set disabled_at = null where username = $1 returning username

-- change_password: another hash for a user
update issuer.oauth_user set password_hash = $2 where username = $1 returning username

-- rehash_password: the same password hashed anew, unless it was changed meanwhile
update issuer.oauth_user set password_hash = $3 where username = $1 and password_hash = $2

-- put_code: a code that was just given out
insert into issuer.authorization_code
  (code_hash, family, client_id, username, redirect_uri, scope, code_challenge, nonce, signed_in_at, expires_at)
values ($1, gen_random_uuid(), $2, $3, $4, $5, $6, $7, now(), now() + $8)

-- spend_code: a client's code, which from here on is spent; no row when there is none to spend
update issuer.authorization_code set spent_at = now()
where code_hash = $1 and client_id = $2 and spent_at is null and expires_at > now()
returning family, username, redirect_uri, scope, code_challenge, nonce, signed_in_at

-- family_of_spent_code: what followed from a client's code that was spent before
select family from issuer.authorization_code where code_hash = $1 and client_id = $2 and spent_at is not null

-- begin_family: what follows from a sign-in
insert into issuer.family (id, client_id, username, scope, expires_at) values ($1, $2, $3, $4, now() + $5)

-- find_refresh_token: a client's refresh token with its family, which nobody else can refresh until we are done
select t.token_hash, t.spent_at, f.id as family, f.username, f.scope
from issuer.refresh_token t join issuer.family f on f.id = t.family
where t.token_hash = $1 and f.client_id = $2 and f.revoked_at is null and f.expires_at > now()
for update of f, t

-- spend_refresh_token: it is rotated
update issuer.refresh_token set spent_at = now() where token_hash = $1

-- put_refresh_token: the refresh token that takes its place
insert into issuer.refresh_token (token_hash, family) values ($1, $2)

-- put_access_token: an access token that followed from a sign-in
insert into issuer.family_access_token (jti, family, expires_at) values ($1, $2, to_timestamp($3))

-- family_of_access_token: the family an access token belongs to
select family from issuer.family_access_token where jti = $1

-- revoke_family: its refresh tokens no longer count
update issuer.family set revoked_at = now() where id = $1 and revoked_at is null

-- revoke_families_of_client: no refresh token of a client counts any more
update issuer.family set revoked_at = now() where client_id = $1 and revoked_at is null

-- revoke_families_of_user: no refresh token of a user counts any more
update issuer.family set revoked_at = now() where username = $1 and revoked_at is null

-- revoke_access_tokens_of_family: nor do its access tokens
insert into issuer.revocation (jti, expires_at)
select t.jti, t.expires_at + $2::interval from issuer.family_access_token t
where t.family = $1 and t.expires_at > now() and not exists (select from issuer.revocation r where r.jti = t.jti)

-- revoke_access_token: one access token no longer counts
insert into issuer.revocation (jti, expires_at)
select $1::text, to_timestamp($2) + $3::interval where not exists (select from issuer.revocation where jti = $1::text)

-- revoke_of_client: no access token a client has got so far counts any more
insert into issuer.revocation (client_id, issued_before, expires_at) values ($1, clock_timestamp() + $2::interval, clock_timestamp() + $3::interval)

-- revoke_of_subject: no access token that speaks for a subject counts any more
insert into issuer.revocation (subject, issued_before, expires_at) values ($1, clock_timestamp() + $2::interval, clock_timestamp() + $3::interval)

-- is_revoked: whether a row is about this access token
select exists (
  select from issuer.revocation
  where (jti is null or jti = $1) and (client_id is null or client_id = $2) and (subject is null or subject = $3)
    and (issued_before is null or to_timestamp($4) < issued_before)
)

-- spend_assertion: the first use of a client's assertion; no row when it was used before
insert into issuer.client_assertion (client_id, jti, expires_at) values ($1, $2, to_timestamp($3))
on conflict do nothing returning jti

-- count_attempt: one more attempt in each bucket, and how many that makes in its window
insert into issuer.sign_in_attempt as a (bucket, attempts, window_ends_at)
select bucket, 1, now() + $2 from unnest($1::bytea[]) bucket order by bucket
on conflict (bucket) do update set
  attempts = case when a.window_ends_at <= now() then 1 else a.attempts + 1 end,
  window_ends_at = case when a.window_ends_at <= now() then excluded.window_ends_at else a.window_ends_at end
returning bucket, attempts, extract(epoch from window_ends_at - now())::float8 as seconds_left

-- forget_attempt: a good sign-in takes its own attempt back
update issuer.sign_in_attempt set attempts = greatest(attempts - 1, 0) where bucket = $1

-- sweep: what no longer matters to anybody
with codes as (delete from issuer.authorization_code where expires_at < now() - $1::interval),
families as (delete from issuer.family where expires_at < now()),
access_tokens as (delete from issuer.family_access_token where expires_at < now()),
assertions as (delete from issuer.client_assertion where expires_at < now()),
attempts as (delete from issuer.sign_in_attempt where window_ends_at < now())
delete from issuer.revocation where expires_at < now()
