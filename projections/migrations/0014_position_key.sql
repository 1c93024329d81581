-- What positions are sealed with before a client is given them: all workers must be able to open each other's.
create table portal.position_key (
  single boolean primary key default true check (single),
  key bytea not null check (octet_length(key) = 16)
);
insert into portal.position_key (key) values (uuid_send(gen_random_uuid()));
grant select on portal.position_key to portal_app;
