-- checkpoints: how far each partition is folded
select partition, position, as_of from checkpoint;

-- sources: when each source was last heard, and up to when it is known to be well
select source, recorded_at, alive_at from source_watermark;

-- shipment_documents: shipments by key, each tenant's read as that tenant alone
select * from shipment_documents($1::text[], $2::text[]);

-- order_documents: orders by key, each tenant's read as that tenant alone
select * from order_documents($1::text[], $2::text[]);

-- shipment_list_newest: a page of a tenant's shipments, the newest first
select id, created_at, version, sources, summary, at_risk_from from shipment_list_newest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- shipment_list_oldest: a page of a tenant's shipments, the oldest first
select id, created_at, version, sources, summary, at_risk_from from shipment_list_oldest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- order_list_newest: a page of a tenant's orders, the newest first
select id, created_at, version, sources, summary from order_list_newest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- order_list_oldest: a page of a tenant's orders, the oldest first
select id, created_at, version, sources, summary from order_list_oldest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- past: the log's rows that a document of another time is folded from
select * from past($1, $2, $3::smallint, $4, $5, $6);

-- versions: when each version of a document was first shown
select * from versions($1, $2, $3);

-- lookup: what a tenant's views show under identifiers, for each of them so many rows
select * from lookup($1, $2::text[], $3::text[], $4);

-- exception_list: a page of a tenant's open problems and delays, the newest first
select * from exception_list($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- share_list: a page of a tenant's tracking links, the newest first
select * from share_list($1, $2, $3, $4, $5);

-- share: the link with this id, each tenant's read as that tenant alone
select * from shares_by_id($1::text[], $2);

-- opened_share: the link that a token opens, while it does
select * from opened_share($1);

-- promises: which ETAs and promises a tenant was shown of a shipment, in order
select * from promises($1, $2);

-- performance: how a tenant's deliveries turned out, over all, per carrier and per lane
select * from performance($1, $2, $3, $4, $5, $6);

-- position_key: what positions are sealed with
select key from position_key;

-- documents: documents by id, each tenant's read as that tenant alone, with what there is of their bytes
select * from documents($1::text[], $2::text[]);

-- invoices: invoices by id, each tenant's read as that tenant alone
select * from invoices_by_id($1::text[], $2::text[]);

-- invoice_list_newest: a page of a tenant's invoices, the newest first
select * from invoice_list_newest($1, $2, $3, $4, $5, $6, $7, $8);

-- invoice_list_oldest: a page of a tenant's invoices, the oldest first
select * from invoice_list_oldest($1, $2, $3, $4, $5, $6, $7, $8);

-- shipment_count: how many of a tenant's shipments a list would show, up to a bound
select * from shipment_count($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- order_count: how many of a tenant's orders a list would show, up to a bound
select * from order_count($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- graphql_document: a registered GraphQL document by its hash
select document from graphql_document where id = $1;

-- changes_after: what changed after these positions, each tenant's read as that tenant alone
select * from changes_after($1::text[], $2::bigint[], $3);

-- change_heads: how far the change feeds of these tenants are
select * from change_heads($1::text[]);
