-- Tokens taken back before their time. The issuer writes it; every worker that serves reads it, a few times a second.

create table if not exists issuer.revocation (
    sequence      bigint generated always as identity primary key,
    -- What a token must fit to be covered; null fits all.
    jti           text null,
    client_id     text null,
    subject       text null,
    issued_before timestamptz null,
    revoked_at    timestamptz not null default now(),
    -- When the last token it covers has expired.
    expires_at    timestamptz not null
);

grant usage on schema issuer to portal_app;
grant select on issuer.revocation to portal_app;
grant select, insert, delete on issuer.revocation to portal_issuer;
