"""The one place that opens connections to Valkey or Redis, with time-outs that fit what the connection is for.

redis-py's defaults retry ten times with five-second time-outs: with the server gone, every caller
would hang. Here a call fails at once, and the caller says what follows.
"""

import asyncio
from collections.abc import Iterable

import redis.asyncio
from redis.asyncio.connection import AbstractConnection
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
    client = Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        protocol=3,
    )
    pool = client.connection_pool
    # Only the pool knows which class the URL asks for: over TCP, TLS or a socket file.
    pool.connection_class = type("Connection", (_KeepsCancellation, pool.connection_class), {})
    return client


class _KeepsCancellation(AbstractConnection):
    """Sends as its other base does, and ends by a cancellation that arrives meanwhile.

    redis-py sends under `asyncio.wait_for`, which in Python 3.11 loses one that arrives in the turn in which all is
    sent: a task told to end would go on for good.
    """

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        task = asyncio.current_task()
        cancelled = task.cancelling() if task else 0
        await super().send_packed_command(command, check_health)
        if task and task.cancelling() > cancelled:
            # The answer will not be read: none may take it for its own.
            await self.disconnect(nowait=True)
            raise asyncio.CancelledError
