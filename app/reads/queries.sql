-- checkpoints: how far each partition is folded
select partition, position, as_of from checkpoint;

-- sources: when each source was last heard, and up to when it is known to be well
select source, recorded_at, alive_at from source_watermark;

-- shipment_documents: shipments by key, each tenant's read as that tenant alone
select * from shipment_documents($1::text[], $2::text[]);

-- order_documents: orders by key, each tenant's read as that tenant alone
select * from order_documents($1::text[], $2::text[]);

-- shipment_list_newest: a page of a tenant's shipments, the newest first
select * from shipment_list_newest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- shipment_list_oldest: a page of a tenant's shipments, the oldest first
select * from shipment_list_oldest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- order_list_newest: a page of a tenant's orders, the newest first
select * from order_list_newest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- order_list_oldest: a page of a tenant's orders, the oldest first
select * from order_list_oldest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- shipment_count: how many of a tenant's shipments a list would show, up to a bound
select * from shipment_count($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- order_count: how many of a tenant's orders a list would show, up to a bound
select * from order_count($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- lookup: what a tenant's views show under an identifier
select * from lookup($1, $2, $3);


-- graphql_document: a registered GraphQL document by its hash
select document from graphql_document where id = $1;
