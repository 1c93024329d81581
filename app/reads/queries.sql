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

-- lookup: what a tenant's views show under an identifier
select * from lookup($1, $2, $3);

-- documents: documents by id, each tenant's read as that tenant alone, with what there is of their bytes
select * from documents($1::text[], $2::text[]);

-- invoices: an invoice by id, each tenant's read as that tenant alone
select * from invoices($1::text[], $2);

-- invoice_list_newest: a page of a tenant's invoices, the newest first
select * from invoice_list_newest($1, $2, $3, $4, $5, $6, $7, $8);

-- invoice_list_oldest: a page of a tenant's invoices, the oldest first
select * from invoice_list_oldest($1, $2, $3, $4, $5, $6, $7, $8);
