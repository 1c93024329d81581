"""The one place that opens connections to Valkey or Redis, with time-outs that fit what the connection is for.

redis-py's defaults retry ten times with five-second time-outs: with the server gone, every caller
would hang. Here a call fails at once, and the caller says what follows.
"""

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

# What a call raises when the server is gone, hung, full or being failed over.
UNAVAILABLE = (RedisConnectionError, RedisTimeoutError, OutOfMemoryError, ReadOnlyError, OSError)

__all__ = ["UNAVAILABLE", "Redis", "ResponseError", "open_redis"]

Redis = redis.asyncio.Redis


def open_redis(url: str, *, timeout_seconds: float = 0.2) -> Redis:
    """A client that answers in bytes. A blocking read needs a client of its own with a longer time-out."""
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        protocol=3,
    )
