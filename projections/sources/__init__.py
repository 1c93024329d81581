"""Source adapters: from a native message's bytes to canonical events. Pure; `registry.py` lists them."""
