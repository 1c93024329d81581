-- register: make a document known by its hash
insert into graphql_document (id, name, document) values ($1, $2, $3) on conflict (id) do update set name = excluded.name;

-- registered: all documents there are
select id, name from graphql_document order by name, id;
