"""Public tracking links: `shares.py` makes, lists and revokes them, `tracked.py` is what one shows."""
