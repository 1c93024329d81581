-- source_page: the next sources by name, heard, counted or declared
select source, w.recorded_at, w.occurred_at, w.alive_at
from (
  select source from source_watermark union select source from source_tally union select unnest($1::text[])
) known (source)
left join source_watermark w using (source)
where source > $2 collate "C"
order by source collate "C"
limit $3;

-- tallies_of: all that was counted of these sources
select source, kind, what, count from source_tally where source = any($1::text[]) order by source, kind, what;

-- partitions: how far each partition is folded, and how long ago it was known to be complete
select c.partition, p.position - c.position as behind, extract(epoch from clock_timestamp() - c.as_of)::float8 as lag_seconds
from checkpoint c join partition p using (partition)
order by c.partition;

-- quarantined: how many messages lie in quarantine, by reason
select reason, count(*) as count from quarantine group by reason order by reason;

-- held: how many events wait for what they are about, and how long the first of them has
-- across tenants: operators see how much waits, not whose
select count(*) as count, coalesce(extract(epoch from clock_timestamp() - min(held_at)), 0)::float8 as oldest_seconds from held;
