"""What the feed is called: all that a source writing to it has to know."""

GROUP = "intake"
FIELD = b"event"


def stream_name(shard: int) -> str:
    """The stream of one shard of the feed."""
    return f"portal:feed:{shard}"
