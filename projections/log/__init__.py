"""Reading the log: the next batch of some partitions, and the whole history of some subjects."""
