"""Where events wait to be taken in: Redis Streams."""
