"""Documents over REST: what there is of them, their bytes, links to those, and how the bytes come in."""
