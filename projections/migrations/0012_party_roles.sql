-- What a client's or user's tokens say it is to shipments: who pays for them, or who only receives them.
alter table issuer.oauth_client
  add column party_role text not null default 'bill_to' check (party_role in ('bill_to', 'ship_to'));
alter table issuer.oauth_user
  add column party_role text not null default 'bill_to' check (party_role in ('bill_to', 'ship_to'));
