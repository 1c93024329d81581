"""The way in: decode, check, drop duplicates, resolve references, append to the log. One transaction a batch."""
