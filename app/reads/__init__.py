"""The read path: process memory, then Redis, then Postgres. `path.py` tells the story."""
