-- What the embedded issuer remembers of people signing in, of the tokens that follow from it, and of revocations.

-- A client proves itself by a secret, by a key of its own (private_key_jwt), or, being public, by neither.
alter table issuer.oauth_client
  alter column secret_hash drop not null,
  -- Where people are sent back to. A client with one speaks for people, any other for itself.
  add column redirect_uris text[] not null default '{}',
  -- Its public keys, a JSON array of JWKs.
  add column jwks text,
  add check (secret_hash is null or jwks is null);

alter table issuer.oauth_user
  -- Operators own no customer's data.
  alter column tenant drop not null,
  add column accounts text[] not null default '{}',
  add column scopes text[] not null default '{}';

set local role portal_owner;

-- All that follows from one sign-in. When it is revoked, so is every token of it.
create table issuer.family (
  id uuid primary key,
  client_id text not null,
  username text not null,
  scope text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index family_client on issuer.family (client_id);
create index family_username on issuer.family (username);

-- Codes and refresh tokens are kept as SHA-256: both are random bits of our own making. Spent ones stay until they
-- expire, because a second use of them says that somebody has stolen one.
create table issuer.authorization_code (
  code_hash bytea primary key,
  family uuid not null,
  client_id text not null,
  username text not null,
  redirect_uri text not null,
  scope text not null,
  code_challenge text not null,
  nonce text,
  signed_in_at timestamptz not null,
  expires_at timestamptz not null,
  spent_at timestamptz
);

create table issuer.refresh_token (
  token_hash bytea primary key,
  family uuid not null references issuer.family on delete cascade,
  spent_at timestamptz
);
create index refresh_token_family on issuer.refresh_token (family);

-- The access tokens of a family that may still live, to be revoked with it.
create table issuer.family_access_token (
  jti text primary key,
  family uuid not null references issuer.family on delete cascade,
  expires_at timestamptz not null
);
create index family_access_token_family on issuer.family_access_token (family);

-- Client assertions seen (RFC 7523, section 3, rule 7): none counts twice.
create table issuer.client_assertion (
  client_id text not null,
  jti text not null,
  expires_at timestamptz not null,
  primary key (client_id, jti)
);

-- Attempts to sign in, counted in fixed windows. Losing them in a crash costs nothing.
create unlogged table issuer.sign_in_attempt (
  bucket bytea primary key,
  attempts int not null,
  window_ends_at timestamptz not null
);

-- Access tokens that no longer count. A row is about the tokens which match all it names: this `jti`, this `client_id`,
-- this subject (`sub`), issued (`iat`) before this moment. After `expires_at` no such token can be alive.
create table issuer.revocation (
  sequence bigint generated always as identity primary key,
  jti text,
  client_id text,
  subject text,
  issued_before timestamptz,
  revoked_at timestamptz not null default now(),
  expires_at timestamptz not null,
  check (jti is not null or issued_before is not null)
);
create index revocation_jti on issuer.revocation (jti);
create index revocation_expires_at on issuer.revocation (expires_at);

-- One writer at a time, from before its sequence is drawn until it commits: who has read up to a sequence has missed
-- none below it.
create function issuer.one_writer() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('issuer.revocation'));
  return null;
end $$;
create trigger in_order before insert on issuer.revocation for each statement execute function issuer.one_writer();

grant usage on schema issuer to portal_issuer, portal_app;
grant select on issuer.revocation to portal_app;
grant select, insert, update, delete on issuer.family, issuer.authorization_code, issuer.refresh_token,
  issuer.family_access_token, issuer.client_assertion, issuer.sign_in_attempt, issuer.revocation to portal_issuer;

reset role;
