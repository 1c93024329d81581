-- forget: take all pieces of a blob away
delete from blob_piece where tenant = $1 and key = $2;

-- add: one piece of a blob
insert into blob_piece (tenant, key, number, bytes) values ($1, $2, $3, $4);

-- pieces: some of a blob's pieces, in order
select * from blob_pieces($1, $2, $3, $4);

-- size: how large a blob is; null when it has no piece
select sum(octet_length(bytes)) from blob_piece where tenant = $1 and key = $2;
