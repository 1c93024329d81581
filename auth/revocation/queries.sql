-- revocations: those after a sequence number which cover tokens that may still be accepted
select sequence, jti, client_id, subject, extract(epoch from issued_before)::float8 as issued_before,
       extract(epoch from expires_at)::float8 as expires_at
from issuer.revocation
where sequence > $1 and expires_at > now() - make_interval(secs => $2);
