-- The embedded issuer's clients and users. Only its own role sees them: the roles that serve reads, project
-- and take in events have no business with credentials.

create schema if not exists issuer;

create table if not exists issuer.oauth_client (
    client_id   text primary key,
    -- SHA-256 of 256 random bits; see auth/issuer/clients.py.
    secret_hash bytea not null check (octet_length(secret_hash) = 32),
    name        text not null,
    -- null for operators and sources, who own no customer's data.
    tenant      text null,
    -- All tenants of a parent distributor, its own included; empty when there is only the one.
    accounts    text[] not null default '{}',
    scopes      text[] not null,
    -- Prefixes of the event sources the client may speak for; '/' is all of them.
    sources     text[] not null default '{}',
    created_at  timestamptz not null default now(),
    disabled_at timestamptz null
);

create table if not exists issuer.oauth_user (
    username      text primary key,
    -- A PHC string; see auth/issuer/users.py.
    password_hash text not null,
    tenant        text not null,
    created_at    timestamptz not null default now(),
    disabled_at   timestamptz null
);

grant usage on schema issuer to portal_issuer;
grant select, insert, update on issuer.oauth_client, issuer.oauth_user to portal_issuer;
