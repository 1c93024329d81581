-- Bytes erased with a person are known by their proof, however many others have come in their place since.
set local role portal_owner;
create index erasure_content on log.erasure (tenant, source, place) where kept_in = 'content';
grant select on log.erasure to portal_projector;
reset role;
