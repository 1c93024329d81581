"""`make load`: users of all kinds against a running demo, for a while, with a table and a report."""
